import { networkTexts as texts } from "./texts.ts";

/** The address of a server as it was meant, or why it is none. `pageUrl` is the page's own. */
export function readServerUrl(text: string, pageUrl: string): { readonly url: string } | { readonly problem: string } {
  const trimmed = text.trim();
  if (trimmed === "") return { problem: texts.urlMissing };
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed);
  const whole = hasScheme ? trimmed : `${isLocal(trimmed) ? "http" : schemeFor(trimmed, pageUrl)}://${trimmed}`;
  if (!URL.canParse(whole)) return { problem: texts.urlWrong };
  const url = new URL(whole);
  if ((url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "")
    return { problem: texts.urlWrong };
  if (url.username !== "" || url.password !== "") return { problem: texts.urlCredentials };
  if (url.search !== "" || url.hash !== "") return { problem: texts.urlWrong };
  const page = new URL(pageUrl);
  if (page.protocol === "https:" && url.protocol === "http:" && !isLocal(url.host))
    return { problem: texts.urlInsecure };
  const path = url.pathname.replace(/\/+$/, "");
  // The server that the page came from goes by no name: it stays the same one under another.
  if (url.origin === page.origin && path === "") return { url: "" };
  return { url: `${url.origin}${path}` };
}

/** What was typed without a scheme is HTTP where a port is named, as development networks have it. */
function schemeFor(text: string, pageUrl: string): "http" | "https" {
  return /:\d+(\/|$)/.test(text) && !pageUrl.startsWith("https:") ? "http" : "https";
}

/** Browsers take this computer for safe over plain HTTP too. */
function isLocal(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(\/|$)/i.test(host);
}

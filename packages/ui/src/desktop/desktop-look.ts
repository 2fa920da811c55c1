import { desktopFetch, type Page, sessionElement } from "./desktop-session.ts";

/** Theme and unit of amounts, as the desktop's local process remembers them; what is absent was not chosen. */
export interface DesktopLook {
  readonly theme?: "dark" | "light" | "auto";
  readonly unit?: "BTC" | "sats";
}

/** What was chosen when the document came: it stands in it, so that the first paint is right. */
export function desktopLook(page: Page | undefined = globalThis.document): DesktopLook {
  const element = sessionElement(page);
  return readLook({ theme: element?.getAttribute("data-theme"), unit: element?.getAttribute("data-unit") });
}

/** What of a look is known. */
export function readLook({ theme, unit }: { readonly theme?: unknown; readonly unit?: unknown }): DesktopLook {
  return {
    ...((theme === "dark" || theme === "light" || theme === "auto") && { theme }),
    ...((unit === "BTC" || unit === "sats") && { unit }),
  };
}

const watchers = new Set<(look: DesktopLook) => void>();

/** Calls `watcher` when another window was given another look, until the answer is called. */
export function watchLook(watcher: (look: DesktopLook) => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

/** Another window was given this look. */
export function tellLook(look: DesktopLook): void {
  for (const watcher of [...watchers]) watcher(look);
}

/** Has the local process remember a choice. Where it cannot, the choice lasts as long as the page. */
export function rememberLook(change: DesktopLook, send: typeof fetch = desktopFetch): void {
  send("/desktop/look", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  }).catch(() => {});
}

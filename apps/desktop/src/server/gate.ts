import type { IncomingMessage } from "node:http";
import { DESKTOP_APPS, type DesktopApp } from "../apps.ts";
import { isSameSecret } from "./one-time-tokens.ts";

/** What opens the local process, all of it made anew at every start and kept in memory alone. */
export interface SessionSecrets {
  readonly cookie: string;
  /** Of each app: names it too, so that each has a network of its own. */
  readonly keys: Readonly<Record<DesktopApp, string>>;
}

/** What a request may do. `refused`: not even to learn what is here. */
export type Admission =
  | { readonly kind: "refused" }
  /** Shows a one-time token, which is still to be looked at. */
  | { readonly kind: "opening" }
  /** A file of a page: the cookie was right. */
  | { readonly kind: "page" }
  /** Cookie and key were right. */
  | { readonly kind: "app"; readonly app: DesktopApp };

export const SESSION_HEADER = "x-bitfleet-session";
/** By which a page names itself: for keeping pages apart, and no secret. */
export const PAGE_HEADER = "x-bitfleet-page";
/** Where the key stands in the address of a stream: what opens those in a browser can send no header. */
export const SESSION_PARAMETER = "session";
export const OPEN_PATH = "/open";

const STREAM_PATHS: readonly string[] = ["/desktop/events", "/api/v1/events"];
/** What an address may be written with. */
const PLAIN_PATH = /^\/[A-Za-z0-9._~:@!$&'()*+,;=%/-]*$/;

/**
 * Whether a request may pass, before anything else looks at it. `port` is where the process listens: what was sent to another name of this
 * machine is refused, since that name may be anybody's (DNS rebinding), and what another page sends is refused as well.
 */
export function admit(
  request: Pick<IncomingMessage, "method" | "url" | "headers">,
  port: number,
  secrets: SessionSecrets,
): Admission {
  const { method = "", headers } = request;
  const host = `127.0.0.1:${port}`;
  const path = pathOf(request.url);
  if (path === undefined || headers.host !== host) return REFUSED;
  if (path === OPEN_PATH) return isOpening(method, headers.origin, host) ? { kind: "opening" } : REFUSED;
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) return REFUSED;
  if (!hasCookie(headers.cookie, cookieName(port), secrets.cookie)) return REFUSED;
  if (!isGuarded(path)) return method === "GET" || method === "HEAD" ? { kind: "page" } : REFUSED;
  const key = keyOf(request, path);
  const app = DESKTOP_APPS.find((one) => isSameSecret(key, secrets.keys[one]));
  return app === undefined ? REFUSED : { kind: "app", app };
}

const REFUSED: Admission = { kind: "refused" };

/** Cookies know no ports: each process has a name of its own for it. */
export const cookieName = (port: number) => `bitfleet-${port}`;

/** The path of a request, decoded; `undefined` where it could be read in two ways. */
export function pathOf(url: string | undefined): string | undefined {
  const path = (url ?? "").split("?", 1)[0]!;
  const decoded = PLAIN_PATH.test(path) ? tryDecode(path) : undefined;
  if (decoded === undefined || /\\|\/\/|\0|(^|\/)\.{1,2}(\/|$)/.test(decoded)) return undefined;
  // Names of things may have a slash in them, names of files have none.
  const hasHiddenSlash = decoded.split("/").length !== path.split("/").length;
  return hasHiddenSlash && !isGuarded(path) ? undefined : decoded;
}

function tryDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What takes the key beside the cookie: everything that answers or does something. */
export const isGuarded = (path: string) => /^\/(desktop|api|esplora|health|metrics)/i.test(path);

/** The file that opens a browser's window sends a form, and has no origin. */
function isOpening(method: string, origin: string | undefined, host: string): boolean {
  if (method === "GET") return origin === undefined || origin === `http://${host}`;
  return method === "POST" && (origin === undefined || origin === "null");
}

function hasCookie(header: string | undefined, name: string, expected: string): boolean {
  const prefix = `${name}=`;
  const found = (header ?? "").split(";").find((one) => one.trim().startsWith(prefix));
  return found !== undefined && isSameSecret(found.trim().slice(prefix.length), expected);
}

function keyOf({ method, url, headers }: Pick<IncomingMessage, "method" | "url" | "headers">, path: string): string {
  const header = headers[SESSION_HEADER];
  if (typeof header === "string") return header;
  if (method !== "GET" || !STREAM_PATHS.includes(path)) return "";
  const query = new URLSearchParams((url ?? "").split("?").slice(1).join("?"));
  return query.get(SESSION_PARAMETER) ?? "";
}

/** What a page calls itself; `undefined` where it does not. */
export function pageOf({ headers }: Pick<IncomingMessage, "headers">): string | undefined {
  const name = headers[PAGE_HEADER];
  return typeof name === "string" && /^[\w-]{8,64}$/.test(name) ? name : undefined;
}

/** The address without the key, for whom it is forwarded to. */
export function withoutSession(url: string): string {
  const start = url.indexOf("?");
  if (start === -1) return url;
  const parameters = url.slice(start + 1).split("&");
  const others = parameters.filter((one) => !new URLSearchParams(one).has(SESSION_PARAMETER));
  return others.length === 0 ? url.slice(0, start) : `${url.slice(0, start)}?${others.join("&")}`;
}

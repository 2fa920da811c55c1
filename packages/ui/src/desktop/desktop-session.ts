import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";

/**
 * In the desktop's window the page comes from a local process (apps/desktop), which answers nothing to requests without the window's cookie
 * and, where it matters, without the session's key in a header too: another page in the same browser has the one but not the other.
 */

/** The name of the element that the local process puts into every document of the window; its content is the key. */
const META_NAME = "bitfleet-desktop";
export const SESSION_HEADER = "x-bitfleet-session";
/** Names the page itself, which no other page and no other load of the same is: the process forgets what it lent to one that is gone. */
export const PAGE_HEADER = "x-bitfleet-page";

export interface DesktopSession {
  readonly key: string;
}

/** What of a document is read. */
export interface Page {
  querySelector(selectors: string): { getAttribute(name: string): string | null } | null;
}

/** The element by which the local process tells a document what it is in; none in a plain browser. */
export const sessionElement = (page: Page | undefined) => page?.querySelector(`meta[name="${META_NAME}"]`) ?? undefined;

/**
 * The window's session; `undefined` in a plain browser. It is read from the document alone, which has it under every path: what
 * a browser writes down would outlast the process.
 */
export function desktopSession(page: Page | undefined = globalThis.document): DesktopSession | undefined {
  const key = sessionElement(page)?.getAttribute("content") ?? "";
  return key === "" ? undefined : { key };
}

/** `fetch` for everything that the page asks of where it came from: with the session's key in the desktop, and as it is elsewhere. */
export const desktopFetch: typeof fetch = (input, options) => {
  const session = desktopSession();
  return session === undefined ? fetch(input, options) : fetchWith(session, location.href)(input, options);
};

const PAGE_ID_BYTES = 12;
let ownPageId: string | undefined;

function pageId(): string {
  ownPageId ??= toHex(crypto.getRandomValues(new Uint8Array(PAGE_ID_BYTES)));
  return ownPageId;
}

/** `fetch` with the session's key and the page's name, which go to the origin of `pageUrl` and to no other. */
export function fetchWith({ key }: DesktopSession, pageUrl: string, send: typeof fetch = fetch): typeof fetch {
  return (input, options) => {
    const isRequest = input instanceof Request;
    const { origin } = new URL(isRequest ? input.url : input, pageUrl);
    if (origin !== new URL(pageUrl).origin) return send(input, options);
    const headers = new Headers(options?.headers ?? (isRequest ? input.headers : undefined));
    headers.set(SESSION_HEADER, key);
    headers.set(PAGE_HEADER, pageId());
    return send(input, { ...options, headers });
  };
}

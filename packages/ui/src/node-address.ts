/** Which node the page talks to: "" for the one it came from, else an origin, as http://10.0.0.5:8080. */

const STORAGE_KEY = "bitfleet.node";

/** As it was when the page was loaded: another choice begins with a reload. */
export const nodeAddress: string = remembered();

/** Remembers the node for the next load. "" is the page's own. */
export function rememberNodeAddress(address: string): void {
  try {
    if (address === "") localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, address);
  } catch {
    // A browser that keeps nothing talks to the page's own node.
  }
}

/**
 * The origin that was meant: `10.0.0.5:8080` and `http://10.0.0.5:8080/blocks` are `http://10.0.0.5:8080`; "" where it is empty or the
 * page's own, `undefined` where it is none.
 */
export function parseNodeAddress(text: string, ownOrigin: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (!URL.canParse(withScheme)) return undefined;
  const { protocol, origin, username, password } = new URL(withScheme);
  if ((protocol !== "http:" && protocol !== "https:") || username !== "" || password !== "") return undefined;
  return origin === ownOrigin ? "" : origin;
}

function remembered(): string {
  try {
    return parseNodeAddress(localStorage.getItem(STORAGE_KEY) ?? "", location.origin) ?? "";
  } catch {
    return "";
  }
}

/** The network that an app of this process talks to. */
export interface Target {
  /** Without a slash at its end. */
  readonly url: string;
  readonly apiKey: string;
}

const URL_LENGTH_MAX = 2048;
const KEY_LENGTH_MAX = 1024;

/** Where the programs look for a network that nobody named: the page of `bitfleet up`. */
export const TARGET_URL_DEFAULT = "http://127.0.0.1:8080";

/** A target as it was given; a sentence that says why it is none. */
export function readTarget(url: unknown, apiKey: unknown = ""): Target | { readonly error: string } {
  if (typeof url !== "string" || url.length > URL_LENGTH_MAX) return { error: `${EXPECTED_URL}.` };
  if (typeof apiKey !== "string" || apiKey.length > KEY_LENGTH_MAX || !/^[\x21-\x7e]*$/.test(apiKey)) {
    return { error: "The API key must be text without spaces or special characters: copy it again." };
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return { error: `${EXPECTED_URL}: not "${url}".` };
  if (parsed.username !== "" || parsed.password !== "") {
    return { error: "The address may have no user name and password in it: give the key in its own field." };
  }
  if (parsed.search !== "" || parsed.hash !== "") return { error: `${EXPECTED_URL}, without ? and #.` };
  return { url: `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`, apiKey };
}

const EXPECTED_URL = "The address of a network begins with http:// or https://, as http://localhost:8080";

/** Path of Esplora's routes at a web server of ours, and here. */
const ESPLORA_PREFIX = "/esplora";

/**
 * The address at the target of what was asked for here. A target with a path is an Esplora server, whose routes stand right behind it; the
 * rest it may have at its root.
 */
export function addressAt(target: Target, pathAndQuery: string): URL {
  const base = new URL(target.url);
  const isEsplora = base.pathname !== "/" && pathAndQuery.startsWith(`${ESPLORA_PREFIX}/`);
  const prefix = isEsplora ? base.pathname.replace(/\/+$/, "") : "";
  return new URL(`${base.origin}${prefix}${isEsplora ? pathAndQuery.slice(ESPLORA_PREFIX.length) : pathAndQuery}`);
}

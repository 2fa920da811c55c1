/** Of a path in front of the routes: names of networks and folders are shorter. What is longer may be a key, which is not to stand in links and histories. */
const SEGMENT_LENGTH_MAX = 16;

/**
 * Where a server shows its chain to people: an address that `/tx/<txid>`, `/address/<address>` and `/block/<hash>` are put behind, as Bitfleet's web server,
 * Esplora and mempool.space have them; `undefined` where nothing tells. `baseUrl` is that of the routes a wallet asks; "" is the server of the page.
 * Names, passwords and whatever stands behind a `?` are no part of it.
 */
export function pagesUrlOf(protocol: "watch" | "esplora", baseUrl: string): string | undefined {
  const isOfPage = baseUrl === "" || baseUrl.startsWith("/");
  const url = isOfPage ? undefined : new URL(baseUrl);
  if (url !== undefined && !/^https?:$/u.test(url.protocol)) return undefined;
  const origin = url?.origin ?? "";
  const path = (url?.pathname ?? baseUrl).replace(/\/+$/u, "");
  // Bitfleet's own are at the root alone.
  if (protocol === "watch") return path === "" ? origin : undefined;
  const end = /\/api$/u.exec(path)?.[0] ?? (path === "/esplora" ? path : undefined);
  if (end === undefined) return undefined;
  const before = path.slice(0, -end.length);
  return before.split("/").some(({ length }) => length > SEGMENT_LENGTH_MAX) ? undefined : origin + before;
}

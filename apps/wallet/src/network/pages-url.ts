/**
 * Where a server shows its chain to people: an address that `/tx/<txid>`, `/address/<address>` and `/block/<hash>` are put behind, as Bitfleet's web server,
 * Esplora and mempool.space have them; `undefined` where nothing tells. `baseUrl` is that of the routes a wallet asks; "" is the server of the page.
 */
export function pagesUrlOf(protocol: "watch" | "esplora", baseUrl: string): string | undefined {
  const path = baseUrl === "" || baseUrl.startsWith("/") ? baseUrl : new URL(baseUrl).pathname.replace(/\/+$/u, "");
  // Bitfleet's own are at the root alone.
  if (protocol === "watch") return path === "" ? baseUrl : undefined;
  const end = /\/api$/u.exec(path)?.[0] ?? (path === "/esplora" ? path : undefined);
  return end === undefined ? undefined : baseUrl.slice(0, -end.length);
}

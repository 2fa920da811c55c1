type RawSearch = Readonly<Record<string, unknown>>;

/** A page number of the address bar, counted from 1. Anything that is none means the first page. */
export function pageSearch(search: RawSearch): { readonly page?: number } {
  const page = Number(search.page);
  return Number.isSafeInteger(page) && page > 1 ? { page } : {};
}

/** Which tab of a page is open: every page may have tabs. */
export function tabSearch(search: RawSearch): { readonly tab?: string } {
  return typeof search.tab === "string" && /^[a-z0-9-]{1,32}$/.test(search.tab) ? { tab: search.tab } : {};
}

/** Which transaction of a wallet is looked at. */
export function walletSearch(search: RawSearch): { readonly tx?: string } {
  return typeof search.tx === "string" && /^[0-9a-f]{64}$/.test(search.tx) ? { tx: search.tx } : {};
}

/** Which method of JSON-RPC is open. */
export function consoleSearch(search: RawSearch): { readonly method?: string } {
  return typeof search.method === "string" && /^[a-z0-9]{1,64}$/.test(search.method) ? { method: search.method } : {};
}

/** What the address bar has behind the question mark, as it stands there. */
export type RawSearch = Readonly<Record<string, unknown>>;

/** Which tab of a page is open: every page may have tabs. */
export function tabSearch(search: RawSearch): { readonly tab?: string } {
  return typeof search.tab === "string" && /^[a-z0-9-]{1,32}$/.test(search.tab) ? { tab: search.tab } : {};
}

/**
 * What reads a page's part of the address, as the router is given it. Whatever that leaves out the router would take from the raw
 * address instead, of whatever type it is there: so it is told as absent.
 */
export function only<Search extends object>(read: (raw: RawSearch) => Search): (raw: RawSearch) => Search {
  return (raw) => {
    const absent = Object.fromEntries(Object.keys(raw).map((name) => [name, undefined]));
    return { ...absent, ...tabSearch(raw), ...read(raw) };
  };
}

const STORAGE_KEY = "bitfleet.admin-key";

/** The admin key that was last accepted, until the tab closes; "" where there is none. Pages of other origins cannot read it. */
export function rememberedAdminKey(): string {
  try {
    return sessionStorage.getItem(STORAGE_KEY) ?? "";
  } catch {
    return "";
  }
}

/** "" forgets it. */
export function rememberAdminKey(key: string): void {
  try {
    if (key === "") sessionStorage.removeItem(STORAGE_KEY);
    else sessionStorage.setItem(STORAGE_KEY, key);
  } catch {
    // A browser that keeps nothing: it is asked for again.
  }
}

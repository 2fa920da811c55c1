/** Keys that were accepted, until the tab closes; "" where there is none. Pages of other origins cannot read them. */

/** What the miner's controls send. */
const ADMIN_KEY = "bitfleet.admin-key";
/** What every reading sends, where the node asks for a key there: another one, since answers to who has a key are kept by no cache. */
const READING_KEY = "bitfleet.reading-key";

export const rememberedAdminKey = () => remembered(ADMIN_KEY);
/** "" forgets it. */
export const rememberAdminKey = (key: string) => remember(ADMIN_KEY, key);
export const rememberedReadingKey = () => remembered(READING_KEY);
/** "" forgets it. */
export const rememberReadingKey = (key: string) => remember(READING_KEY, key);

function remembered(name: string): string {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function remember(name: string, key: string): void {
  try {
    if (key === "") sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, key);
  } catch {
    // A browser that keeps nothing: it is asked for again.
  }
}

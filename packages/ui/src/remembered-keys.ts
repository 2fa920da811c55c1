/** Keys that were accepted, until the tab closes; "" where there is none. Pages of other origins cannot read them. */

/** What the controls of miner and faucet send. */
const ADMIN_KEY = "bitfleet.admin-key";
/** What every reading sends, where the node asks for a key there: another one, since answers to who has a key are kept by no cache. */
const READING_KEY = "bitfleet.reading-key";

export const rememberedAdminKey = () => remembered(ADMIN_KEY);
/** "" forgets it. */
export function rememberAdminKey(key: string): void {
  remember(ADMIN_KEY, key);
  for (const listener of adminKeyListeners) listener();
}
/** Tells `listener` whenever the admin key is remembered or forgotten. The answer ends that. */
export function watchAdminKey(listener: () => void): () => void {
  adminKeyListeners.add(listener);
  return () => void adminKeyListeners.delete(listener);
}
const adminKeyListeners = new Set<() => void>();

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

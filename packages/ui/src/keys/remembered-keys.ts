import { browserKeyStore, type KeyRole, type KeyStore } from "./key-store.ts";

/** Keys that were accepted, wherever they are kept (key-store.ts). "" where there is none. */

const listeners = new Set<() => void>();
let store: KeyStore = browserKeyStore;

/** From now on keys are kept there; what another store has stays in it. */
export function keepKeysIn(next: KeyStore): void {
  store = next;
  keysChanged();
}

/** Tells whoever shows or sends keys that they are others now. */
export function keysChanged(): void {
  for (const listener of listeners) listener();
}

/** The key to send for calls of that role. The admin's opens wallets too. */
export function rememberedKey(role: KeyRole): string {
  const own = store.read(role);
  return own === "" && role === "wallet" ? store.read("admin") : own;
}

/** The key that was entered for the role itself. */
export const ownKey = (role: KeyRole): string => store.read(role);

/** `isKept`: beyond the tab or window. "" forgets it. */
export function rememberKey(role: KeyRole, key: string, isKept = isKeyKept(role)): void {
  store.write(role, key, isKept);
  keysChanged();
}

/** Takes out the key that {@link rememberedKey} gave for the role, whosever it is. */
export function forgetKey(role: KeyRole): void {
  rememberKey(role === "wallet" && ownKey("wallet") === "" ? "admin" : role, "");
}

/** Whether it is kept beyond the tab or window. */
export function isKeyKept(role: KeyRole): boolean {
  return store.isKept(role);
}

/** Where keys are kept that are to be remembered. */
export const whereKeysAreKept = (): KeyStore["keeps"] => store.keeps;

/** Calls `listener` whenever a key is remembered or forgotten. The answer ends that. */
export function watchKeys(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

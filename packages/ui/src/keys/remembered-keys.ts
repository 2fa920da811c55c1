import { nodeAddress } from "../node-address.ts";

/**
 * Keys that were accepted: until the tab closes, or until they are forgotten where the reader wants that. "" where there is none. Pages
 * of other origins cannot read them; and what was typed for one node is never sent to another.
 */

/** admin changes what it likes; wallet spends; reading is for a node that shows nothing without a key. */
export type KeyRole = "admin" | "wallet" | "reading";

const listeners = new Set<() => void>();

/** The key to send for calls of that role. The admin's opens wallets too. */
export function rememberedKey(role: KeyRole): string {
  const own = read(role);
  return own === "" && role === "wallet" ? read("admin") : own;
}

/** The key that was entered for the role itself. */
export const ownKey = (role: KeyRole): string => read(role);

/** `isKept`: on this device, beyond the tab. "" forgets it. */
export function rememberKey(role: KeyRole, key: string, isKept = isKeyKept(role)): void {
  write(() => sessionStorage, role, isKept ? "" : key);
  write(() => localStorage, role, isKept ? key : "");
  for (const listener of listeners) listener();
}

/** Takes out the key that {@link rememberedKey} gave for the role, whosever it is. */
export function forgetKey(role: KeyRole): void {
  rememberKey(role === "wallet" && read("wallet") === "" ? "admin" : role, "");
}

/** Whether it is kept beyond the tab. */
export function isKeyKept(role: KeyRole): boolean {
  return from(() => localStorage, role) !== "";
}

/** Calls `listener` whenever a key is remembered or forgotten. The answer ends that. */
export function watchKeys(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The reading key is another one than the admin's, since answers to who has a key are kept by no cache. */
const nameOf = (role: KeyRole) => `bitfleet.${role}-key${nodeAddress === "" ? "" : `@${nodeAddress}`}`;

const read = (role: KeyRole) => from(() => sessionStorage, role) || from(() => localStorage, role);

function from(storage: () => Storage, role: KeyRole): string {
  try {
    return storage().getItem(nameOf(role)) ?? "";
  } catch {
    return "";
  }
}

function write(storage: () => Storage, role: KeyRole, key: string): void {
  try {
    if (key === "") storage().removeItem(nameOf(role));
    else storage().setItem(nameOf(role), key);
  } catch {
    // A browser that keeps nothing: it is asked for again.
  }
}

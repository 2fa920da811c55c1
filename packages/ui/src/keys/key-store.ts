import { nodeAddress } from "../node-address.ts";

/** admin changes what it likes; wallet spends; reading is for a node that shows nothing without a key. */
export type KeyRole = "admin" | "wallet" | "reading";

/** Where entered keys are until they are forgotten. */
export interface KeyStore {
  /** "" where there is none. */
  read(role: KeyRole): string;
  /** Whether it outlasts the tab or window. */
  isKept(role: KeyRole): boolean;
  /** "" forgets it. */
  write(role: KeyRole, key: string, isKept: boolean): void;
  /** Where keys that are kept are: on the device, for whoever uses the browser; in the network's profile, encrypted; or nowhere. */
  readonly keeps: "device" | "profile" | "nothing";
}

/**
 * Until the tab closes, or until they are forgotten where the reader wants that. Pages of other origins cannot read them; and what was typed
 * for one node is never sent to another.
 */
export const browserKeyStore: KeyStore = {
  keeps: "device",
  read: (role) => from(() => sessionStorage, role) || from(() => localStorage, role),
  isKept: (role) => from(() => localStorage, role) !== "",
  write(role, key, isKept) {
    write(() => sessionStorage, role, isKept ? "" : key);
    write(() => localStorage, role, isKept ? key : "");
  },
};

/** The reading key is another one than the admin's, since answers to who has a key are kept by no cache. */
const nameOf = (role: KeyRole) => `bitfleet.${role}-key${nodeAddress === "" ? "" : `@${nodeAddress}`}`;

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

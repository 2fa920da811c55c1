import { desktopSession } from "./desktop/desktop-session.ts";

/** What of a browser's storage is used. */
export type TabStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const inMemory = new Map<string, string>();
const memoryStorage: TabStorage = {
  getItem: (key) => inMemory.get(key) ?? null,
  setItem: (key, value) => void inMemory.set(key, value),
  removeItem: (key) => void inMemory.delete(key),
};

/**
 * For what outlasts a reload and goes with the tab. In the desktop it goes with the page: a browser writes what it keeps for a tab on the disk
 * in clear, and what somebody looked up is as much theirs as their keys. May throw where the browser keeps nothing.
 */
export const tabStorage = (): TabStorage => (desktopSession() === undefined ? sessionStorage : memoryStorage);

import type { KvStore } from "../ports.ts";

/** A store in memory, for tests and simulations. */
export function openMemoryStore(): KvStore {
  throw new Error("not yet");
}

import { type Hash256, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";

/**
 * Remembers at least the last `capacity` hashes it was given, and at most as many more. Exact, at about 100 bytes for each:
 * writing the thousands of a block down takes a tenth of what a rolling filter would.
 */
export class RecentHashes {
  readonly #capacity: number;
  #newer = new Set<HashKey>();
  #older = new Set<HashKey>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#newer.size + this.#older.size;
  }

  add(hash: Hash256): void {
    if (this.#newer.size >= this.#capacity) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    this.#newer.add(hashKey(hash));
  }

  has(hash: Hash256): boolean {
    const key = hashKey(hash);
    return this.#newer.has(key) || this.#older.has(key);
  }

  clear(): void {
    this.#newer = new Set();
    this.#older = new Set();
  }
}

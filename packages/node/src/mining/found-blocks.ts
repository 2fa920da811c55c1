import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { hashKey } from "@bitfleet/protocol/primitives/types.ts";

/** Found blocks that are watched; a reorganisation deeper than that many of our own blocks is not told apart. */
const WATCHED_MAX = 1000;

/** The blocks that the miner found, and what became of them. */
export class FoundBlocks {
  /** By hash, oldest first: whether it is part of the chain. */
  readonly #isActive = new Map<string, boolean>();
  #count = 0;
  #staleCount = 0;

  /** All since the start. */
  get count(): number {
    return this.#count;
  }

  /** Those that are not part of the chain now: another's block took the place. */
  get staleCount(): number {
    return this.#staleCount;
  }

  add(hash: BlockHash, isActive: boolean): void {
    this.#count++;
    if (!isActive) this.#staleCount++;
    this.#isActive.set(hashKey(hash), isActive);
    if (this.#isActive.size <= WATCHED_MAX) return;
    const [oldest] = this.#isActive.keys();
    this.#isActive.delete(oldest!);
  }

  /** A block became part of the chain, or ceased to be. True where that is one of these, and news. */
  moved(hash: BlockHash, isActive: boolean): boolean {
    const key = hashKey(hash);
    const before = this.#isActive.get(key);
    if (before === undefined || before === isActive) return false;
    this.#isActive.set(key, isActive);
    this.#staleCount += isActive ? -1 : 1;
    return true;
  }
}

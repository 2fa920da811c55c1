import type { BlockHash, Sats } from "@bitfleet/protocol/primitives/types.ts";
import { hashKey } from "@bitfleet/protocol/primitives/types.ts";

/** Found blocks that are watched; a reorganisation deeper than that many of our own blocks is not told apart. */
export const FOUND_BLOCKS_MAX = 1000;

/** A block that the miner found. */
export interface FoundBlock {
  readonly hash: BlockHash;
  readonly height: number;
  /** Time of its header. */
  readonly timeSeconds: number;
  /** What its coinbase pays: subsidy and fees. */
  readonly reward: Sats;
  /** The coinbase counted. */
  readonly transactionCount: number;
}

/** The blocks that the miner found, and what became of them. */
export class FoundBlocks {
  /** By hash, oldest first, and whether it is part of the chain. */
  readonly #blocks = new Map<string, { readonly block: FoundBlock; isActive: boolean }>();
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

  add(block: FoundBlock, isActive: boolean): void {
    this.#count++;
    if (!isActive) this.#staleCount++;
    this.#blocks.set(hashKey(block.hash), { block, isActive });
    if (this.#blocks.size <= FOUND_BLOCKS_MAX) return;
    const [oldest] = this.#blocks.keys();
    this.#blocks.delete(oldest!);
  }

  /** A block became part of the chain, or ceased to be. True where that is one of these, and news. */
  moved(hash: BlockHash, isActive: boolean): boolean {
    const found = this.#blocks.get(hashKey(hash));
    if (found === undefined || found.isActive === isActive) return false;
    found.isActive = isActive;
    this.#staleCount += isActive ? -1 : 1;
    return true;
  }

  /** The last `count` of them, newest first. */
  last(count: number): readonly (FoundBlock & { readonly isActive: boolean })[] {
    if (count <= 0) return [];
    const blocks = [...this.#blocks.values()].slice(-count).reverse();
    return blocks.map(({ block, isActive }) => ({ ...block, isActive }));
  }
}

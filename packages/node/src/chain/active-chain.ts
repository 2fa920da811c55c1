import type { BlockIndexEntry } from "./block-index.ts";
import { commonAncestor } from "./block-index.ts";

/** The blocks from genesis to the tip, by height. */
export class ActiveChain {
  readonly #blocks: BlockIndexEntry[] = [];
  #moveCount = 0;

  /** Grows with every change of the tip, back to an earlier one too. */
  get moveCount(): number {
    return this.#moveCount;
  }

  /** `undefined` until genesis is connected. */
  get tip(): BlockIndexEntry | undefined {
    return this.#blocks[this.#blocks.length - 1];
  }

  /** Height of the tip; -1 of an empty chain. */
  get height(): number {
    return this.#blocks.length - 1;
  }

  at(height: number): BlockIndexEntry | undefined {
    return this.#blocks[height];
  }

  contains(entry: BlockIndexEntry): boolean {
    return this.#blocks[entry.height] === entry;
  }

  next(entry: BlockIndexEntry): BlockIndexEntry | undefined {
    return this.contains(entry) ? this.#blocks[entry.height + 1] : undefined;
  }

  /** The highest block of this chain that `entry` builds upon or is; `undefined` in an empty chain. */
  fork(entry: BlockIndexEntry): BlockIndexEntry | undefined {
    if (this.tip === undefined) return undefined;
    return this.contains(entry) ? entry : commonAncestor(entry, this.tip);
  }

  /** Makes `entry` the tip, whatever was before; `undefined` empties the chain. */
  setTip(entry: BlockIndexEntry | undefined): void {
    this.#moveCount++;
    this.#blocks.length = entry === undefined ? 0 : entry.height + 1;
    for (let walk = entry; walk !== undefined && this.#blocks[walk.height] !== walk; walk = walk.previous)
      this.#blocks[walk.height] = walk;
  }
}

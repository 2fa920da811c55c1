import type { BlockUndo } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";

/** Blocks read at the same time, for all clients together: the chain needs the disk too. */
const READS_MAX = 4;
/** Blocks kept for the next client: after a break many come back at once and ask for the same ones. */
const KEPT_MAX = 4;

export interface BlockAndUndo {
  readonly block: Block;
  readonly undo: BlockUndo;
}

/** Reads blocks with what they spent, a few at a time. */
export class BlockReader {
  readonly #chain: Pick<Chain, "readBlock" | "readUndo">;
  /** The last read is the last. */
  readonly #kept = new Map<BlockIndexEntry, Promise<BlockAndUndo | undefined>>();
  #readCount = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(chain: Pick<Chain, "readBlock" | "readUndo">) {
    this.#chain = chain;
  }

  /** `undefined` where it is pruned, was never connected, or cannot be read. `block` saves reading it where it is at hand. */
  read(entry: BlockIndexEntry, block?: Block): Promise<BlockAndUndo | undefined> {
    const reading = this.#kept.get(entry) ?? this.#inTurn(() => this.#read(entry, block));
    this.#kept.delete(entry);
    this.#kept.set(entry, reading);
    if (this.#kept.size > KEPT_MAX) {
      const [oldest] = this.#kept.keys();
      this.#kept.delete(oldest!);
    }
    return reading;
  }

  async #read(entry: BlockIndexEntry, atHand: Block | undefined): Promise<BlockAndUndo | undefined> {
    try {
      const block = atHand ?? (await this.#chain.readBlock(entry));
      return { block, undo: entry.height === 0 ? { transactions: [] } : await this.#chain.readUndo(entry) };
    } catch {
      this.#kept.delete(entry);
      return undefined;
    }
  }

  async #inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
    if (this.#readCount >= READS_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#readCount++;
    try {
      return await task();
    } finally {
      // The next one takes over the place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#readCount--;
      else next();
    }
  }
}

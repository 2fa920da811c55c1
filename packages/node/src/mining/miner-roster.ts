import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { ScriptCursor } from "@bitfleet/protocol/script/script.ts";

/** How the push in a coinbase begins that names its miner; a number of {@link ID_SIZE} bytes in hex follows. */
const TAG_PREFIX = "bitfleet:";
const ID_SIZE = 6;
const TAG_SIZE = TAG_PREFIX.length + 2 * ID_SIZE;

/** Blocks of paced miners that are looked at: so many, and so many for each miner among them. */
const BLOCKS_MIN = 16;
const BLOCKS_PER_MINER = 8;
/** Blocks that are read at the start: enough for a few miners. */
export const ROSTER_BLOCKS_READ = 32;
/** Blocks that are kept, those that no paced miner made included. */
const BLOCKS_MAX = 512;

/** A number that stands for the miner of this node, the same after a restart. `place` tells it from all others of its network. */
export function minerIdOf(place: string): string {
  return toHex(sha256(new TextEncoder().encode(place)).subarray(0, ID_SIZE));
}

/**
 * Who mines: paced miners put a number of their own into the coinbase, and everybody counts the different ones of the last blocks.
 * A miner is found with its first block and forgotten when it has made none of so many that chance does not explain it
 * (docs/adr/0009-pacing-by-counting-miners.md).
 */
export class MinerRoster {
  /** Of the paced miner that made each of the last blocks, oldest first; `undefined` for other blocks. */
  readonly #ids: (string | undefined)[] = [];
  readonly #ownId: string;

  constructor(ownId: string) {
    this.#ownId = ownId;
  }

  /** What the miner of this node puts into its coinbases. */
  get tag(): Uint8Array {
    return new TextEncoder().encode(TAG_PREFIX + this.#ownId);
  }

  connected(block: Pick<Block, "transactions">): void {
    this.#ids.push(minerIdIn(block));
    if (this.#ids.length > BLOCKS_MAX) this.#ids.shift();
  }

  disconnected(): void {
    this.#ids.pop();
  }

  /** Forgets what it knows for the last blocks of the chain, oldest first; {@link ROSTER_BLOCKS_READ} tell enough. */
  reset(blocks: readonly Pick<Block, "transactions">[]): void {
    this.#ids.splice(0);
    for (const block of blocks) this.connected(block);
  }

  /** Miners that share the work, this one included. */
  get minerCount(): number {
    const miners = new Set([this.#ownId]);
    let blockCount = 0;
    for (let index = this.#ids.length - 1; index >= 0; index--) {
      const id = this.#ids[index];
      if (id === undefined) continue;
      miners.add(id);
      blockCount++;
      if (blockCount >= Math.max(BLOCKS_MIN, BLOCKS_PER_MINER * miners.size)) break;
    }
    return miners.size;
  }
}

function minerIdIn({ transactions }: Pick<Block, "transactions">): string | undefined {
  const script = transactions[0]?.inputs[0]?.scriptSig;
  if (script === undefined) return undefined;
  const cursor = new ScriptCursor(script);
  while (cursor.next()) {
    if (cursor.data.length !== TAG_SIZE) continue;
    const text = new TextDecoder("latin1").decode(cursor.data);
    if (text.startsWith(TAG_PREFIX)) return text.slice(TAG_PREFIX.length);
  }
  return undefined;
}

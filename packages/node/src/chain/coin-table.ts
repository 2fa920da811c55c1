import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { OutPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { decodeCoin, encodeCoin } from "./coin-codec.ts";

/**
 * A coin in its disk encoding, a character per byte. V8 keeps such a string in one byte per character behind a short header:
 * a quarter of the memory of the decoded object with its array and bigint, and nothing for the garbage collector to follow.
 */
export type PackedCoin = string;

/** Stands for a coin that is spent in memory and may still be on disk. */
export const SPENT: PackedCoin = "";

/** A JavaScript Map takes 2^24 entries. A block adds about 10^5 at most, so this leaves room to finish one. */
export const TABLE_ENTRIES_MAX = 16_000_000;

/**
 * Memory of one coin beside its encoding, in bytes: the key, the header of the encoding's string and the share of a Map's
 * table. Measured by `bench/coins-memory.ts` on Node 20: the estimate is 0.99 to 1.14 times what the process takes.
 */
const ENTRY_OVERHEAD_BYTES = 150;
/** A spent coin has no encoding of its own. */
const SPENT_BYTES = 130;

/** Coins by outpoint, in the order they came, with an estimate of the memory they take. */
export class CoinTable {
  readonly #coins = new Map<OutPointKey, PackedCoin>();
  #bytes = 0;

  get size(): number {
    return this.#coins.size;
  }

  /** Estimate of the memory taken. */
  get bytes(): number {
    return this.#bytes;
  }

  has(key: OutPointKey): boolean {
    return this.#coins.has(key);
  }

  get(key: OutPointKey): PackedCoin | undefined {
    return this.#coins.get(key);
  }

  set(key: OutPointKey, packed: PackedCoin): void {
    const previous = this.#coins.get(key);
    if (previous !== undefined) this.#bytes -= bytesOf(previous);
    this.#coins.set(key, packed);
    this.#bytes += bytesOf(packed);
  }

  /** True where the coin was there. */
  delete(key: OutPointKey): boolean {
    const packed = this.#coins.get(key);
    if (packed === undefined) return false;
    this.#bytes -= bytesOf(packed);
    return this.#coins.delete(key);
  }

  clear(): void {
    this.#coins.clear();
    this.#bytes = 0;
  }

  entries(): IterableIterator<[OutPointKey, PackedCoin]> {
    return this.#coins.entries();
  }

  /** Deletes the oldest coins until the table takes at most `bytes` and has at most `count` entries. */
  shrink(bytes: number, count: number): void {
    for (const [key, packed] of this.#coins) {
      if (this.#bytes <= bytes && this.#coins.size <= count) return;
      this.#bytes -= bytesOf(packed);
      this.#coins.delete(key);
    }
  }
}

function bytesOf(packed: PackedCoin): number {
  return packed === SPENT ? SPENT_BYTES : ENTRY_OVERHEAD_BYTES + packed.length;
}

/** A coin as the table keeps it: nothing of it is a view of other bytes. */
export function packCoin(coin: Coin): PackedCoin {
  return packBytes(encodeCoin(coin));
}

/** A coin's disk encoding as the table keeps it. */
export function packBytes(bytes: Uint8Array): PackedCoin {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** A coin's disk encoding. */
export function unpackBytes(packed: PackedCoin): Uint8Array {
  const bytes = new Uint8Array(packed.length);
  for (let index = 0; index < packed.length; index++) bytes[index] = packed.charCodeAt(index);
  return bytes;
}

export function unpackCoin(packed: PackedCoin): Coin {
  return decodeCoin(unpackBytes(packed));
}

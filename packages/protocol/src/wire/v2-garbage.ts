import { equalBytes } from "../bytes/bytes.ts";
import type { RandomBytes } from "../crypto/ellswift.ts";
import { GARBAGE_TERMINATOR_SIZE } from "./v2-cipher.ts";

/** BIP324: what may stand between a key and the garbage terminator, in bytes. */
export const GARBAGE_SIZE_MAX = 4095;

/** How much garbage to send: `wanted`, or else any size up to the largest, all alike. Throws `RangeError` where there is more. */
export function garbageSize(random: RandomBytes, wanted: number | undefined): number {
  if (wanted !== undefined) {
    if (wanted > GARBAGE_SIZE_MAX) throw new RangeError(`at most ${GARBAGE_SIZE_MAX} bytes of garbage`);
    return wanted;
  }
  const [low, high] = random(2);
  // The largest size is a power of two less one, so twelve random bits are a size.
  return (low! | (high! << 8)) & GARBAGE_SIZE_MAX;
}

/** Reads garbage until its terminator, which may begin at any byte. */
export class GarbageSearch {
  readonly #terminator: Uint8Array;
  readonly #bytes = new Uint8Array(GARBAGE_SIZE_MAX + GARBAGE_TERMINATOR_SIZE);
  #size = 0;
  #garbage: Uint8Array | undefined;

  constructor(terminator: Uint8Array) {
    this.#terminator = terminator;
  }

  /** What came before the terminator, when that was found. */
  get garbage(): Uint8Array | undefined {
    return this.#garbage;
  }

  /** No more bytes may come. With no {@link garbage} by then there was no terminator. */
  get isFull(): boolean {
    return this.#size === this.#bytes.length;
  }

  /** Takes bytes up to the terminator's end or the limit; answers how many. */
  take(bytes: Uint8Array): number {
    const last = this.#terminator[GARBAGE_TERMINATOR_SIZE - 1];
    let count = 0;
    while (count < bytes.length && !this.isFull && this.#garbage === undefined) {
      const byte = bytes[count++]!;
      this.#bytes[this.#size++] = byte;
      if (byte === last && this.#endsWithTerminator()) {
        this.#garbage = this.#bytes.slice(0, this.#size - GARBAGE_TERMINATOR_SIZE);
      }
    }
    return count;
  }

  #endsWithTerminator(): boolean {
    const start = this.#size - GARBAGE_TERMINATOR_SIZE;
    return start >= 0 && equalBytes(this.#bytes.subarray(start, this.#size), this.#terminator);
  }
}

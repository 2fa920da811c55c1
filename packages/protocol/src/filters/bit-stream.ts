import { type Reader, Writer } from "../bytes/cursor.ts";

/** Bits within bytes, the highest of each byte first, as BIP158 packs its numbers. */

/** Writes bits; the last byte is filled up with zeros. */
export class BitWriter {
  readonly #writer: Writer;
  #byte = 0;
  #bitCount = 0;

  constructor(writer: Writer = new Writer()) {
    this.#writer = writer;
  }

  bit(value: number): void {
    this.#byte = (this.#byte << 1) | value;
    if (++this.#bitCount < 8) return;
    this.#writer.uint8(this.#byte);
    this.#byte = 0;
    this.#bitCount = 0;
  }

  /** The lowest `count` (at most 31) bits of `value`, the highest of them first. */
  bits(value: number, count: number): void {
    for (let left = count - 1; left >= 0; left--) this.bit((value >>> left) & 1);
  }

  /** A view of everything written. */
  finish(): Uint8Array {
    while (this.#bitCount > 0) this.bit(0);
    return this.#writer.finish();
  }
}

/** Reads bits of what a {@link Reader} has left. Throws its `DecodeError` behind the end. */
export class BitReader {
  readonly #reader: Reader;
  #byte = 0;
  #bitCount = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  bit(): number {
    if (this.#bitCount === 0) {
      this.#byte = this.#reader.uint8();
      this.#bitCount = 8;
    }
    return (this.#byte >>> --this.#bitCount) & 1;
  }

  /** A number of `count` bits (at most 31). */
  bits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) value = (value << 1) | this.bit();
    return value;
  }
}

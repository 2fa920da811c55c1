const BITS_PER_BYTE = 8;
const CAPACITY_MIN_BYTES = 16;

/** Bits, first in, first out, eight to a byte. What was taken out is not given back before the queue itself goes. */
export class BitQueue {
  #bytes = new Uint8Array(CAPACITY_MIN_BYTES);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  push(bit: boolean): void {
    const index = Math.floor(this.#end / BITS_PER_BYTE);
    if (index === this.#bytes.length) this.#grow();
    if (bit) this.#bytes[index]! |= 1 << (this.#end % BITS_PER_BYTE);
    this.#end++;
  }

  /** The oldest bit; `undefined` where there is none. */
  shift(): boolean | undefined {
    if (this.#start === this.#end) return undefined;
    const byte = this.#bytes[Math.floor(this.#start / BITS_PER_BYTE)]!;
    return ((byte >> (this.#start++ % BITS_PER_BYTE)) & 1) === 1;
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

import { EMPTY_BYTES } from "./bytes.ts";

/** Largest length or count a CompactSize may announce (Core's MAX_SIZE): 32 MiB. Larger is malformed wherever it stands. */
export const COMPACT_SIZE_MAX = 0x02000000;

/** Bytes that do not decode. `offset` is where in the decoded message the decoder stopped. */
export class DecodeError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.name = "DecodeError";
    this.offset = offset;
  }
}

/**
 * Reads little-endian fields from bytes that may come from anybody. Every read is checked against the end; nothing is
 * allocated from a length that the remaining bytes do not back. `bytes` returns views of the input, not copies.
 */
export class Reader {
  readonly source: Uint8Array;
  /** Made when first needed: for a coin of 30 bytes it would cost more than everything else. */
  #lazyView: DataView | undefined;
  #offset: number;

  constructor(source: Uint8Array, offset = 0) {
    this.source = source;
    this.#offset = offset;
  }

  get #view(): DataView {
    this.#lazyView ??= new DataView(this.source.buffer, this.source.byteOffset, this.source.byteLength);
    return this.#lazyView;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.source.length - this.#offset;
  }

  /** Moves past `size` bytes and returns where they began. */
  #take(size: number): number {
    const start = this.#offset;
    if (size > this.source.length - start) {
      throw new DecodeError(`unexpected end of data: ${size} more bytes expected, ${this.remaining} left`, start);
    }
    this.#offset = start + size;
    return start;
  }

  fail(message: string): never {
    throw new DecodeError(message, this.#offset);
  }

  uint8(): number {
    const start = this.#take(1);
    return this.source[start]!;
  }

  uint16(): number {
    const start = this.#take(2);
    return this.source[start]! | (this.source[start + 1]! << 8);
  }

  /** Big-endian, as ports stand in addresses. */
  uint16BigEndian(): number {
    return this.#view.getUint16(this.#take(2), false);
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  uint32BigEndian(): number {
    return this.#view.getUint32(this.#take(4), false);
  }

  int32(): number {
    const at = this.#take(4);
    const { source } = this;
    return source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  /** A view of the next `size` bytes. Copy what is kept longer than the message. */
  bytes(size: number): Uint8Array {
    const start = this.#take(size);
    return this.source.subarray(start, start + size);
  }

  /** The bytes read since `start`, as a view. */
  since(start: number): Uint8Array {
    return this.source.subarray(start, this.#offset);
  }

  skip(size: number): void {
    this.#take(size);
  }

  /** A CompactSize in its shortest form, at most {@link COMPACT_SIZE_MAX}. */
  compactSize(): number {
    const start = this.#offset;
    const first = this.source[start];
    // Most sizes are one byte, and a bigint for each would be most of the cost of reading it.
    if (first !== undefined && first < 0xfd) {
      this.#offset = start + 1;
      return first;
    }
    const value = this.compactSizeUnbounded();
    if (value > BigInt(COMPACT_SIZE_MAX)) throw new DecodeError(`size too large: ${value}`, start);
    return Number(value);
  }

  /** A CompactSize in its shortest form whose value may be any 64-bit number (short ids, service bits). */
  compactSizeUnbounded(): bigint {
    const start = this.#offset;
    const first = this.uint8();
    if (first < 0xfd) return BigInt(first);
    let value: bigint;
    let least: bigint;
    if (first === 0xfd) {
      value = BigInt(this.uint16());
      least = 0xfdn;
    } else if (first === 0xfe) {
      value = BigInt(this.uint32());
      least = 0x10000n;
    } else {
      value = this.uint64();
      least = 0x100000000n;
    }
    // In the words that tools look for in the log.
    if (value < least) throw new DecodeError("non-canonical ReadCompactSize()", start);
    return value;
  }

  /** A byte string behind its CompactSize length, as a view; longer than `maxSize` is an error. */
  compactBytes(maxSize: number = COMPACT_SIZE_MAX): Uint8Array {
    const start = this.#offset;
    const size = this.compactSize();
    if (size > maxSize) throw new DecodeError(`byte string of ${size} bytes, at most ${maxSize} expected`, start);
    return size === 0 ? EMPTY_BYTES : this.bytes(size);
  }

  /**
   * A CompactSize count of items that take at least `itemSizeMin` bytes each, refused where the remaining bytes cannot
   * hold as many: no loop and no allocation follows a number that the data does not back.
   */
  count(itemSizeMin: number): number {
    const start = this.#offset;
    const count = this.compactSize();
    if (count * itemSizeMin > this.remaining) {
      throw new DecodeError(`unexpected end of data: ${count} items announced, ${this.remaining} bytes left`, start);
    }
    return count;
  }

  /** Errors unless every byte was read. */
  end(): void {
    if (this.remaining !== 0) throw new DecodeError(`${this.remaining} unexpected bytes at the end`, this.#offset);
  }
}

const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** How many bytes {@link Writer.compactSize} takes for `value`. */
export function compactSizeLength(value: number): number {
  if (value < 0xfd) return 1;
  if (value <= 0xffff) return 3;
  return value <= 0xffffffff ? 5 : 9;
}

/** Writes little-endian fields into bytes that grow as needed. */
export class Writer {
  #bytes: Uint8Array;
  /** Made when first needed, as that of {@link Reader}. */
  #lazyView: DataView | undefined;
  #size = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get #view(): DataView {
    this.#lazyView ??= new DataView(this.#bytes.buffer);
    return this.#lazyView;
  }

  get size(): number {
    return this.#size;
  }

  /** Makes room for `size` bytes and returns where they begin. Called before `#bytes` and `#view` are read: it replaces them. */
  #grow(size: number): number {
    const start = this.#size;
    const needed = start + size;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#lazyView = undefined;
    }
    this.#size = needed;
    return start;
  }

  uint8(value: number): this {
    const start = this.#grow(1);
    this.#bytes[start] = value;
    return this;
  }

  uint16(value: number): this {
    const start = this.#grow(2);
    this.#bytes[start] = value;
    this.#bytes[start + 1] = value >> 8;
    return this;
  }

  uint16BigEndian(value: number): this {
    const start = this.#grow(2);
    this.#view.setUint16(start, value, false);
    return this;
  }

  uint32(value: number): this {
    return this.int32(value);
  }

  uint32BigEndian(value: number): this {
    const start = this.#grow(4);
    this.#view.setUint32(start, value, false);
    return this;
  }

  int32(value: number): this {
    const start = this.#grow(4);
    const bytes = this.#bytes;
    bytes[start] = value;
    bytes[start + 1] = value >> 8;
    bytes[start + 2] = value >> 16;
    bytes[start + 3] = value >> 24;
    return this;
  }

  uint64(value: bigint): this {
    if (value >= 0n && value <= EXACT_MAX) return this.#exact(Number(value));
    const start = this.#grow(8);
    this.#view.setBigUint64(start, value, true);
    return this;
  }

  int64(value: bigint): this {
    if (value >= 0n && value <= EXACT_MAX) return this.#exact(Number(value));
    const start = this.#grow(8);
    this.#view.setBigInt64(start, value, true);
    return this;
  }

  /** Eight bytes of a number that is exact, as nearly all are: a view of the memory for one would cost more than the rest. */
  #exact(value: number): this {
    return this.uint32(value >>> 0).uint32(Math.floor(value / 2 ** 32));
  }

  bytes(value: Uint8Array): this {
    const start = this.#grow(value.length);
    this.#bytes.set(value, start);
    return this;
  }

  compactSize(value: number | bigint): this {
    if (value < 0xfd) return this.uint8(Number(value));
    if (value <= 0xffff) return this.uint8(0xfd).uint16(Number(value));
    if (value <= 0xffffffff) return this.uint8(0xfe).uint32(Number(value));
    return this.uint8(0xff).uint64(BigInt(value));
  }

  compactBytes(value: Uint8Array): this {
    return this.compactSize(value.length).bytes(value);
  }

  /** Begins again in the same memory: what {@link finish} gave before is overwritten. */
  clear(): this {
    this.#size = 0;
    return this;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }

  /** A view of what was written, for the caller that writes no more. */
  finish(): Uint8Array {
    return this.#size === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.#size);
  }
}

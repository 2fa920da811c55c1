import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";

/** As much of CBOR (RFC 8949) as UR's types have: items of a definite length, keys that are numbers, and no floats. */
export type CborValue = number | boolean | string | Uint8Array | readonly CborValue[] | CborMap | CborTagged;

export type CborMap = ReadonlyMap<number, CborValue>;

export interface CborTagged {
  readonly tag: number;
  readonly value: CborValue;
}

const DEPTH_MAX = 16;
/** An account of a device has some hundred. */
const ITEMS_MAX = 10_000;

/** Section 3.1, and of the last one the values of section 3.3. */
const UNSIGNED = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const SIMPLE = 7;
const FALSE = 20;
const TRUE = 21;

/** Reads one item, which takes all bytes. Throws `DecodeError` on anything else. Byte strings are views. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const reader = new Reader(bytes);
  const value = new ItemReader(reader).item(0);
  reader.end();
  return value;
}

class ItemReader {
  readonly #reader: Reader;
  #itemCount = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  item(depth: number): CborValue {
    const reader = this.#reader;
    if (depth > DEPTH_MAX) reader.fail(`items within more than ${DEPTH_MAX} others`);
    if (++this.#itemCount > ITEMS_MAX) reader.fail(`more than ${ITEMS_MAX} items`);
    const first = reader.uint8();
    const kind = first >> 5;
    const argument = this.#argument(first & 31);
    switch (kind) {
      case UNSIGNED:
        return argument;
      case BYTES:
        return reader.bytes(argument);
      case TEXT:
        return this.#text(argument);
      case ARRAY:
        return this.#times(argument, () => this.item(depth + 1));
      case MAP:
        return this.#map(argument, depth);
      case TAG:
        return { tag: argument, value: this.item(depth + 1) };
      default:
        if (kind === SIMPLE && (argument === FALSE || argument === TRUE)) return argument === TRUE;
        return reader.fail(`an item of kind ${kind} with ${argument}`);
    }
  }

  /** Behind the first byte where it does not fit in there. */
  #argument(short: number): number {
    const reader = this.#reader;
    if (short < 24) return short;
    if (short === 24) return reader.uint8();
    if (short === 25) return reader.uint16BigEndian();
    if (short === 26) return reader.uint32BigEndian();
    return reader.fail("a number of more than 32 bits, or an item without an end");
  }

  /** Each takes a byte at least: what is announced beyond the bytes that are there is refused by the first that is missing. */
  #times<Value>(count: number, read: () => Value): Value[] {
    const all: Value[] = [];
    for (let place = 0; place < count; place++) all.push(read());
    return all;
  }

  #text(size: number): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.#reader.bytes(size));
    } catch {
      return this.#reader.fail("a text that is no UTF-8");
    }
  }

  #map(count: number, depth: number): CborMap {
    const map = new Map<number, CborValue>();
    this.#times(count, () => {
      const key = this.item(depth + 1);
      if (typeof key !== "number" || map.has(key))
        return this.#reader.fail("a key that is no number, or is there twice");
      map.set(key, this.item(depth + 1));
    });
    return map;
  }
}

/** A byte string as an item: what the types `psbt` and `bytes` hold. */
export function encodeCborBytes(bytes: Uint8Array): Uint8Array {
  return concatBytes(headOf(BYTES, bytes.length), bytes);
}

/** Numbers below 2^32 and then a byte string, in an array: a part of UR. */
export function encodeCborPart(numbers: readonly number[], bytes: Uint8Array): Uint8Array {
  const heads = numbers.map((number) => headOf(UNSIGNED, number));
  return concatBytes(headOf(ARRAY, numbers.length + 1), ...heads, encodeCborBytes(bytes));
}

/** In the shortest form. */
function headOf(kind: number, argument: number): Uint8Array {
  const first = kind << 5;
  if (argument < 24) return Uint8Array.of(first | argument);
  if (argument < 0x100) return Uint8Array.of(first | 24, argument);
  if (argument < 0x10000) return Uint8Array.of(first | 25, argument >> 8, argument & 0xff);
  const head = new Uint8Array(5);
  head[0] = first | 26;
  new DataView(head.buffer).setUint32(1, argument);
  return head;
}

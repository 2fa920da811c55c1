import { concatBytes, EMPTY_BYTES, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { damagedError } from "./wallet-storage-error.ts";

/** Bytes of the check behind each record. */
export const CHECK_SIZE = 8;
export const CHECK_KEY_SIZE = 32;

/**
 * Ends each record with a check under a key of the database, over the table and the key of the row too. The cipher of the file turns
 * a changed bit into other bytes without a word, and SQLite checks only how its pages hang together: without this a damaged disk
 * could change an amount. A row whose key was damaged is merely not found by it; reading all rows, as `checkIntegrity` does, tells.
 */
export class RecordCheck {
  readonly #key: Uint8Array;
  readonly #path: string;
  readonly #writer = new Writer(1024);

  /** `path` is named in errors. */
  constructor(key: Uint8Array, path: string) {
    this.#key = key;
    this.#path = path;
  }

  /** `key` is that of the row, whatever else stands in it: a record that stands in another row does not open. */
  seal(table: string, key: Uint8Array, record: Uint8Array): Uint8Array {
    return concatBytes(record, this.#checkOf(table, key, record));
  }

  /** Reads a record with `decode`, to its last byte. Throws `damaged`. */
  open<Value>(table: string, key: unknown, stored: unknown, decode: (reader: Reader) => Value): Value {
    const [place, bytes] = [plain(key), plain(stored)];
    if (place === undefined || bytes === undefined || bytes.length < CHECK_SIZE) throw this.damaged(table);
    const record = bytes.subarray(0, -CHECK_SIZE);
    if (!equalBytes(this.#checkOf(table, place, record), bytes.subarray(-CHECK_SIZE))) throw this.damaged(table);
    const reader = new Reader(record);
    const value = decode(reader);
    if (reader.remaining !== 0) throw this.damaged(table);
    return value;
  }

  damaged(table: string): Error {
    return damagedError(this.#path, `a record of ${table} is not what was written`);
  }

  #checkOf(table: string, key: Uint8Array, record: Uint8Array): Uint8Array {
    const writer = this.#writer.clear().bytes(this.#key);
    for (let index = 0; index < table.length; index++) writer.uint8(table.charCodeAt(index));
    return sha256(writer.uint8(0).compactBytes(key).bytes(record).finish()).subarray(0, CHECK_SIZE);
  }
}

/** Numbers as keys of rows, for the check. */
export function rowKey(number: number): Uint8Array {
  return new Writer(9).compactSize(number).finish();
}

/** Of a text as the key of a row. */
export function textKey(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The library answers Buffers, whose `slice` is a view where that of a Uint8Array is a copy. */
function plain(value: unknown): Uint8Array | undefined {
  if (typeof value === "number") return rowKey(value);
  if (typeof value === "string") return textKey(value);
  if (!(value instanceof Uint8Array)) return undefined;
  return value.length === 0 ? EMPTY_BYTES : new Uint8Array(value.buffer, value.byteOffset, value.length);
}

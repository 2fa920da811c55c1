import { concatBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { damagedError } from "./wallet-storage-error.ts";

/** Bytes of the check behind each record. */
export const CHECK_SIZE = 8;
export const CHECK_KEY_SIZE = 32;

/**
 * Ends each record with a check under a key of the database. The cipher of the file turns a changed bit into other bytes without a
 * word, and SQLite checks only how its pages hang together: without this a damaged disk could change an amount.
 */
export class RecordCheck {
  readonly #key: Uint8Array;
  readonly #path: string;

  /** `path` is named in errors. */
  constructor(key: Uint8Array, path: string) {
    this.#key = key;
    this.#path = path;
  }

  /** `table` says where the record stands; its own bytes say which it is. */
  seal(table: string, record: Uint8Array): Uint8Array {
    return concatBytes(record, this.#checkOf(table, record));
  }

  /** Reads a record with `decode`, to its last byte. Throws `damaged`. */
  open<Value>(table: string, stored: unknown, decode: (reader: Reader) => Value): Value {
    if (!(stored instanceof Uint8Array) || stored.length < CHECK_SIZE) throw this.damaged(table);
    const record = stored.subarray(0, -CHECK_SIZE);
    if (!equalBytes(this.#checkOf(table, record), stored.subarray(-CHECK_SIZE))) throw this.damaged(table);
    // The library answers Buffers, whose `slice` is a view where that of a Uint8Array is a copy.
    const reader = new Reader(new Uint8Array(record.buffer, record.byteOffset, record.length));
    const value = decode(reader);
    if (reader.remaining !== 0) throw this.damaged(table);
    return value;
  }

  damaged(table: string): Error {
    return damagedError(this.#path, `a record of ${table} is not what was written`);
  }

  #checkOf(table: string, record: Uint8Array): Uint8Array {
    const writer = new Writer(CHECK_KEY_SIZE + table.length + 1 + record.length);
    writer.bytes(this.#key);
    for (let index = 0; index < table.length; index++) writer.uint8(table.charCodeAt(index));
    return sha256(writer.uint8(0).bytes(record).finish()).subarray(0, CHECK_SIZE);
  }
}

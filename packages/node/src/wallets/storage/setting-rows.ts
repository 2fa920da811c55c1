import type { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { type RecordCheck, textKey } from "./record-check.ts";
import type { SqlDatabase, SqlStatement } from "./sql-database.ts";

const TABLE = "settings";

/** Values by name: flags, options, the block a wallet has come to. */
export class SettingRows {
  readonly #records: RecordCheck;
  readonly #get: SqlStatement;
  readonly #put: SqlStatement;
  readonly #delete: SqlStatement;

  constructor(database: SqlDatabase, records: RecordCheck) {
    this.#records = records;
    this.#get = database.statement("SELECT record FROM settings WHERE name = ?");
    this.#put = database.statement("INSERT OR REPLACE INTO settings (name, record) VALUES (?, ?)");
    this.#delete = database.statement("DELETE FROM settings WHERE name = ?");
  }

  /** A copy of the value; `undefined` where there is none. Throws `damaged`. */
  get(name: string): Uint8Array | undefined {
    const row = this.#get.get(textKey(name));
    if (row === undefined) return undefined;
    return this.#records.open(TABLE, name, row[0], decodeSetting);
  }

  put(name: string, value: Uint8Array): void {
    this.#put.run(textKey(name), this.#records.seal(TABLE, textKey(name), value));
  }

  delete(name: string): void {
    this.#delete.run(textKey(name));
  }

  /** A value of JSON; `undefined` where there is none. */
  getJson(name: string): unknown {
    const value = this.get(name);
    return value && JSON.parse(new TextDecoder().decode(value));
  }

  putJson(name: string, value: unknown): void {
    this.put(name, new TextEncoder().encode(JSON.stringify(value)));
  }
}

export function decodeSetting(reader: Reader): Uint8Array {
  return reader.bytes(reader.remaining).slice();
}

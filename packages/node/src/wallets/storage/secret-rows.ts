import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import type { RecordCheck } from "./record-check.ts";
import type { SqlDatabase } from "./sql-database.ts";

const TABLE = "secrets";

export interface SecretRow {
  readonly kind: number;
  readonly id: Uint8Array;
  readonly sealed: Uint8Array;
}

/** The sealed secrets as they are stored. Each has the check of every record too, which tells damage while they are locked. */
export class SecretRows {
  readonly #database: SqlDatabase;
  readonly #records: RecordCheck;

  constructor(database: SqlDatabase, records: RecordCheck) {
    this.#database = database;
    this.#records = records;
  }

  /** The sealed bytes. Throws `damaged`. */
  get(kind: number, id: Uint8Array): Uint8Array | undefined {
    const row = this.#database.statement("SELECT sealed FROM secrets WHERE kind = ? AND id = ?").get(kind, id);
    return row && this.#records.open(TABLE, keyOf(kind, id), row[0], copyOfRest);
  }

  put({ kind, id, sealed }: SecretRow): void {
    const statement = this.#database.statement("INSERT OR REPLACE INTO secrets (kind, id, sealed) VALUES (?, ?, ?)");
    statement.run(kind, id, this.#records.seal(TABLE, keyOf(kind, id), sealed));
  }

  delete(kind: number, id: Uint8Array): void {
    this.#database.statement("DELETE FROM secrets WHERE kind = ? AND id = ?").run(kind, id);
  }

  /** Every one. Throws `damaged`: a secret whose name was damaged would otherwise merely seem not to be there. */
  all(): SecretRow[] {
    const rows = this.#database.statement("SELECT kind, id, sealed FROM secrets ORDER BY kind, id").all();
    return rows.map(([kind, id, stored]) => {
      const name = { kind: Number(kind), id: Uint8Array.from(id as Uint8Array) };
      return { ...name, sealed: this.#records.open(TABLE, keyOf(name.kind, name.id), stored, copyOfRest) };
    });
  }
}

function keyOf(kind: number, id: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(kind), id);
}

function copyOfRest(reader: Reader): Uint8Array {
  return reader.bytes(reader.remaining).slice();
}

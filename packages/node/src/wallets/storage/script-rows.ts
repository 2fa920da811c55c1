import type { DerivedScript } from "@bitfleet/wallet/ledger/change-set.ts";
import type { DescriptorId } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import { decodeScripts, encodeScripts } from "./ledger-records.ts";
import { type RecordCheck, rowKey } from "./record-check.ts";
import type { SqlDatabase } from "./sql-database.ts";

const TABLE = "scripts";
/** Scripts in a full row, about 40 kB. */
const ROW_SCRIPTS = 1000;
/** Rows more than are needed, from which on they are joined at the next opening. */
const SPARE_ROWS_MAX = 64;
/** Rows read at once. */
const CHUNK_ROWS = 16;

/**
 * Every script of the wallet with the descriptor and the index it comes from, many to a row: 300,000 are read in a fraction of a
 * second. What derives them keeps the index by script in memory.
 */
export class ScriptRows {
  readonly #database: SqlDatabase;
  readonly #records: RecordCheck;

  constructor(database: SqlDatabase, records: RecordCheck) {
    this.#database = database;
    this.#records = records;
  }

  append(scripts: readonly DerivedScript[]): void {
    if (scripts.length === 0) return;
    const insert = this.#database.statement("INSERT INTO scripts (number, record) VALUES (?, ?)");
    const [last] = this.#database.statement("SELECT max(number) FROM scripts").get()!;
    let number = Number(last ?? 0);
    for (let start = 0; start < scripts.length; start += ROW_SCRIPTS) {
      const record = encodeScripts(scripts.slice(start, start + ROW_SCRIPTS));
      insert.run(++number, this.#records.seal(TABLE, rowKey(number), record));
    }
  }

  /** In the order in which they were written; one that was written twice comes twice. The bytes are views of memory that is not reused. */
  *all(): Generator<DerivedScript> {
    const select = this.#database.statement(
      "SELECT number, record FROM scripts WHERE number > ? ORDER BY number LIMIT ?",
    );
    for (let last = 0, rows = select.all(last, CHUNK_ROWS); rows.length > 0; rows = select.all(last, CHUNK_ROWS)) {
      for (const [number, record] of rows) {
        yield* this.#records.open(TABLE, number, record, decodeScripts);
        last = Number(number);
      }
    }
  }

  /** Joins the small rows that one new address after another leaves, where there are many. */
  tidy(): void {
    const [count = 0, bytes = 0] =
      this.#database.statement("SELECT count(*), total(length(record)) FROM scripts").get() ?? [];
    if (Number(count) < SPARE_ROWS_MAX + Number(bytes) / (ROW_SCRIPTS * SCRIPT_ENTRY_SIZE_MIN)) return;
    const scripts = [...this.all()];
    if (Number(count) >= SPARE_ROWS_MAX + scripts.length / ROW_SCRIPTS) this.#replace(scripts);
  }

  /** Forgets the scripts of a descriptor. */
  deleteOf(id: DescriptorId): void {
    this.#replace([...this.all()].filter((script) => script.descriptorId !== id));
  }

  #replace(scripts: readonly DerivedScript[]): void {
    this.#database.transaction(() => {
      this.#database.exec("DELETE FROM scripts");
      this.append(scripts);
    });
  }
}

/** What a script takes in a row, at least: the shortest usual script, its length, descriptor and index. */
const SCRIPT_ENTRY_SIZE_MIN = 25;

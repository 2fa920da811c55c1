import type { Random } from "@bitfleet/node/ports.ts";
import { RecordCheck } from "@bitfleet/node/wallets/storage/record-check.ts";
import { clear, keyFor, openSeal, seal } from "@bitfleet/node/wallets/storage/sealed-box.ts";
import type { SqlDatabase, SqlRow } from "@bitfleet/node/wallets/storage/sql-database.ts";
import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { type Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { CheckedChange } from "@bitfleet/vault/check-input.ts";
import type { RecordText } from "@bitfleet/vault/record-tables.ts";
import { RowTally, TOKEN_SIZE } from "@bitfleet/vault/row-tally.ts";
import { COLLECTIONS, type Collection, type RecordValue, type VaultRecord } from "@bitfleet/vault/vault.ts";
import { areTablesNewer, migrateTables, versionOf, writeVersion } from "./vault-schema.ts";

/** Its records are sealed once more, so that no key of a person's stands in a page that SQLite has decrypted. */
const SECRET_COLLECTION: Collection = "wallets";
const TALLY = "tally";

export interface TablesDependencies {
  readonly random: Pick<Random, "bytes">;
  readonly clock: { nowMs(): number };
}

/**
 * The records in their tables: `key` in UTF-16 with the high byte first, whose order is that of JavaScript's texts; `value` a random token,
 * the record as JSON, and a check over both, key and time. The tokens make the tally by which lost rows are noticed (row-tally.ts).
 */
export class VaultTables {
  readonly #database: SqlDatabase;
  readonly #deps: TablesDependencies;
  readonly #records: RecordCheck;
  readonly #secretKey: Uint8Array;
  #tally = new RowTally();

  /** `master` is the vault's, beside the key of the file; a caller clears it. */
  constructor(database: SqlDatabase, master: Uint8Array, dependencies: TablesDependencies) {
    this.#database = database;
    this.#deps = dependencies;
    this.#records = new RecordCheck(keyFor("vault checks", master), database.path);
    this.#secretKey = keyFor("vault secrets", master);
  }

  /** Makes the tables of a new database, with records of a version. */
  static create(
    database: SqlDatabase,
    master: Uint8Array,
    dependencies: TablesDependencies,
    schema: number,
    records: readonly RecordText[],
  ): void {
    const tables = new VaultTables(database, master, dependencies);
    database.transaction(() => {
      migrateTables(database, tables.#records, true);
      tables.setSchema(schema);
      tables.apply(records);
    });
    tables.forget();
  }

  /** Whether a later program has made them. */
  areNewer(): boolean {
    return areTablesNewer(this.#database, this.#records);
  }

  /** Brings the tables, not the records, to this program's version. Within a transaction of the caller's. */
  upgrade(): void {
    migrateTables(this.#database, this.#records, false);
  }

  get(collection: Collection, key: string): RecordValue | undefined {
    const row = this.#database
      .statement(`SELECT key, changed_at, value FROM ${collection} WHERE key = ?`)
      .get(keyBytes(key));
    return row && JSON.parse(this.#open(collection, row).text);
  }

  list(collection: Collection, prefix: string): VaultRecord[] {
    return this.#rows(collection, prefix).map(({ key, text }) => ({ key, value: JSON.parse(text) }));
  }

  all(): RecordText[] {
    return COLLECTIONS.flatMap((collection) => this.#rows(collection, ""));
  }

  /** Within a transaction of the caller's, which writes `schema` too; {@link reread} after it was rolled back. */
  apply(changes: readonly CheckedChange[]): void {
    for (const { collection, key, text } of changes) {
      const place = keyBytes(key);
      const old = this.#database.statement(`SELECT key, changed_at, value FROM ${collection} WHERE key = ?`).get(place);
      if (old !== undefined) this.#tally.remove(collection, this.#open(collection, old).token);
      if (text === undefined) this.#database.statement(`DELETE FROM ${collection} WHERE key = ?`).run(place);
      else this.#put({ collection, key, text });
    }
    const sum = this.#tally.write(new Writer(512)).finish();
    this.#database
      .statement("INSERT OR REPLACE INTO tally (id, sum) VALUES (1, ?)")
      .run(this.#records.seal(TALLY, Uint8Array.of(1), sum));
  }

  setSchema(schema: number): void {
    writeVersion(this.#database, "records", schema, this.#records);
  }

  /** Of the records. */
  schema(): number {
    return versionOf(this.#database, "records", this.#records);
  }

  schemaIfKnown(): number | undefined {
    return attempt(() => this.schema());
  }

  /** The sum that was written last, as after a transaction that did not come about. Throws `damaged`. */
  reread(): void {
    const [sum] = this.#database.statement("SELECT sum FROM tally WHERE id = 1").get() ?? [];
    this.#tally = this.#records.open(TALLY, Uint8Array.of(1), sum, (reader) => RowTally.read(reader));
  }

  /** Reads every row; answers what is wrong, as part of a sentence. */
  problem(): string | undefined {
    this.reread();
    const found = new RowTally();
    for (const collection of COLLECTIONS) {
      for (const row of this.#database.statement(`SELECT key, changed_at, value FROM ${collection}`).all()) {
        try {
          found.add(collection, this.#open(collection, row).token);
        } catch {
          // It is missing in the sum.
        }
      }
    }
    return this.#tally.difference(found);
  }

  /** What can be read, row by row from both ends of each table, and what cannot, as part of a sentence. */
  salvage(): { readonly records: readonly RecordText[]; readonly lost: string | undefined } {
    const found = new RowTally();
    const records = COLLECTIONS.flatMap((collection) => {
      const rows = new Map<string, RecordText>();
      for (const order of ["ASC", "DESC"] as const) {
        for (const row of this.#readableRows(collection, order)) {
          const opened = attempt(() => this.#open(collection, row));
          if (opened === undefined || rows.has(opened.key)) continue;
          rows.set(opened.key, { collection, key: opened.key, text: opened.text });
          found.add(collection, opened.token);
        }
      }
      return [...rows.values()];
    });
    const isKnown = attempt(() => this.reread() ?? true) ?? false;
    return { records, lost: isKnown ? this.#tally.difference(found) : "nobody knows how many records there were" };
  }

  /** Rows up to the first page that cannot be read. */
  *#readableRows(collection: Collection, order: "ASC" | "DESC"): Generator<SqlRow> {
    const select = `SELECT key, changed_at, value FROM ${collection}`;
    const rest = `ORDER BY key ${order} LIMIT 1`;
    const next = `${select} WHERE key ${order === "ASC" ? ">" : "<"} ? ${rest}`;
    let row = attempt(() => this.#database.statement(`${select} ${rest}`).get());
    while (row !== undefined) {
      yield row;
      const [key] = row;
      row = attempt(() => this.#database.statement(next).get(key!));
    }
  }

  forget(): void {
    clear(this.#secretKey);
  }

  #put({ collection, key, text }: RecordText): void {
    const place = keyBytes(key);
    const changedAt = this.#deps.clock.nowMs();
    const token = this.#deps.random.bytes(TOKEN_SIZE);
    const bytes = new TextEncoder().encode(text);
    const isSecret = collection === SECRET_COLLECTION;
    const content = isSecret ? seal(this.#secretKey, bytes, place, this.#deps.random) : bytes;
    const value = this.#records.seal(collection, checkedPlace(place, changedAt), concatBytes(token, content));
    this.#database
      .statement(`INSERT OR REPLACE INTO ${collection} (key, changed_at, value) VALUES (?, ?, ?)`)
      .run(place, changedAt, value);
    this.#tally.add(collection, token);
  }

  #rows(collection: Collection, prefix: string): RecordText[] {
    const [from, to] = [keyBytes(prefix), endOf(keyBytes(prefix))];
    const select = `SELECT key, changed_at, value FROM ${collection} WHERE key >= ?`;
    const rows = to
      ? this.#database.statement(`${select} AND key < ? ORDER BY key`).all(from, to)
      : this.#database.statement(`${select} ORDER BY key`).all(from);
    return rows.map((row) => {
      const { key, text } = this.#open(collection, row);
      return { collection, key, text };
    });
  }

  /** Throws `damaged`. */
  #open(collection: Collection, [key, changedAt, value]: SqlRow) {
    const place = Uint8Array.from(key as Uint8Array);
    return this.#records.open(collection, checkedPlace(place, Number(changedAt)), value, (reader: Reader) => {
      const token = reader.bytes(TOKEN_SIZE).slice();
      const content = reader.bytes(reader.remaining);
      const isSecret = collection === SECRET_COLLECTION;
      const bytes = isSecret ? openSeal(this.#secretKey, content, place) : content;
      if (bytes === undefined) throw this.#records.damaged(collection);
      return { key: keyText(place), text: new TextDecoder().decode(bytes), token };
    });
  }
}

function attempt<Answer>(work: () => Answer): Answer | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function checkedPlace(key: Uint8Array, changedAt: number): Uint8Array {
  return new Writer(key.length + 8).bytes(key).uint64(BigInt(changedAt)).finish();
}

function keyBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(2 * key.length);
  for (let index = 0; index < key.length; index++) {
    bytes[2 * index] = key.charCodeAt(index) >> 8;
    bytes[2 * index + 1] = key.charCodeAt(index);
  }
  return bytes;
}

function keyText(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    text += String.fromCharCode((bytes[index]! << 8) | bytes[index + 1]!);
  }
  return text;
}

/** The first bytes behind all that begin with `prefix`; `undefined` where nothing is behind. */
function endOf(prefix: Uint8Array): Uint8Array | undefined {
  const last = prefix.findLastIndex((byte) => byte !== 0xff);
  if (last < 0) return undefined;
  const end = prefix.slice(0, last + 1);
  end[last]!++;
  return end;
}

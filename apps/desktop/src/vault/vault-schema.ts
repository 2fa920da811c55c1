import { type RecordCheck, textKey } from "@bitfleet/node/wallets/storage/record-check.ts";
import type { SqlDatabase } from "@bitfleet/node/wallets/storage/sql-database.ts";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { COLLECTIONS } from "@bitfleet/vault/vault.ts";

/** `tables`: what this file makes. `records`: what stands in them (migrations.ts of the vault). */
export type VersionName = "tables" | "records";

const VERSION_TABLE =
  "CREATE TABLE schema_version (name BLOB PRIMARY KEY, version BLOB NOT NULL) WITHOUT ROWID, STRICT";
const VERSIONS = "schema_version";

/** STRICT and without texts: the library ends the process where it reads a damaged text. */
const TABLES_1 = `
  CREATE TABLE tally (id INTEGER PRIMARY KEY CHECK (id = 1), sum BLOB NOT NULL) STRICT;
  ${COLLECTIONS.map((name) => `CREATE TABLE ${name} (key BLOB PRIMARY KEY, changed_at INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID, STRICT;`).join("\n  ")}
`;

/** What made each version of the tables out of the one before; the first out of nothing. Never changed, only added to. */
export const TABLE_MIGRATIONS: readonly ((database: SqlDatabase) => void)[] = [(database) => database.exec(TABLES_1)];

/** Whether the tables are of a later version than this program's. */
export function areTablesNewer(database: SqlDatabase, records: RecordCheck): boolean {
  return versionOf(database, "tables", records) > TABLE_MIGRATIONS.length;
}

/** Makes the tables, or brings them to this program's version. Within a transaction of the caller's. */
export function migrateTables(database: SqlDatabase, records: RecordCheck, isNew: boolean): void {
  if (isNew) database.exec(VERSION_TABLE);
  const from = isNew ? 0 : versionOf(database, "tables", records);
  if (from === TABLE_MIGRATIONS.length) return;
  for (const step of TABLE_MIGRATIONS.slice(from)) step(database);
  writeVersion(database, "tables", TABLE_MIGRATIONS.length, records);
}

/** Throws `damaged`. */
export function versionOf(database: SqlDatabase, name: VersionName, records: RecordCheck): number {
  const [version] = database.statement("SELECT version FROM schema_version WHERE name = ?").get(textKey(name)) ?? [];
  return records.open(VERSIONS, textKey(name), version, (reader) => reader.uint32());
}

export function writeVersion(database: SqlDatabase, name: VersionName, version: number, records: RecordCheck): void {
  const record = records.seal(VERSIONS, textKey(name), new Writer(16).uint32(version).finish());
  database.statement("INSERT OR REPLACE INTO schema_version (name, version) VALUES (?, ?)").run(textKey(name), record);
}

import { concatBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { type Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Random } from "../../ports.ts";
import { WALLET_ID_SIZE } from "./key-file.ts";
import { CHECK_KEY_SIZE, CHECK_SIZE, RecordCheck, textKey } from "./record-check.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { damagedError, WalletStorageError } from "./wallet-storage-error.ts";

/** One step from a version of the schema to the next. Runs within a transaction, in which the version is raised too. */
export type Migration = (database: SqlDatabase, records: RecordCheck) => void;

/**
 * The tables. The key of a row is the first column, and not repeated in its record; columns between repeat what the record says, for
 * finding and ordering it. A record ends with its check. STRICT and without texts: the check of pages at every opening then finds
 * values that damage has turned into texts, and the library ends the process where it reads one that is not UTF-8. Hashes are raw, an outpoint is a hash and four bytes, big-endian.
 */
const VERSION_1 = `
  CREATE TABLE settings (name BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE secrets (kind INTEGER NOT NULL, id BLOB NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID, STRICT;

  CREATE TABLE descriptors (id INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
  CREATE TABLE descriptor_progress (id INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
  CREATE TABLE scripts (number INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;

  CREATE TABLE transactions (
    position INTEGER PRIMARY KEY, txid BLOB NOT NULL UNIQUE, height INTEGER, is_unconfirmed INTEGER, record BLOB NOT NULL) STRICT;
  CREATE INDEX transactions_by_height ON transactions (height) WHERE height IS NOT NULL;
  CREATE INDEX transactions_unconfirmed ON transactions (position) WHERE is_unconfirmed IS NOT NULL;

  CREATE TABLE coins (
    outpoint BLOB PRIMARY KEY, is_unspent INTEGER, script_tag INTEGER NOT NULL, record BLOB NOT NULL) WITHOUT ROWID, STRICT;
  CREATE INDEX coins_by_script ON coins (script_tag);
  CREATE INDEX coins_unspent ON coins (outpoint) WHERE is_unspent IS NOT NULL;
  CREATE TABLE spends (outpoint BLOB NOT NULL, txid BLOB NOT NULL, record BLOB NOT NULL, PRIMARY KEY (outpoint, txid)) WITHOUT ROWID, STRICT;

  CREATE TABLE address_book (script BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE locked_coins (outpoint BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID, STRICT;
`;

/** What made each version out of the one before; the first out of nothing. Never changed, only added to. */
export const MIGRATIONS: readonly Migration[] = [(database) => database.exec(VERSION_1)];

/** What a database says of itself. The table and its two rows are the same in every version, so that any can read how old it is. */
export interface DatabaseIdentity {
  readonly version: number;
  /** The network's magic as a number: a wallet of one network is not opened on another. */
  readonly networkMagic: number;
  readonly walletId: Uint8Array;
}

const IDENTITY_TABLE = "CREATE TABLE identity (name BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID, STRICT";
const CHECK_KEY = "check-key";
const SELF = "self";

/** Makes the tables of a new database; answers the check of its records. */
export function createSchema(
  database: SqlDatabase,
  identity: Omit<DatabaseIdentity, "version">,
  random: Pick<Random, "bytes">,
  migrations = MIGRATIONS,
): RecordCheck {
  return database.transaction(() => {
    database.exec(IDENTITY_TABLE);
    const key = random.bytes(CHECK_KEY_SIZE);
    putIdentity(database, CHECK_KEY, concatBytes(key, sha256(key).subarray(0, CHECK_SIZE)));
    const records = new RecordCheck(key, database.path);
    for (const step of migrations) step(database, records);
    writeIdentity(database, records, { ...identity, version: migrations.length });
    return records;
  });
}

/**
 * Brings a database that may be older to the newest schema, in one transaction: it is either as it was or all new. Throws
 * `newer-version` where it is newer than this program, `damaged` where it is none of ours.
 */
export function migrateSchema(
  database: SqlDatabase,
  migrations = MIGRATIONS,
): { readonly identity: DatabaseIdentity; readonly records: RecordCheck } {
  const records = new RecordCheck(readCheckKey(database), database.path);
  const old = records.open(IDENTITY_NAME, SELF, identityValue(database, SELF), decodeIdentity);
  const { path } = database;
  if (old.version > migrations.length) {
    const sentence = `The wallet file ${path} was written by a newer version of this program (schema ${old.version}, this one knows ${migrations.length}). Open it with that version.`;
    throw new WalletStorageError("newer-version", path, sentence);
  }
  if (old.version === migrations.length) return { identity: old, records };
  const identity = { ...old, version: migrations.length };
  database.transaction(() => {
    for (const step of migrations.slice(old.version)) step(database, records);
    writeIdentity(database, records, identity);
  });
  return { identity, records };
}

/** The table as records name it. */
const IDENTITY_NAME = "identity";

function readCheckKey(database: SqlDatabase): Uint8Array {
  const stored = identityValue(database, CHECK_KEY);
  const key = stored.subarray(0, CHECK_KEY_SIZE);
  const isWhole = stored.length === CHECK_KEY_SIZE + CHECK_SIZE;
  if (!isWhole || !equalBytes(stored.subarray(CHECK_KEY_SIZE), sha256(key).subarray(0, CHECK_SIZE))) {
    throw damagedError(database.path, "the key of its checks is not what was written");
  }
  return key;
}

function identityValue(database: SqlDatabase, name: string): Uint8Array {
  let value: unknown;
  try {
    [value] = database.statement("SELECT value FROM identity WHERE name = ?").get(textKey(name)) ?? [];
  } catch (error) {
    // No such table: opened with the right key, and yet nothing of ours in it.
    if (error instanceof WalletStorageError && error.code === "io")
      throw damagedError(database.path, "it has no tables", error);
    throw error;
  }
  if (!(value instanceof Uint8Array)) throw damagedError(database.path, "it does not say which wallet it is");
  return new Uint8Array(value);
}

function writeIdentity(database: SqlDatabase, records: RecordCheck, identity: DatabaseIdentity): void {
  const writer = new Writer().uint32(identity.version).uint32(identity.networkMagic).bytes(identity.walletId);
  putIdentity(database, SELF, records.seal(IDENTITY_NAME, textKey(SELF), writer.finish()));
}

function putIdentity(database: SqlDatabase, name: string, value: Uint8Array): void {
  database.statement("INSERT OR REPLACE INTO identity (name, value) VALUES (?, ?)").run(textKey(name), value);
}

function decodeIdentity(reader: Reader): DatabaseIdentity {
  return { version: reader.uint32(), networkMagic: reader.uint32(), walletId: reader.bytes(WALLET_ID_SIZE).slice() };
}

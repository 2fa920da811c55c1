import { loadSqlLibrary, SqlDatabase } from "@bitfleet/node/wallets/storage/sql-database.ts";
import { WalletFileLock } from "@bitfleet/node/wallets/storage/wallet-file-lock.ts";
import type { Migration } from "@bitfleet/vault/migrations.ts";
import { migrate, schemaVersion } from "@bitfleet/vault/migrations.ts";
import { tooNewError } from "@bitfleet/vault/vault-sentences.ts";
import { damagedFileError } from "./vault-faults.ts";
import type { VaultFiles } from "./vault-files.ts";
import { type TablesDependencies, VaultTables } from "./vault-tables.ts";

/** A database that this process has, and nobody else. */
export interface HeldDatabase {
  readonly database: SqlDatabase;
  readonly lock: WalletFileLock;
}

/** A database that is open, looked through, and of this program's version. */
export interface OpenedDatabase extends HeldDatabase {
  readonly tables: VaultTables;
}

/**
 * Gives a database back. Answers whether it is closed: on a full disk it cannot be, and SQLite would keep its lock until the process ends. Such
 * a one is to be opened again as it is, or closed later.
 */
export function closeDatabase({ database, lock }: HeldDatabase): boolean {
  if (lock.isInPlace && database.close() !== undefined) return false;
  dropDatabase({ database, lock });
  return true;
}

/** As {@link closeDatabase}, come what may: for one that is damaged, or whose file goes. */
export function dropDatabase({ database, lock }: HeldDatabase): void {
  if (lock.isInPlace) database.abandon();
  else database.forsake();
  lock.release();
}

async function holdDatabase(files: VaultFiles, fileKey: Uint8Array, held: HeldDatabase | undefined) {
  if (held !== undefined) return held;
  const library = await loadSqlLibrary(files.database);
  const lock = WalletFileLock.take(files.database);
  try {
    return { database: new SqlDatabase(files.database, fileKey, library), lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whatever goes wrong, database and lock are given back. `held`: one that could not be closed. */
export async function openDatabase(
  files: VaultFiles,
  { fileKey, wrapKey }: { readonly fileKey: Uint8Array; readonly wrapKey: Uint8Array },
  migrations: readonly Migration[],
  deps: TablesDependencies,
  unclosed?: HeldDatabase,
): Promise<OpenedDatabase> {
  const held = await holdDatabase(files, fileKey, unclosed);
  const { database } = held;
  try {
    // A commit is on disk when it is done, with the names of the files.
    database.exec("PRAGMA synchronous = FULL");
    refuseDamagedPages(database);
    const tables = new VaultTables(database, wrapKey, deps);
    upgrade(database, tables, files, migrations);
    return { ...held, tables };
  } catch (error) {
    dropDatabase(held);
    throw error;
  }
}

/** What can be read of a database that may be damaged; it is closed afterwards. */
export async function salvageDatabase(
  files: VaultFiles,
  { fileKey, wrapKey }: { readonly fileKey: Uint8Array; readonly wrapKey: Uint8Array },
  schemaMax: number,
  deps: TablesDependencies,
  unclosed?: HeldDatabase,
) {
  const held = await holdDatabase(files, fileKey, unclosed);
  const { database } = held;
  try {
    const tables = new VaultTables(database, wrapKey, deps);
    const schema = tables.schemaIfKnown() ?? schemaMax;
    if (schema > schemaMax) throw tooNewError(`The vault ${files.database}`);
    return { schema, ...tables.salvage() };
  } finally {
    dropDatabase(held);
  }
}

/** In one transaction: the vault is as it was, or all new. */
function upgrade(
  database: SqlDatabase,
  tables: VaultTables,
  files: VaultFiles,
  migrations: readonly Migration[],
): void {
  if (tables.areNewer() || tables.schema() > schemaVersion(migrations))
    throw tooNewError(`The vault ${files.database}`);
  database.transaction(() => {
    tables.upgrade();
    const problem = tables.problem();
    if (problem !== undefined) throw damagedFileError(files.database, problem);
    const from = tables.schema();
    if (from === schemaVersion(migrations)) return;
    migrate(from, migrations, tables, (changes) => tables.apply(changes));
    tables.setSchema(schemaVersion(migrations));
  });
}

/** Looks how the pages hang together; what stands in them has checks of its own. */
function refuseDamagedPages(database: SqlDatabase): void {
  const [result] = database.statement("SELECT CAST(quick_check AS BLOB) FROM pragma_quick_check(1)").get() ?? [];
  const text = new TextDecoder().decode(result as Uint8Array);
  if (text !== "ok") throw damagedFileError(database.path, text.replace(/[^\x20-\x7e]+/g, " "));
}

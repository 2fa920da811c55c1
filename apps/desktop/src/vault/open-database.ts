import { loadSqlLibrary, SqlDatabase } from "@bitfleet/node/wallets/storage/sql-database.ts";
import { WalletFileLock } from "@bitfleet/node/wallets/storage/wallet-file-lock.ts";
import type { Migration } from "@bitfleet/vault/migrations.ts";
import { migrate, schemaVersion } from "@bitfleet/vault/migrations.ts";
import { tooNewError } from "@bitfleet/vault/vault-sentences.ts";
import { damagedFileError } from "./vault-faults.ts";
import type { VaultFiles } from "./vault-files.ts";
import { type TablesDependencies, VaultTables } from "./vault-tables.ts";

/** A database that is open, looked through, and of this program's version. */
export interface OpenedDatabase {
  readonly database: SqlDatabase;
  readonly lock: WalletFileLock;
  readonly tables: VaultTables;
}

/** Whatever goes wrong, database and lock are given back. */
export async function openDatabase(
  files: VaultFiles,
  { fileKey, wrapKey }: { readonly fileKey: Uint8Array; readonly wrapKey: Uint8Array },
  migrations: readonly Migration[],
  deps: TablesDependencies,
): Promise<OpenedDatabase> {
  const library = await loadSqlLibrary(files.database);
  const lock = WalletFileLock.take(files.database);
  let database: SqlDatabase | undefined;
  try {
    database = new SqlDatabase(files.database, fileKey, library);
    // A commit is on disk when it is done, with the names of the files.
    database.exec("PRAGMA synchronous = FULL");
    refuseDamagedPages(database);
    const tables = new VaultTables(database, wrapKey, deps);
    upgrade(database, tables, files, migrations);
    return { database, lock, tables };
  } catch (error) {
    database?.abandon();
    lock.release();
    throw error;
  }
}

/** What can be read of a database that may be damaged; it is closed afterwards. */
export async function salvageDatabase(
  files: VaultFiles,
  { fileKey, wrapKey }: { readonly fileKey: Uint8Array; readonly wrapKey: Uint8Array },
  schemaMax: number,
  deps: TablesDependencies,
) {
  const library = await loadSqlLibrary(files.database);
  const lock = WalletFileLock.take(files.database);
  let database: SqlDatabase | undefined;
  try {
    database = new SqlDatabase(files.database, fileKey, library);
    const tables = new VaultTables(database, wrapKey, deps);
    const schema = tables.schemaIfKnown() ?? schemaMax;
    if (schema > schemaMax) throw tooNewError(`The vault ${files.database}`);
    return { schema, ...tables.salvage() };
  } finally {
    database?.abandon();
    lock.release();
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

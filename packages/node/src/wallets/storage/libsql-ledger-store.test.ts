import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LedgerStore } from "@bitfleet/wallet/ledger/ledger-store.ts";
import { describeLedgerStore } from "@bitfleet/wallet/ledger/store-test-kit.ts";
import { afterAll, beforeAll } from "vitest";
import { systemRandom } from "../../clock.ts";
import { LibsqlLedgerStore } from "./libsql-ledger-store.ts";
import { createSchema, migrateSchema } from "./schema.ts";
import { ScriptRows } from "./script-rows.ts";
import { SettingRows } from "./setting-rows.ts";
import { loadSqlLibrary, SqlDatabase, type SqlLibrary } from "./sql-database.ts";
import { bytesOf, NETWORK_MAGIC } from "./test-kit.ts";

let library: SqlLibrary;
const folder = mkdtempSync(join(tmpdir(), "bitfleet-ledger-"));
const databases = new Map<LedgerStore, SqlDatabase>();
const KEY = bytesOf(1);

beforeAll(async () => {
  library = await loadSqlLibrary(folder);
});

afterAll(() => {
  for (const database of databases.values()) database.close();
  rmSync(folder, { recursive: true, force: true });
});

function storeOf(database: SqlDatabase): LedgerStore {
  const { records } = migrateSchema(database);
  const scripts = new ScriptRows(database, records);
  const store = new LibsqlLedgerStore(database, records, new SettingRows(database, records), scripts);
  databases.set(store, database);
  return store;
}

describeLedgerStore("libsql", {
  create: () => {
    const database = new SqlDatabase(join(folder, `${databases.size}.dat`), KEY, library);
    createSchema(database, { networkMagic: NETWORK_MAGIC, walletId: bytesOf(2, 16) }, systemRandom);
    return storeOf(database);
  },
  reopen: (store) => {
    const database = databases.get(store)!;
    database.close();
    database.open(KEY);
    return storeOf(database);
  },
});

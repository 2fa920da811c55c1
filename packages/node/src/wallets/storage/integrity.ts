import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { socketTurn } from "../../turns.ts";
import { decodeDescriptor } from "./descriptor-rows.ts";
import {
  decodeAddressBookEntry,
  decodeCoin,
  decodeOutPoint,
  decodeProgress,
  decodeScripts,
  decodeTransactionRecord,
  scriptTag,
  transactionKey,
} from "./ledger-records.ts";
import type { RecordCheck } from "./record-check.ts";
import { decodeSetting } from "./setting-rows.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";
import type { Vault } from "./vault.ts";

/** What a look through a wallet's file found. */
export interface IntegrityReport {
  /** One sentence for each kind of damage; none in a sound file. */
  readonly problems: readonly string[];
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Whether secrets could be opened to look at them: only while the vault is unlocked. */
  readonly hasCheckedSecrets: boolean;
}

interface CheckedTable {
  readonly name: string;
  /** Columns that rows are found by, and then those that repeat what the record says. */
  readonly key: readonly string[];
  readonly repeated?: readonly string[];
  /** The key as the check takes it; as it stands where it is one column. */
  readonly checkedKey?: (key: readonly SqlValue[]) => SqlValue;
  /** The values of the repeated columns by the record; throws where it does not decode. */
  readonly read: (reader: Reader, key: readonly SqlValue[]) => readonly SqlValue[];
}

/** Reads a record that repeats nothing. */
const only = (read: (reader: Reader) => unknown) => (reader: Reader) => {
  read(reader);
  return [];
};

const TABLES: readonly CheckedTable[] = [
  { name: "settings", key: ["name"], read: only(decodeSetting) },
  { name: "descriptors", key: ["id"], read: only(decodeDescriptor) },
  { name: "descriptor_progress", key: ["id"], read: only(decodeProgress) },
  { name: "scripts", key: ["number"], read: only(decodeScripts) },
  {
    name: "transactions",
    key: ["position", "txid"],
    repeated: ["height", "is_unconfirmed"],
    checkedKey: (key) => transactionKey(transactionFound(key)),
    read: (reader, key) => {
      const { state } = decodeTransactionRecord(reader, transactionFound(key));
      return ["block" in state ? state.block.height : null, state.kind === "confirmed" ? null : 1];
    },
  },
  {
    name: "coins",
    key: ["outpoint"],
    repeated: ["is_unspent", "script_tag"],
    read: (reader, [outPoint]) => {
      const { spentHeight, script } = decodeCoin(reader, decodeOutPoint(outPoint as Uint8Array));
      return [spentHeight === undefined ? 1 : null, scriptTag(script)];
    },
  },
  {
    name: "spends",
    key: ["outpoint", "txid"],
    checkedKey: ([outPoint, txid]) => concatBytes(outPoint as Uint8Array, txid as Uint8Array),
    read: () => [],
  },
  {
    name: "address_book",
    key: ["script"],
    read: (reader, [script]) => {
      decodeAddressBookEntry(reader, script as Uint8Array);
      return [];
    },
  },
  { name: "locked_coins", key: ["outpoint"], read: () => [] },
];

function transactionFound([position, txid]: readonly SqlValue[]): {
  readonly txid: Txid;
  readonly orderPosition: number;
} {
  return { txid: txid as Txid, orderPosition: Number(position) };
}

/** Rows between two turns of others. */
const CHUNK_ROWS = 500;
const PROBLEMS_MAX = 20;

/** Looks through pages, records and, while it is unlocked, secrets. Others have a turn in between, and may write. */
export async function checkIntegrity(
  database: SqlDatabase,
  records: RecordCheck,
  vault: Vault,
): Promise<IntegrityReport> {
  const problems = pageProblems(database);
  const rows: Record<string, number> = {};
  for (const table of TABLES) {
    const { count, damaged } = await checkTable(database, records, table);
    rows[table.name] = count;
    if (damaged > 0) problems.push(`${damaged} of ${count} rows of ${table.name} are not what was written.`);
  }
  const damagedSecrets = vault.countDamaged();
  rows.secrets = Number(database.statement("SELECT count(*) FROM secrets").get()![0]);
  if (damagedSecrets) problems.push(`${damagedSecrets} of ${rows.secrets} secrets do not open.`);
  return { problems, rows, hasCheckedSecrets: damagedSecrets !== undefined };
}

function pageProblems(database: SqlDatabase): string[] {
  const rows = database
    .statement("SELECT CAST(integrity_check AS BLOB) FROM pragma_integrity_check(?)")
    .all(PROBLEMS_MAX);
  return rows.map(([text]) => new TextDecoder().decode(text as Uint8Array)).filter((text) => text !== "ok");
}

async function checkTable(
  database: SqlDatabase,
  records: RecordCheck,
  table: CheckedTable,
): Promise<{ readonly count: number; readonly damaged: number }> {
  const { name, key, repeated = [] } = table;
  const keys = key.join(", ");
  const select = `SELECT ${[...key, ...repeated, "record"].join(", ")} FROM ${name}`;
  const rest = `ORDER BY ${keys} LIMIT ${CHUNK_ROWS}`;
  const next = database.statement(`${select} WHERE (${keys}) > (${key.map(() => "?").join(", ")}) ${rest}`);
  let [count, damaged] = [0, 0];
  for (let rows = database.statement(`${select} ${rest}`).all(); rows.length > 0; ) {
    count += rows.length;
    damaged += rows.filter((row) => !isSound(records, table, row)).length;
    await socketTurn();
    rows = next.all(...rows.at(-1)!.slice(0, key.length));
  }
  return { count, damaged };
}

function isSound(records: RecordCheck, { name, key, checkedKey, read }: CheckedTable, row: SqlRow): boolean {
  const found = row.slice(0, key.length);
  const repeated = row.slice(key.length, -1);
  try {
    const place = checkedKey === undefined ? found[0] : checkedKey(found);
    const values = records.open(name, place, row.at(-1), (reader) => read(reader, found));
    return values.length === repeated.length && values.every((value, index) => value === repeated[index]);
  } catch {
    return false;
  }
}

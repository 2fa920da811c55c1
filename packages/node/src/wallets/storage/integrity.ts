import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { socketTurn } from "../../turns.ts";
import { decodeDescriptor } from "./descriptor-rows.ts";
import {
  decodeAddressBookEntry,
  decodeCoin,
  decodeOutPoint,
  decodeProgress,
  decodeScripts,
  decodeSpend,
  decodeTransactionRecord,
  encodeOutPoint,
  scriptTag,
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

/** A table whose rows end with a record that repeats the columns before it. */
interface CheckedTable {
  readonly name: string;
  /** Columns that the record repeats, the key of the table first. */
  readonly columns: readonly string[];
  /** The values of these columns by the record; throws where it does not decode. */
  readonly read: (reader: Reader) => readonly SqlValue[];
}

const TABLES: readonly CheckedTable[] = [
  { name: "settings", columns: ["name"], read: (reader) => [decodeSetting(reader).name] },
  { name: "descriptors", columns: ["id"], read: (reader) => [decodeDescriptor(reader).id] },
  { name: "descriptor_progress", columns: ["id"], read: (reader) => [decodeProgress(reader).id] },
  {
    name: "scripts",
    columns: [],
    read: (reader) => {
      decodeScripts(reader);
      return [];
    },
  },
  {
    name: "transactions",
    columns: ["txid", "position", "height", "is_unconfirmed"],
    read: (reader) => {
      const { txid, orderPosition, state } = decodeTransactionRecord(reader);
      const height = "block" in state ? state.block.height : null;
      return [txid, orderPosition, height, state.kind === "confirmed" ? null : 1];
    },
  },
  {
    name: "coins",
    columns: ["outpoint", "is_unspent", "script_tag"],
    read: (reader) => {
      const { outPoint, spentHeight, script } = decodeCoin(reader);
      return [encodeOutPoint(outPoint), spentHeight === undefined ? 1 : null, scriptTag(script)];
    },
  },
  {
    name: "spends",
    columns: ["outpoint", "txid"],
    read: (reader) => {
      const { outPoint, txid } = decodeSpend(reader);
      return [encodeOutPoint(outPoint), txid];
    },
  },
  { name: "address_book", columns: ["script"], read: (reader) => [decodeAddressBookEntry(reader).script] },
  { name: "locked_coins", columns: ["outpoint"], read: (reader) => [encodeOutPoint(decodeOutPoint(reader))] },
];

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
  const rows = database.statement(`PRAGMA integrity_check(${PROBLEMS_MAX})`).all();
  return rows.map(([text]) => String(text)).filter((text) => text !== "ok");
}

async function checkTable(
  database: SqlDatabase,
  records: RecordCheck,
  { name, columns, read }: CheckedTable,
): Promise<{ readonly count: number; readonly damaged: number }> {
  const keys = name === "spends" ? "outpoint, txid" : (columns[0] ?? "number");
  const marks = name === "spends" ? "?, ?" : "?";
  const fields = [keys, ...columns.slice(keys.split(", ").length), "record"].join(", ");
  const first = `SELECT ${fields} FROM ${name} ORDER BY ${keys} LIMIT ${CHUNK_ROWS}`;
  const next = `SELECT ${fields} FROM ${name} WHERE (${keys}) > (${marks}) ORDER BY ${keys} LIMIT ${CHUNK_ROWS}`;
  let [count, damaged] = [0, 0];
  for (let rows = database.statement(first).all(); rows.length > 0; ) {
    count += rows.length;
    damaged += rows.filter((row) => !isSound(records, name, row, columns.length, read)).length;
    await socketTurn();
    rows = database.statement(next).all(...rows.at(-1)!.slice(0, keys.split(", ").length));
  }
  return { count, damaged };
}

function isSound(
  records: RecordCheck,
  table: string,
  row: SqlRow,
  columnCount: number,
  read: (reader: Reader) => readonly SqlValue[],
): boolean {
  try {
    const values = records.open(table, row.at(-1), read);
    return values.every((value, index) => isSame(value, row[index]!)) && values.length === columnCount;
  } catch {
    return false;
  }
}

function isSame(a: SqlValue, b: SqlValue): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? equalBytes(a, b) : a === b;
}

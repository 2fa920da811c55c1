import { type Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import {
  ADDRESS_TYPES,
  type DescriptorRecord,
  type DescriptorUse,
} from "@bitfleet/wallet/keychain/descriptor-record.ts";
import type { DescriptorProgress } from "@bitfleet/wallet/ledger/change-set.ts";
import type { DescriptorId } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import { decodeProgress, readOptional, readText, writeOptional, writeText } from "./ledger-records.ts";
import { type RecordCheck, rowKey } from "./record-check.ts";
import type { ScriptRows } from "./script-rows.ts";
import type { SqlDatabase } from "./sql-database.ts";

const TABLE = "descriptors";

/** A descriptor with how far it has come; `undefined` where no change set ever said. */
export interface StoredDescriptor {
  readonly record: DescriptorRecord;
  readonly progress: DescriptorProgress | undefined;
}

/** The descriptors of a wallet. Their progress is written by change sets of the ledger. Methods throw `WalletStorageError`. */
export class DescriptorRows {
  readonly #database: SqlDatabase;
  readonly #records: RecordCheck;
  readonly #scripts: ScriptRows;

  constructor(database: SqlDatabase, records: RecordCheck, scripts: ScriptRows) {
    this.#database = database;
    this.#records = records;
    this.#scripts = scripts;
  }

  /** Adds a record, or puts it in place of the one with its id. */
  put(record: DescriptorRecord): void {
    const sealed = this.#records.seal(TABLE, rowKey(record.id), encodeDescriptor(record));
    this.#database.statement("INSERT OR REPLACE INTO descriptors (id, record) VALUES (?, ?)").run(record.id, sealed);
  }

  /** With its progress and its scripts: its id may be given again. */
  delete(id: DescriptorId): void {
    this.#database.transaction(() => {
      this.#database.statement("DELETE FROM descriptors WHERE id = ?").run(id);
      this.#database.statement("DELETE FROM descriptor_progress WHERE id = ?").run(id);
      this.#scripts.deleteOf(id);
    });
  }

  /** All of them, by their ids. */
  all(): readonly StoredDescriptor[] {
    const progress = new Map(this.#progress().map((each) => [each.id, each]));
    const rows = this.#database.statement("SELECT id, record FROM descriptors ORDER BY id").all();
    return rows.map(([id, stored]) => {
      const record = this.#records.open(TABLE, id, stored, decodeDescriptor);
      return { record, progress: progress.get(record.id) };
    });
  }

  #progress(): readonly DescriptorProgress[] {
    const rows = this.#database.statement("SELECT id, record FROM descriptor_progress ORDER BY id").all();
    return rows.map(([id, record]) => this.#records.open("descriptor_progress", id, record, decodeProgress));
  }
}

function encodeDescriptor({ id, text, normalizedText, createdAt, activeFor }: DescriptorRecord): Uint8Array {
  const writer = new Writer(512).compactSize(id).uint64(BigInt(createdAt));
  writeText(writer, text);
  writeOptional(writer, normalizedText, (normalized) => writeText(writer, normalized));
  writeOptional(writer, activeFor, ({ addressType, isInternal }) =>
    writer.uint8(ADDRESS_TYPES.indexOf(addressType)).uint8(isInternal ? 1 : 0),
  );
  return writer.finish();
}

export function decodeDescriptor(reader: Reader): DescriptorRecord {
  const [id, createdAt, text] = [Number(reader.compactSizeUnbounded()), Number(reader.uint64()), readText(reader)];
  const normalizedText = readOptional(reader, () => readText(reader));
  return { id, text, normalizedText, createdAt, activeFor: readOptional(reader, () => readUse(reader)) };
}

function readUse(reader: Reader): DescriptorUse {
  const addressType = ADDRESS_TYPES[reader.uint8()] ?? reader.fail("no such type of address");
  return { addressType, isInternal: reader.uint8() === 1 };
}

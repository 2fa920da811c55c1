import { type Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { DescriptorProgress } from "@bitfleet/wallet/ledger/change-set.ts";
import type { DescriptorId } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import { readOptional, readText, writeOptional, writeText } from "./ledger-records.ts";
import { readProgress } from "./libsql-ledger-store.ts";
import type { RecordCheck } from "./record-check.ts";
import type { SqlDatabase } from "./sql-database.ts";

const TABLE = "descriptors";

/** A descriptor as a wallet keeps it, but for how far it has come. */
export interface DescriptorRecord {
  /** With public keys only: private ones belong into the vault. */
  readonly text: string;
  /** Seconds: no transaction of it is older. */
  readonly createdTime: number;
  /** Which new addresses come from it: the ones given out, those for change, or none. */
  readonly active: "receive" | "change" | undefined;
  /** The kind of its addresses, as Core names output types (`bech32m`); empty where it has none. */
  readonly outputType: string;
  /** What its keychain wants to find again instead of deriving it: parent keys. */
  readonly cache: Uint8Array | undefined;
}

export interface StoredDescriptor extends DescriptorRecord {
  readonly id: DescriptorId;
  readonly progress: DescriptorProgress | undefined;
}

/** The descriptors of a wallet. Methods throw `WalletStorageError`. */
export class DescriptorRows {
  readonly #database: SqlDatabase;
  readonly #records: RecordCheck;

  constructor(database: SqlDatabase, records: RecordCheck) {
    this.#database = database;
    this.#records = records;
  }

  /** Adds a descriptor and answers its number, which no other ever had or gets. */
  add(record: DescriptorRecord): DescriptorId {
    const insert = this.#database.statement("INSERT INTO descriptors (record) VALUES (?) RETURNING id");
    return this.#database.transaction(() => {
      const id = Number(insert.get(new Uint8Array(1))![0]);
      this.put(id, record);
      return id;
    });
  }

  /** Puts a record in place of the one with this number. */
  put(id: DescriptorId, record: DescriptorRecord): void {
    const sealed = this.#records.seal(TABLE, encodeDescriptor(id, record));
    this.#database.statement("INSERT OR REPLACE INTO descriptors (id, record) VALUES (?, ?)").run(id, sealed);
  }

  /** With its progress and nothing else: scripts and secrets are the caller's. */
  delete(id: DescriptorId): void {
    this.#database.transaction(() => {
      this.#database.statement("DELETE FROM descriptors WHERE id = ?").run(id);
      this.#database.statement("DELETE FROM descriptor_progress WHERE id = ?").run(id);
    });
  }

  /** All of them, in the order in which they were added. */
  all(): readonly StoredDescriptor[] {
    const progress = new Map(readProgress(this.#database, this.#records).map((each) => [each.id, each]));
    const rows = this.#database.statement("SELECT record FROM descriptors ORDER BY id").all();
    return rows.map(([stored]) => {
      const record = this.#records.open(TABLE, stored, decodeDescriptor);
      return { ...record, progress: progress.get(record.id) };
    });
  }
}

const ACTIVE = [undefined, "receive", "change"] as const;

function encodeDescriptor(id: DescriptorId, record: DescriptorRecord): Uint8Array {
  const writer = new Writer(256)
    .compactSize(id)
    .uint64(BigInt(record.createdTime))
    .uint8(ACTIVE.indexOf(record.active));
  writeText(writer, record.text);
  writeText(writer, record.outputType);
  writeOptional(writer, record.cache, (cache) => writer.compactBytes(cache));
  return writer.finish();
}

export function decodeDescriptor(reader: Reader): DescriptorRecord & { readonly id: DescriptorId } {
  const [id, createdTime, active] = [
    Number(reader.compactSizeUnbounded()),
    Number(reader.uint64()),
    ACTIVE[reader.uint8()],
  ];
  const [text, outputType] = [readText(reader), readText(reader)];
  return {
    id,
    createdTime,
    active,
    text,
    outputType,
    cache: readOptional(reader, () => reader.compactBytes().slice()),
  };
}

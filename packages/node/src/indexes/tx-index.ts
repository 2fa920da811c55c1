import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../chain/chain.ts";
import type { KvBatch } from "../ports.ts";
import { txIndexKey } from "../storage/keyspace.ts";
import { StorageError } from "../storage/storage-error.ts";
import {
  DatabaseIndex,
  type DatabaseIndexDependencies,
  type DatabaseIndexOptions,
  openIndexParts,
} from "./database-index.ts";
import type { IndexedBlock, IndexWriter } from "./index-runner.ts";
import {
  placesOf,
  readTransactionPlace,
  TRANSACTION_PLACE_SIZE_MAX,
  type TransactionInBlock,
  transactionAt,
  writeTransactionPlace,
} from "./transaction-place.ts";

export type TxIndexDependencies = DatabaseIndexDependencies & { readonly chain: Pick<Chain, "readBlockPart"> };

/**
 * `-txindex`: where every transaction of the chain stands in the block files, the genesis coinbase, which nobody can spend,
 * excepted. As in Bitcoin Core, what only blocks have that were left in a reorganisation stays known.
 */
export class TxIndex extends DatabaseIndex {
  readonly #deps: TxIndexDependencies;

  /** Opens or creates the index. Rejects with `StorageError` or `StartupError`. */
  static async open(options: DatabaseIndexOptions, deps: TxIndexDependencies): Promise<TxIndex> {
    return new TxIndex(await openIndexParts(options, deps, () => TX_WRITER), deps);
  }

  private constructor(parts: ConstructorParameters<typeof DatabaseIndex>[0], deps: TxIndexDependencies) {
    super(parts);
    this.#deps = deps;
  }

  /** The transaction with the block it is in; `undefined`, and a line in the log, also where the disk does not hold what it should. */
  async find(txid: Txid): Promise<TransactionInBlock | undefined> {
    try {
      const value = await this.store.get(txIndexKey(txid));
      if (value === undefined) return undefined;
      const found = await transactionAt(this.#deps.chain, readTransactionPlace(new Reader(value)));
      if (equalBytes(found.tx.txid, txid)) return found;
      this.#deps.log.error("txid mismatch");
    } catch (error) {
      if (!(error instanceof StorageError || error instanceof DecodeError)) throw error;
      this.#deps.log.error(`${this.name} cannot be read`, { error: error.message });
    }
    return undefined;
  }
}

const TX_WRITER: IndexWriter = {
  name: "txindex",
  needsUndo: false,
  async load() {},
  append(batch: KvBatch, { entry, block }: IndexedBlock) {
    if (entry.height === 0) return;
    for (const { tx, place } of placesOf(entry, block)) {
      const writer = new Writer(TRANSACTION_PLACE_SIZE_MAX);
      writeTransactionPlace(writer, place);
      batch.put(txIndexKey(tx.txid), writer.finish());
    }
  },
  rewind() {},
};

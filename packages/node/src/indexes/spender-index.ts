import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { SipHasher } from "@bitfleet/protocol/crypto/siphash.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { isCoinbase, type OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { HASH_SIZE, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import type { KvBatch, KvStore, Random } from "../ports.ts";
import { afterSpenderKeyPrefix, SPENDER_SALT_KEY, spenderKeyPrefix, spenderKeysFrom } from "../storage/keyspace.ts";
import {
  DatabaseIndex,
  type DatabaseIndexDependencies,
  type DatabaseIndexOptions,
  type IndexParts,
  openIndexParts,
} from "./database-index.ts";
import type { IndexedBlock, IndexWriter } from "./index-runner.ts";
import {
  placesOf,
  readTransactionPlace,
  TRANSACTION_PLACE_SIZE_MAX,
  type TransactionInBlock,
  type TransactionPlace,
  transactionAt,
  writeTransactionPlace,
} from "./transaction-place.ts";

export type SpenderIndexDependencies = DatabaseIndexDependencies & {
  readonly chain: Pick<Chain, "readBlockPart">;
  readonly random: Pick<Random, "bytes">;
};

const SALT_SIZE = 16;
const NOTHING = new Uint8Array(0);

/**
 * `-txospenderindex`: which transaction of the chain spends an output. A key is a salted hash of the output and the place of
 * the spender in the block files; several outputs may share a hash, so that every transaction found is looked at.
 */
export class SpenderIndex extends DatabaseIndex {
  readonly #deps: SpenderIndexDependencies;
  readonly #writer: SpenderWriter;

  /** Opens or creates the index. Rejects with `StorageError` or `StartupError`. */
  static async open(options: DatabaseIndexOptions, deps: SpenderIndexDependencies): Promise<SpenderIndex> {
    const writerOf = async (store: KvStore) => new SpenderWriter(await saltOf(store, deps.random), deps.chain);
    return new SpenderIndex(await openIndexParts(options, deps, writerOf), deps);
  }

  private constructor(parts: IndexParts<SpenderWriter>, deps: SpenderIndexDependencies) {
    super(parts);
    this.#writer = parts.writer;
    this.#deps = deps;
  }

  /**
   * The transaction that spends an output, and its block: one of the active chain, or of a block that the chain went back by
   * and that nothing has come in the place of. Rejects with `StorageError` or `DecodeError` where it is not known because the
   * disk does not hold what it should.
   */
  async find(outPoint: OutPoint): Promise<TransactionInBlock | undefined> {
    const wanted = outPointKey(outPoint);
    let failure: unknown;
    for await (const { key } of this.store.iterate(spenderKeysFrom(spenderKeyPrefix(this.#writer.hashOf(outPoint))))) {
      // A crash may leave the keys of a block that was forgotten: what stands there now need not be a transaction.
      const found = await this.#indexedAt(readTransactionPlace(afterSpenderKeyPrefix(key))).catch((error) => {
        failure = error;
        return undefined;
      });
      if (found?.tx.inputs.some(({ previousOutput }) => outPointKey(previousOutput) === wanted)) return found;
    }
    if (failure !== undefined) throw failure;
    return undefined;
  }

  /** The transaction at `place` where its block is one that the index has taken in. */
  async #indexedAt(place: TransactionPlace): Promise<TransactionInBlock | undefined> {
    const { chain } = this.#deps;
    const found = await transactionAt(chain, place);
    const entry = chain.find(found.blockHash);
    return entry !== undefined && this.best?.ancestor(entry.height) === entry ? found : undefined;
  }
}

/** What the hashes of this database are salted with: chosen when it is made. */
async function saltOf(store: KvStore, random: Pick<Random, "bytes">): Promise<SipHasher> {
  let salt = await store.get(SPENDER_SALT_KEY);
  if (salt === undefined) {
    salt = random.bytes(SALT_SIZE);
    const batch = store.newBatch();
    batch.put(SPENDER_SALT_KEY, salt);
    await store.write(batch, { sync: true });
  }
  const reader = new Reader(salt);
  const [k0, k1] = [reader.uint64(), reader.uint64()];
  reader.end();
  return new SipHasher({ k0, k1 });
}

/** Keeps a key for each input of the active chain. */
class SpenderWriter implements IndexWriter {
  readonly name = "txospenderindex";
  readonly needsUndo = false;
  readonly #salt: SipHasher;
  readonly #chain: Pick<Chain, "readBlock">;

  constructor(salt: SipHasher, chain: Pick<Chain, "readBlock">) {
    this.#salt = salt;
    this.#chain = chain;
  }

  async load(): Promise<void> {}

  append(batch: KvBatch, { entry, block }: IndexedBlock): void {
    for (const key of this.#keysOf(entry, block)) batch.put(key, NOTHING);
  }

  async rewind(batch: KvBatch, fork: BlockIndexEntry, best: BlockIndexEntry | undefined): Promise<void> {
    for (let entry = best; entry !== undefined && entry !== fork; entry = entry.previous) {
      for (const key of this.#keysOf(entry, await this.#chain.readBlock(entry))) batch.delete(key);
    }
  }

  hashOf({ txid, index }: OutPoint): bigint {
    return this.#salt.hash(new Writer(HASH_SIZE + 4).bytes(txid).uint32(index).finish());
  }

  *#keysOf(entry: BlockIndexEntry, block: Block): Generator<Uint8Array> {
    for (const { tx, place } of placesOf(entry, block)) {
      if (isCoinbase(tx)) continue;
      const writer = new Writer(TRANSACTION_PLACE_SIZE_MAX);
      writeTransactionPlace(writer, place);
      const suffix = writer.finish();
      for (const { previousOutput } of tx.inputs) {
        const prefix = spenderKeyPrefix(this.hashOf(previousOutput));
        yield new Writer(prefix.length + suffix.length).bytes(prefix).bytes(suffix).finish();
      }
    }
  }
}

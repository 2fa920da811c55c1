import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { checkProofOfWork } from "@bitfleet/protocol/consensus/pow.ts";
import { type BlockHash, displayHash, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { KvStore } from "../ports.ts";
import { type BlockFileInfo, NO_BLOCKS } from "../storage/block-file-info.ts";
import type { BlockStorage } from "../storage/block-files.ts";
import {
  BLOCK_INDEX_FROM,
  BLOCK_INDEX_TO,
  blockFileKey,
  blockIndexKey,
  flagKey,
  LAST_BLOCK_FILE_KEY,
  REINDEX_FLAG_KEY,
} from "../storage/keyspace.ts";
import { BlockIndex } from "./block-index.ts";
import {
  BlockStatus,
  decodeBlockFileInfo,
  decodeBlockIndexEntry,
  decodeFileNumber,
  decodeFlag,
  encodeBlockFileInfo,
  encodeBlockIndexEntry,
  encodeFileNumber,
  encodeFlag,
  type StoredBlockIndexEntry,
} from "./block-index-codec.ts";
import { StartupError } from "./startup-error.ts";

/** Writes what changed in the index and in the files' statistics, as one batch that survives a power cut. */
export async function flushBlockIndex(index: BlockIndex, files: BlockStorage, store: KvStore): Promise<void> {
  const changedFiles = files.takeDirtyFiles();
  const changedEntries = index.takeDirty();
  if (changedFiles.length === 0 && changedEntries.length === 0) return;
  const batch = store.newBatch();
  for (const [file, info] of changedFiles) batch.put(blockFileKey(file), encodeBlockFileInfo(info));
  batch.put(LAST_BLOCK_FILE_KEY, encodeFileNumber(Math.max(0, files.files.length - 1)));
  for (const entry of changedEntries) batch.put(blockIndexKey(entry.hash), encodeBlockIndexEntry(entry.stored()));
  await store.write(batch, { sync: true });
  index.written();
}

/** Statistics of the block files, by number; none in a fresh database. Throws {@link StartupError}. */
export async function loadBlockFileInfos(store: KvStore): Promise<BlockFileInfo[]> {
  const last = await store.get(LAST_BLOCK_FILE_KEY);
  if (last === undefined) return [];
  return decoding(async () => {
    const lastFile = decodeFileNumber(last);
    const keys = Array.from({ length: lastFile + 1 }, (_, file) => blockFileKey(file));
    return (await store.getMany(keys)).map((info) => (info === undefined ? NO_BLOCKS : decodeBlockFileInfo(info)));
  });
}

/** Whether a reindex was begun and not ended. */
export async function loadReindexFlag(store: KvStore): Promise<boolean> {
  const flag = await store.get(REINDEX_FLAG_KEY);
  return flag !== undefined && decodeFlag(flag);
}

export async function storeReindexFlag(store: KvStore, isReindexing: boolean): Promise<void> {
  const batch = store.newBatch();
  if (isReindexing) batch.put(REINDEX_FLAG_KEY, encodeFlag(true));
  else batch.delete(REINDEX_FLAG_KEY);
  await store.write(batch, { sync: true });
}

/** Under Core's name for it: block files were deleted, now or in an earlier run. */
const PRUNED_FLAG_KEY = flagKey("prunedblockfiles");

/** Whether blocks were ever pruned from this directory. */
export async function loadPrunedFlag(store: KvStore): Promise<boolean> {
  const flag = await store.get(PRUNED_FLAG_KEY);
  return flag !== undefined && decodeFlag(flag);
}

/** Notes for good that blocks are missing on purpose, before the first is. */
export async function storePrunedFlag(store: KvStore): Promise<void> {
  const batch = store.newBatch();
  batch.put(PRUNED_FLAG_KEY, encodeFlag(true));
  await store.write(batch, { sync: true });
}

/** Reads the whole index and checks that it hangs together. Throws {@link StartupError} where it does not. */
export async function loadBlockIndex(store: KvStore, params: ConsensusParams): Promise<BlockIndex> {
  const stored = await readEntries(store);
  const byHeight = [...stored.values()].sort((a, b) => a.height - b.height);
  const index = new BlockIndex();
  const genesis = hashKey(params.genesis.hash);
  if (byHeight.length > 0 && !stored.has(genesis))
    throw new StartupError("Incorrect or no genesis block found. Wrong datadir for network?");
  for (const entry of byHeight) {
    const { hash, previousBlockHash, bits } = entry.header;
    const isGenesis = hashKey(hash) === genesis;
    const previous = isGenesis ? undefined : index.find(previousBlockHash);
    if (!isGenesis && previous === undefined) throw damaged(`block ${displayHash(hash)} has no previous block`);
    const height = previous === undefined ? 0 : previous.height + 1;
    if (entry.height !== height)
      throw damaged(`block ${displayHash(hash)} is at height ${entry.height}, not ${height}`);
    if (!checkProofOfWork(hash, bits, params)) throw damaged(`block ${displayHash(hash)} has no proof of work`);
    const hasTransactions = (entry.status & BlockStatus.VALID_MASK) >= BlockStatus.VALID_TRANSACTIONS;
    if (hasTransactions !== entry.transactionCount > 0)
      throw damaged(`block ${displayHash(hash)} has ${entry.transactionCount} transactions and status ${entry.status}`);
    index.addStored(entry, previous);
  }
  return index;
}

async function readEntries(store: KvStore): Promise<Map<HashKey, StoredBlockIndexEntry>> {
  return decoding(async () => {
    const entries = new Map<HashKey, StoredBlockIndexEntry>();
    for await (const { key, value } of store.iterate({ from: BLOCK_INDEX_FROM, to: BLOCK_INDEX_TO })) {
      const entry = decodeBlockIndexEntry(value);
      const keyHash = hashKey(key.subarray(1) as BlockHash);
      if (hashKey(entry.header.hash) !== keyHash) throw damaged("an entry is stored under another block's hash");
      entries.set(keyHash, entry);
    }
    return entries;
  });
}

async function decoding<Value>(read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DecodeError) throw damaged(error.message);
    throw error;
  }
}

function damaged(what: string): StartupError {
  return new StartupError(`The block index is damaged: ${what}. Restart with -reindex to rebuild it.`);
}

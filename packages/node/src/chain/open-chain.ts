import { open } from "node:fs/promises";
import { join } from "node:path";
import { type Network, networkNameByMagic } from "@bitfleet/protocol/consensus/networks.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Clock, KvStore, Logger, ScriptVerifier } from "../ports.ts";
import { type BlockStorage, blockFileName, openBlockFiles } from "../storage/block-files.ts";
import { holdsBlockData, listBlockFiles } from "../storage/block-scan.ts";
import { loadBlocksKey } from "../storage/blocks-key.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { obfuscate } from "../storage/obfuscation.ts";
import { removeUnusableFiles } from "../storage/remove-unusable-files.ts";
import { StorageError } from "../storage/storage-error.ts";
import { acceptBlock } from "./accept-block.ts";
import { activateBestChain, disconnectTo } from "./activate-chain.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import {
  loadBlockFileInfos,
  loadBlockIndex,
  loadPrunedFlag,
  loadReindexFlag,
  storeReindexFlag,
} from "./block-index-store.ts";
import { ChainEventHub } from "./chain-events.ts";
import { Chainstate } from "./chainstate.ts";
import { CoinsCache } from "./coins.ts";
import { removeForgottenFiles } from "./prune-blocks.ts";
import { MIN_BLOCKS_TO_KEEP } from "./prune-plan.ts";
import { type PruneMode, pruneModeText } from "./pruning.ts";
import { importBlockFile, importBlockFiles } from "./reindex.ts";
import { replayUnfinishedFlush } from "./replay.ts";
import { requireData, requirePast, requirePruneMode, requireWitnesses } from "./require-tip.ts";
import { StartupError } from "./startup-error.ts";
import { verifyChain } from "./verify-chain.ts";

/** Where a chain is kept when not in a data directory: in memory, for simulations. What is closed may be opened again. */
export interface ChainStorage {
  openStore(name: "chainstate" | "index"): Promise<KvStore>;
  openBlocks(): Promise<BlockStorage>;
}

export interface ChainOptions {
  readonly network: Network;
  /** `<datadir>/<network folder>`: `chainstate` and `blocks/index` are made below it. */
  readonly dataPath: string;
  /** Folder of the block files; `blocks` below `dataPath` where absent. */
  readonly blocksPath?: string;
  /** Instead of the data directory. */
  readonly storage?: ChainStorage;
  /** `-dbcache` in bytes: shared among the coins cache and the two databases. Default 450 MiB. */
  readonly cacheBytes?: number;
  /** `all` rebuilds index and coins from the block files (`-reindex`), `chainstate` the coins alone (`-reindex-chainstate`). */
  readonly reindex?: "all" | "chainstate";
  /** `-assumevalid`: the network's where absent; `none` (`-assumevalid=0`) checks every script. */
  readonly assumeValid?: BlockHash | "none";
  /** `-minimumchainwork`; the network's where absent. */
  readonly minimumChainwork?: bigint;
  /** `-maxtipage`. Default a day. */
  readonly maxTipAgeSeconds?: number;
  /** `-checkblocks` (default 6, 0 all) and `-checklevel` (default 3) of the check at start. */
  readonly checkBlocks?: number;
  readonly checkLevel?: number;
  /** `-fastprune`: block files of 64 KiB. */
  readonly fastPrune?: boolean;
  /** `-prune`: delete old blocks, once {@link Chain.startPruning} was called. */
  readonly prune?: PruneMode;
  /** `-blocksxor`. Default true. */
  readonly useXor?: boolean;
  /** Longest time between two flushes of the coins, in milliseconds. Default an hour. */
  readonly flushIntervalMs?: number;
  /** Size of the parts in which the coins are written. */
  readonly coinsBatchBytes?: number;
  /** Blocks that a reindex holds until the one before them comes. */
  readonly reindexOutOfOrderMax?: number;
  /** `-loadblock`: files whose blocks are taken in at start. */
  readonly loadBlocks?: readonly string[];
  /** `-stopatheight`: `onStopHeight` is called when the tip reaches it. */
  readonly stopAtHeight?: number;
}

export interface ChainDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  /** Closed by whoever made it, after the chain. */
  readonly scriptVerifier: ScriptVerifier;
  /** For signet solutions, which are checked on the calling thread. */
  readonly secp256k1: Secp256k1;
  /** What the chain is doing while it opens, for the start-up status of RPC. */
  readonly onProgress?: (step: string, percent: number) => void;
  readonly onStopHeight?: () => void;
  /** The disk refused, or what it returned is damaged: the chain has stopped and the node must. */
  readonly onFatal?: (error: Error) => void;
  /** Ends a long opening early: it rejects with `StartupError`, and the next start goes on from there. */
  readonly signal?: AbortSignal;
}

const MIB = 1024 * 1024;
const CACHE_BYTES_DEFAULT = 450 * MIB;
const INDEX_CACHE_BYTES_MAX = 2 * MIB;
const CHAINSTATE_CACHE_BYTES_MAX = 8 * MIB;
const MAX_TIP_AGE_SECONDS = 24 * 60 * 60;
const FLUSH_INTERVAL_MS = 60 * 60 * 1000;
const CHECK_BLOCKS = 6;
const CHECK_LEVEL = 3;

/** A chain that is loaded, in order, and at its best tip; with the databases to close behind it. */
export interface OpenedChain {
  readonly state: Chainstate;
  readonly stores: readonly { close(): Promise<void> }[];
}

/** Opens or creates the data directory: loads, replays, repairs, rebuilds. Throws {@link StartupError}. */
export async function openChain(options: ChainOptions, deps: ChainDependencies): Promise<OpenedChain> {
  const stores: { close(): Promise<void> }[] = [];
  try {
    const { state, isReindexing } = await openStorage(options, deps, stores);
    await removeForgottenFiles(state);
    await loadTip(state, deps);
    await checkTip(state, options, deps);
    deps.log.info("initload thread start");
    if (isReindexing) await rebuild(state, options, deps);
    await loadFiles(state, options, deps);
    await connectStoredBlocks(state, options, deps);
    return { state, stores };
  } catch (error) {
    for (const store of stores.reverse()) await store.close().catch(() => {});
    if (error instanceof StorageError) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}

async function openStorage(options: ChainOptions, deps: ChainDependencies, stores: { close(): Promise<void> }[]) {
  const { network } = options;
  const blocksPath = options.blocksPath ?? join(options.dataPath, "blocks");
  const useXor = options.useXor ?? true;
  const caches = shareOfCache(options.cacheBytes ?? CACHE_BYTES_DEFAULT);
  const openStore = async (path: string, cacheBytes: number, obfuscated: boolean, wipe: boolean): Promise<KvStore> => {
    const { storage } = options;
    if (storage !== undefined) {
      const store = await storage.openStore(obfuscated ? "chainstate" : "index");
      stores.push(store);
      return store;
    }
    const repairOption = obfuscated ? "-reindex-chainstate" : "-reindex";
    const store = await openLevelStore(path, { cacheBytes, obfuscate: obfuscated, repairOption, wipe, log: deps.log });
    stores.push(store);
    return store;
  };
  // The coins go first: an index without coins is only slow to start, coins without an index are nothing.
  const wipesCoins = options.reindex !== undefined;
  const coinsPath = join(options.dataPath, "chainstate");
  const openCoins = () => openStore(coinsPath, caches.chainstate, true, wipesCoins);
  const indexPath = join(options.dataPath, "blocks", "index");
  const openIndex = () => openStore(indexPath, caches.index, false, options.reindex === "all");
  const [coinsStore, indexStore] = wipesCoins
    ? [await openCoins(), await openIndex()]
    : await settledPair(openCoins(), openIndex());

  if (options.prune !== undefined) deps.log.info(pruneModeText(options.prune));
  deps.onProgress?.("Loading block index…", 0);
  const index = await loadBlockIndex(indexStore, network.params);
  const hasPruned = await loadPrunedFlag(indexStore);
  if (hasPruned) deps.log.info("Loading block index db: Block files have previously been pruned");
  requirePruneMode(options.prune, hasPruned);
  // An index that is not there although blocks are is rebuilt, rather than the blocks overwritten.
  const isLost = index.size === 0 && options.storage === undefined && (await hasBlocks(blocksPath, network, useXor));
  const isReindexing = options.reindex === "all" || isLost || (await loadReindexFlag(indexStore));
  if (isReindexing) await storeReindexFlag(indexStore, true);
  if (options.prune !== undefined && options.reindex === "all" && options.storage === undefined) {
    deps.log.info("Removing unusable blk?????.dat and rev?????.dat files for -reindex with -prune");
    await removeUnusableFiles(blocksPath);
  }
  const files = await (options.storage?.openBlocks() ??
    openBlockFiles({
      blocksPath,
      magic: network.magic,
      useXor,
      files: await loadBlockFileInfos(indexStore),
      ...(options.fastPrune && { fastPrune: true }),
    }));
  stores.push(files);
  const batchBytes = options.coinsBatchBytes;
  const coins = await CoinsCache.open(
    { cacheBytes: caches.coins, ...(batchBytes !== undefined && { batchBytes }) },
    { store: coinsStore, log: deps.log },
  );
  const { clock, log, scriptVerifier, secp256k1 } = deps;
  const events = new ChainEventHub(log);
  const parts = { index, indexStore, coins, files, events, scriptVerifier, secp256k1, clock, log };
  return { state: new Chainstate({ ...stateOptions(options, blocksPath), hasPruned }, parts), isReindexing };
}

/** Waits for both, also where one fails, so that nothing is left half open. */
async function settledPair<First, Second>(first: Promise<First>, second: Promise<Second>): Promise<[First, Second]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

function stateOptions(options: ChainOptions, blocksPath: string) {
  const { params } = options.network;
  const { assumeValid = params.assumeValid } = options;
  return {
    network: options.network,
    blocksPath,
    assumeValid: assumeValid === "none" ? undefined : assumeValid,
    minimumChainwork: options.minimumChainwork ?? params.minimumChainwork,
    maxTipAgeSeconds: options.maxTipAgeSeconds ?? MAX_TIP_AGE_SECONDS,
    flushIntervalMs: options.flushIntervalMs ?? FLUSH_INTERVAL_MS,
    pruneMode: options.prune,
  };
}

/** How `-dbcache` is shared, as Bitcoin Core does: little for the databases, which only feed the coins cache. */
function shareOfCache(bytes: number) {
  const index = Math.min(bytes / 8, INDEX_CACHE_BYTES_MAX);
  const chainstate = Math.min((bytes - index) / 2, CHAINSTATE_CACHE_BYTES_MAX);
  return {
    index: Math.floor(index),
    chainstate: Math.floor(chainstate),
    coins: Math.floor(bytes - index - chainstate),
  };
}

/** Whether the block files hold anything, be it unreadable. Throws {@link StartupError} where they are another network's. */
async function hasBlocks(blocksPath: string, network: Network, useXor: boolean): Promise<boolean> {
  const numbers = await listBlockFiles(blocksPath);
  if (numbers.length === 0) return false;
  const path = join(blocksPath, blockFileName("blk", 0));
  const file = await open(path, "r").catch(() => undefined);
  const head = new Uint8Array(4);
  await file?.read(head, 0, head.length, 0).finally(() => file.close());
  obfuscate(head, await loadBlocksKey(blocksPath, useXor), 0);
  const name = networkNameByMagic(head);
  if (name !== undefined && name !== network.name)
    throw new StartupError(
      `${path} holds blocks of network "${name}", not "${network.name}". Wrong datadir for network?`,
    );
  if (name !== undefined) return true;
  for (const number of numbers) if (await holdsBlockData(blocksPath, number)) return true;
  return false;
}

/** Takes up the chain whose coins are on disk. */
async function loadTip(state: Chainstate, deps: ChainDependencies): Promise<void> {
  const { coins, index, log } = state.deps;
  if (coins.headBlocks !== undefined) {
    deps.onProgress?.("Replaying blocks…", 0);
    await replayUnfinishedFlush(state, coins.headBlocks);
  }
  const hash = coins.bestBlock;
  if (hash !== undefined) {
    const tip = index.find(hash);
    if (tip === undefined) {
      const block = displayHash(hash);
      throw new StartupError(`The coins belong to block ${block}, which is not in the index. Restart with -reindex.`);
    }
    requireData(tip, state.pruning.hasPruned);
    requireWitnesses(tip, state.params.activationHeights.segwit);
    requirePast(tip, state.nowSeconds());
    index.noteLoadedBest(tip);
    state.active.setTip(tip);
    const date = new Date(tip.time * 1000).toISOString().replace(".000", "");
    const progress = state.verificationProgress(tip).toFixed(6);
    log.info(
      `Loaded best chain: hashBestChain=${displayHash(hash)} height=${tip.height} date=${date} progress=${progress}`,
    );
    // The mark reached the disk and the coins did not: a crash while the operator invalidated a block.
    const valid = lastValid(tip);
    if (valid !== tip) await disconnectTo(state, valid);
  }
  for (const entry of index.entries()) if (entry.isInvalid) state.considerInvalid(entry);
  state.judgeInvalidChain();
  state.resetCandidates();
  state.publish();
  state.updateInitialBlockDownload();
}

function lastValid(tip: BlockIndexEntry): BlockIndexEntry {
  let valid = tip;
  for (let entry: BlockIndexEntry | undefined = tip; entry !== undefined; entry = entry.previous)
    if (entry.isInvalid && entry.previous !== undefined) valid = entry.previous;
  return valid;
}

async function checkTip(state: Chainstate, options: ChainOptions, deps: ChainDependencies): Promise<void> {
  let damage = "";
  if (state.pruning.hasPruned && (options.checkBlocks ?? CHECK_BLOCKS) > MIN_BLOCKS_TO_KEEP)
    state.deps.log.warn(
      `pruned datadir may not have more than ${MIN_BLOCKS_TO_KEEP} blocks; only checking available blocks`,
    );
  const result = await verifyChain(state, {
    onDamage: (what) => {
      damage = what;
    },
    level: options.checkLevel ?? CHECK_LEVEL,
    blockCount: options.checkBlocks ?? CHECK_BLOCKS,
    memoryBytes: state.deps.coins.cacheBytes,
    onProgress: (percent) => deps.onProgress?.("Verifying blocks…", percent),
    ...(deps.signal && { signal: deps.signal }),
  });
  if (result === "interrupted") throw interrupted();
  if (result === "damaged")
    throw new StartupError(
      `Corrupted block database detected in ${state.options.blocksPath}: ${damage.replace(/\.$/, "")}. Please restart with -reindex to recover.`,
    );
}

async function rebuild(state: Chainstate, options: ChainOptions, deps: ChainDependencies): Promise<void> {
  state.isLoadingBlocks = true;
  const isComplete = await importBlockFiles(state, {
    useXor: options.useXor ?? true,
    ...(options.reindexOutOfOrderMax !== undefined && { outOfOrderMax: options.reindexOutOfOrderMax }),
    onProgress: (percent) => deps.onProgress?.("Reindexing blocks on disk…", percent),
    ...(deps.signal && { signal: deps.signal }),
  });
  await state.flush();
  if (!isComplete) throw interrupted();
  await storeReindexFlag(state.deps.indexStore, false);
  state.deps.log.info("Reindexing finished");
  state.isLoadingBlocks = false;
}

/** `-loadblock`. A file that cannot be read is passed over, as in Core. */
async function loadFiles(state: Chainstate, options: ChainOptions, deps: ChainDependencies): Promise<void> {
  const { loadBlocks = [] } = options;
  if (loadBlocks.length === 0) return;
  acceptGenesis(state, options.network);
  state.isLoadingBlocks = true;
  for (const path of loadBlocks) {
    deps.onProgress?.("Importing blocks…", 0);
    state.deps.log.info(`Importing blocks file ${path}...`);
    try {
      if (!(await importBlockFile(state, path, deps.signal))) throw interrupted();
    } catch (error) {
      if (!(error instanceof StorageError) || error.path !== path) throw error;
      state.deps.log.warn(`Could not open blocks file ${path}: ${error.message}`);
    }
  }
  await state.flush();
  state.isLoadingBlocks = false;
}

function acceptGenesis(state: Chainstate, { params: { genesis } }: Network): void {
  // It may have been pruned, and is not wanted back then.
  if ((state.deps.index.find(genesis.hash)?.transactionCount ?? 0) > 0) return;
  acceptBlock(state, genesis, { requested: true, minPowChecked: true });
}

/** Genesis, where it is new, and every block on disk that makes the chain better: what a crash or a rebuild left to connect. */
async function connectStoredBlocks(state: Chainstate, options: ChainOptions, deps: ChainDependencies): Promise<void> {
  const { index } = state.deps;
  acceptGenesis(state, options.network);
  const before = state.active.tip;
  const start = before?.height ?? 0;
  await activateBestChain(state, {
    afterStep: (tip) => {
      const goal = Math.max(1, (index.bestHeader?.height ?? 0) - start);
      deps.onProgress?.("Connecting blocks…", Math.min(99, Math.floor(((tip.height - start) * 100) / goal)));
      const isStopHeight = options.stopAtHeight !== undefined && options.stopAtHeight === tip.height;
      if (isStopHeight) deps.onStopHeight?.();
      return isStopHeight || deps.signal?.aborted === true;
    },
  });
  if (state.active.tip === undefined) throw new StartupError("The genesis block could not be connected.");
  // A fresh directory is complete before anything else happens in it.
  if (before === undefined) await state.flush();
  state.announceHeader();
  if (deps.signal?.aborted) {
    await state.flush();
    throw interrupted();
  }
}

function interrupted(): StartupError {
  return new StartupError("Start was interrupted; the next one goes on from here.");
}

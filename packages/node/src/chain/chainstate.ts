import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { BlockUndo } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { equivalentSeconds, workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type Block, decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Clock, KvStore, Logger, ScriptVerifier } from "../ports.ts";
import type { BlockStorage } from "../storage/block-files.ts";
import { StorageError } from "../storage/storage-error.ts";
import { ActiveChain } from "./active-chain.ts";
import { type BlockIndex, type BlockIndexEntry, compareBranches } from "./block-index.ts";
import { BlockStatus } from "./block-index-codec.ts";
import { flushBlockIndex } from "./block-index-store.ts";
import { BranchCandidates } from "./branch-candidates.ts";
import type { ChainEventHub } from "./chain-events.ts";
import { decodeUndo } from "./coin-codec.ts";
import type { CoinsCache } from "./coins.ts";
import { type PruneMode, Pruning } from "./pruning.ts";

/** Scripts are skipped only this far below the best header, so that faking what to skip costs two weeks of everyone's work. */
const ASSUME_VALID_DEPTH_SECONDS = 14 * 24 * 60 * 60;

/** A tip this near to now is dated by its distance from the best header, so that progress ends at exactly 1. */
const PROGRESS_RECENT_SECONDS = 2 * 60 * 60;

const BYTES_PER_MIB = 1024 * 1024;

export interface ChainstateOptions {
  readonly network: Network;
  readonly blocksPath: string;
  readonly assumeValid: BlockHash | undefined;
  readonly minimumChainwork: bigint;
  readonly maxTipAgeSeconds: number;
  readonly flushIntervalMs: number;
  /** `-prune`. */
  readonly pruneMode: PruneMode | undefined;
  /** The directory says that blocks were pruned from it. */
  readonly hasPruned: boolean;
}

export interface ChainstateDependencies {
  readonly index: BlockIndex;
  readonly indexStore: KvStore;
  readonly coins: CoinsCache;
  readonly files: BlockStorage;
  readonly events: ChainEventHub;
  readonly scriptVerifier: ScriptVerifier;
  readonly secp256k1: Secp256k1;
  readonly clock: Clock;
  readonly log: Logger;
}

const INVALID_CHAIN_WARNING =
  "Warning: Found invalid chain more than 6 blocks longer than our best chain. This could be due to database corruption or consensus incompatibility with peers.";

/** Everything the chain consists of, and what needs no more than to look at it or to write it down. Rules are elsewhere. */
export class Chainstate {
  readonly options: ChainstateOptions;
  readonly deps: ChainstateDependencies;
  /** The chain as it is in the middle of a change. */
  readonly active = new ActiveChain();
  /** The chain as everyone else sees it: it moves when a step is over, never to a chain with less work on the way. */
  readonly published = new ActiveChain();
  readonly candidates = new BranchCandidates({
    onInvalid: (entry) => this.considerInvalid(entry),
    hasAllData: (entry, known) => this.#hasAllData(entry, known),
  });
  readonly pruning: Pruning;
  /** The invalid block with the most work, for the warning about it. */
  bestInvalid: BlockIndexEntry | undefined;
  #warnsOfInvalidChain = false;
  /** Blocks come from the block files: the node counts as syncing. */
  isLoadingBlocks = false;
  #isInitialBlockDownload = true;
  #announcedHeader: BlockIndexEntry | undefined;
  #nextFlushMs: number;
  #scriptsReason: string | undefined;

  constructor(options: ChainstateOptions, deps: ChainstateDependencies) {
    this.options = options;
    this.deps = deps;
    this.pruning = new Pruning(options.pruneMode, options.hasPruned);
    this.#nextFlushMs = deps.clock.monotonicMs() + options.flushIntervalMs;
  }

  get params() {
    return this.options.network.params;
  }

  /** Seconds since 1970, as the rules see time. */
  nowSeconds(): number {
    return Math.floor(this.deps.clock.nowMs() / 1000);
  }

  /** Rejects with `StorageError` where the block is not stored, or is damaged. */
  async readBlock(entry: BlockIndexEntry): Promise<Block> {
    const block = this.#decoded(entry, "block", decodeBlock, await this.readBlockBytes(entry));
    if (displayHash(block.hash) !== displayHash(entry.hash)) throw this.#damaged(entry, "block", "has another hash");
    return block;
  }

  async readBlockBytes(entry: BlockIndexEntry): Promise<Uint8Array> {
    const position = entry.dataPosition;
    if (position === undefined) throw this.#missing(entry, "block");
    return this.deps.files.readBlock(position);
  }

  /** Rejects with `StorageError` where the undo data is not stored, or is damaged. Genesis has none, and none to undo. */
  async readUndo(entry: BlockIndexEntry): Promise<BlockUndo> {
    if (entry.previous === undefined) return { transactions: [] };
    const position = entry.undoPosition;
    if (position === undefined) throw this.#missing(entry, "undo data");
    return this.#decoded(entry, "undo data", decodeUndo, await this.deps.files.readUndo(position, entry.previous.hash));
  }

  /** Writes everything to disk, in the order that makes a crash at any moment harmless: files, then index, then coins. */
  async flush(): Promise<void> {
    const { coins, clock } = this.deps;
    await this.saveBlocks();
    await coins.flush({ sync: true, emptyCache: false });
    this.#nextFlushMs = clock.monotonicMs() + this.options.flushIntervalMs;
  }

  /** Whether {@link saveBlocks} has anything to write. */
  get hasUnsavedBlocks(): boolean {
    return this.deps.index.dirtyCount > 0;
  }

  /** Writes blocks and index, and leaves the coins: after a crash the blocks above those coins are connected again. */
  async saveBlocks(): Promise<void> {
    const { files, index, indexStore } = this.deps;
    await files.flush();
    await flushBlockIndex(index, files, indexStore);
  }

  /** Flushes where the changes have filled the cache; between two steps of the chain (`periodic`) also where they are old. */
  async flushIfNeeded(when: "critical" | "periodic"): Promise<void> {
    const isOld = when === "periodic" && this.deps.clock.monotonicMs() >= this.#nextFlushMs;
    if (isOld || this.deps.coins.isOverLimit) await this.flush();
  }

  /** A block whose chain is complete is a candidate unless it is worse than the tip. */
  addCandidate(entry: BlockIndexEntry): void {
    const { tip } = this.active;
    if (!entry.isValid(BlockStatus.VALID_TRANSACTIONS) || entry.chainTransactionCount === 0) return;
    if (tip === undefined || compareBranches(entry, tip) > 0) this.candidates.add(entry);
  }

  /** Looks for candidates among all blocks: after marks were set or taken back, and at start. */
  resetCandidates(): void {
    this.candidates.reset([]);
    for (const entry of this.deps.index.entries()) this.addCandidate(entry);
  }

  /** Shows the chain as it is now to everyone. */
  publish(): void {
    this.published.setTip(this.active.tip);
  }

  /** Tells subscribers where the best header changed. */
  announceHeader(): void {
    const entry = this.deps.index.bestHeader;
    if (entry === undefined || entry === this.#announcedHeader) return;
    this.#announcedHeader = entry;
    this.deps.events.emit({ type: "header-tip", entry, isInitialBlockDownload: this.isInitialBlockDownload });
  }

  /** True until the tip was once recent and had enough work; then false for good. */
  get isInitialBlockDownload(): boolean {
    return this.#isInitialBlockDownload;
  }

  updateInitialBlockDownload(): void {
    const { tip } = this.active;
    if (!this.#isInitialBlockDownload || this.isLoadingBlocks || tip === undefined) return;
    if (tip.chainwork < this.options.minimumChainwork) return;
    if (tip.time < this.nowSeconds() - this.options.maxTipAgeSeconds) return;
    this.#isInitialBlockDownload = false;
    this.deps.log.info("Leaving InitialBlockDownload (latching to false)");
  }

  /** Share of all transactions that the chain up to `entry` has, from 0 to 1, by the network's known rate. */
  verificationProgress(entry: BlockIndexEntry): number {
    const { timeSeconds, transactionCount, transactionsPerSecond } = this.options.network.chainTransactions;
    const done = entry.chainTransactionCount;
    if (done === 0) return 0;
    const now = this.nowSeconds();
    const best = this.deps.index.bestHeader;
    const isRecent =
      best !== undefined && Math.abs(now - entry.time) <= PROGRESS_RECENT_SECONDS && best.height >= entry.height;
    const time = isRecent ? now - (best.height - entry.height) * this.params.targetSpacingSeconds : entry.time;
    const total =
      done <= transactionCount
        ? transactionCount + (now - timeSeconds) * transactionsPerSecond
        : done + (now - time) * transactionsPerSecond;
    return Math.min(done / total, 1);
  }

  /**
   * Whether the scripts of a block must run: not where it is below the block that the operator assumes valid, on the best
   * header chain, that chain has the work we know to exist, and the block is two weeks of work deep.
   */
  needsScripts(entry: BlockIndexEntry): boolean {
    // The genesis block spends nothing.
    if (entry.height === 0) return true;
    const reason = this.#whyScripts(entry);
    if (reason !== this.#scriptsReason || (reason === undefined && entry.height === 1)) {
      this.#scriptsReason = reason;
      const block = `block #${entry.height} (${displayHash(entry.hash)})`;
      if (reason === undefined) this.deps.log.info(`Disabling script verification at ${block}.`);
      else this.deps.log.info(`Enabling script verification at ${block}: ${reason}.`);
    }
    return reason !== undefined;
  }

  #whyScripts(entry: BlockIndexEntry): string | undefined {
    const { assumeValid, minimumChainwork } = this.options;
    if (assumeValid === undefined) return "assumevalid=0 (always verify)";
    const assumed = this.deps.index.find(assumeValid);
    const best = this.deps.index.bestHeader!;
    if (assumed === undefined) return "assumevalid hash not in headers";
    if (entry.height > assumed.height) return "block height above assumevalid height";
    if (assumed.ancestor(entry.height) !== entry) return "block not in assumevalid chain";
    if (best.ancestor(entry.height) !== entry) return "block not in best header chain";
    if (best.chainwork < minimumChainwork) return "best header chainwork below minimumchainwork";
    if (equivalentSeconds(best, entry, best, this.params) <= ASSUME_VALID_DEPTH_SECONDS)
      return "block too recent relative to best header";
    return undefined;
  }

  /** The line that tools wait for. */
  logTip(): void {
    const tip = this.active.tip!;
    const { coins, log } = this.deps;
    const version = (tip.version >>> 0).toString(16).padStart(8, "0");
    const cacheMib = (coins.usageBytes / BYTES_PER_MIB).toFixed(1);
    log.info(
      `UpdateTip: new best=${displayHash(tip.hash)} height=${tip.height} version=0x${version} log2_work=${log2Work(tip)} ` +
        `tx=${tip.chainTransactionCount} date='${isoTime(tip)}' progress=${this.verificationProgress(tip).toFixed(6)} ` +
        `cache=${cacheMib}MiB(${coins.cachedCount}txo)`,
    );
  }

  /** Notes and logs a block that turned out invalid, or was called so by the operator. */
  noteInvalid(entry: BlockIndexEntry): void {
    this.considerInvalid(entry);
    const describe = (block: BlockIndexEntry) =>
      `=${displayHash(block.hash)} height=${block.height} log2_work=${log2Work(block)} date=${isoTime(block)}`;
    this.deps.log.info(`InvalidChainFound: invalid block${describe(entry)}`);
    if (this.active.tip !== undefined)
      this.deps.log.info(`InvalidChainFound: current best${describe(this.active.tip)}`);
    this.judgeInvalidChain();
  }

  /** Keeps an invalid block in mind where no invalid one has more work. One that was set aside is nothing to warn of. */
  considerInvalid(entry: BlockIndexEntry): void {
    if (entry.isSetAside) return;
    if (this.bestInvalid === undefined || entry.chainwork > this.bestInvalid.chainwork) this.bestInvalid = entry;
  }

  /**
   * Decides whether to warn of the best invalid chain. Asked for where Bitcoin Core does so: when a block turns out invalid,
   * after each step of the tip, and at start. Between them the warning stays as it is.
   */
  judgeInvalidChain(): void {
    const { tip } = this.active;
    const warnedBefore = this.#warnsOfInvalidChain;
    this.#warnsOfInvalidChain =
      this.bestInvalid !== undefined &&
      tip !== undefined &&
      this.bestInvalid.chainwork > tip.chainwork + workOfBits(tip.bits) * 6n;
    if (warnedBefore || !this.#warnsOfInvalidChain || this.isInitialBlockDownload) return;
    this.deps.events.emit({ type: "warning-raised", warning: INVALID_CHAIN_WARNING });
  }

  /** What `getblockchaininfo.warnings` shows. */
  warnings(): readonly string[] {
    return this.#warnsOfInvalidChain ? [INVALID_CHAIN_WARNING] : [];
  }

  /** Lets blocks above one that was pruned wait for it to come again. */
  #hasAllData(entry: BlockIndexEntry, known: BlockIndexEntry | undefined): boolean {
    if (!this.pruning.hasPruned) return true;
    const above: BlockIndexEntry[] = [];
    for (let walk = entry; walk !== known && !this.active.contains(walk); walk = walk.previous!) {
      if (!walk.hasData) {
        for (const waiting of above) this.deps.index.waitForPrevious(waiting);
        return false;
      }
      above.push(walk);
    }
    return true;
  }

  #decoded<Value>(
    entry: BlockIndexEntry,
    what: string,
    decode: (bytes: Uint8Array) => Value,
    bytes: Uint8Array,
  ): Value {
    try {
      return decode(bytes);
    } catch (error) {
      if (error instanceof DecodeError) throw this.#damaged(entry, what, error.message);
      throw error;
    }
  }

  #missing(entry: BlockIndexEntry, what: string): StorageError {
    const message = `The ${what} of block ${displayHash(entry.hash)} (height ${entry.height}) is not stored.`;
    return new StorageError("missing", this.options.blocksPath, message);
  }

  #damaged(entry: BlockIndexEntry, what: string, why: string): StorageError {
    const where = `file ${entry.file} in ${this.options.blocksPath}`;
    const message = `The ${what} of block ${displayHash(entry.hash)} (height ${entry.height}, ${where}) is damaged: ${why}. Restart with -reindex.`;
    return new StorageError("corrupt", this.options.blocksPath, message);
  }
}

function log2Work(entry: BlockIndexEntry): string {
  return Math.log2(Number(entry.chainwork)).toFixed(6);
}

function isoTime(entry: BlockIndexEntry): string {
  return new Date(entry.time * 1000).toISOString().replace(".000", "");
}

import type { BlockUndo } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import type { BlockReject } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockPart, FilePosition } from "../ports.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import {
  BlockProcessor,
  type BlockSubmission,
  type BlockSubmitOptions,
  type ChainCommandResult,
  type ChainReturnResult,
  type HeaderSubmission,
  type TestBlockOptions,
} from "./block-processor.ts";
import type { ChainEvents } from "./chain-events.ts";
import { type ChainTip, chainTips } from "./chain-tips.ts";
import type { Chainstate } from "./chainstate.ts";
import type { CoinsCache } from "./coins.ts";
import { type ChainDependencies, type ChainOptions, type OpenedChain, openChain } from "./open-chain.ts";
import { lastPrunedBlock, pruneIfDue, pruneUpTo } from "./prune-blocks.ts";
import type { PruneMode } from "./pruning.ts";
import { verifyChain } from "./verify-chain.ts";

export type {
  BlockSubmission,
  BlockSubmitOptions,
  ChainCommandResult,
  ChainDependencies,
  ChainOptions,
  ChainTip,
  HeaderSubmission,
  TestBlockOptions,
};

/** The chain of blocks: everything others may ask of it and do to it. */
export class Chain {
  readonly network: Network;
  readonly coins: CoinsCache;
  readonly events: ChainEvents;
  readonly #state: Chainstate;
  readonly #processor: BlockProcessor;
  readonly #stores: OpenedChain["stores"];
  #closing: Promise<void> | undefined;

  /** Opens or creates the data directory: loads, replays, repairs. Throws `StartupError` with one plain sentence. */
  static async open(options: ChainOptions, deps: ChainDependencies): Promise<Chain> {
    return new Chain(options, deps, await openChain(options, deps));
  }

  private constructor(options: ChainOptions, deps: ChainDependencies, { state, stores }: OpenedChain) {
    const { stopAtHeight } = options;
    this.network = options.network;
    this.coins = state.deps.coins;
    this.events = state.deps.events;
    this.#state = state;
    this.#stores = stores;
    this.#processor = new BlockProcessor(stopAtHeight === undefined ? {} : { stopAtHeight }, {
      state,
      onStopHeight: deps.onStopHeight ?? (() => {}),
      onFatal: deps.onFatal ?? (() => {}),
    });
  }

  get tip(): BlockIndexEntry {
    return this.#state.published.tip!;
  }

  get height(): number {
    return this.#state.published.height;
  }

  /** The header with the most work that is not known to be invalid. */
  get bestHeader(): BlockIndexEntry {
    return this.#state.deps.index.bestHeader!;
  }

  get isInitialBlockDownload(): boolean {
    return this.#state.isInitialBlockDownload;
  }

  /** True where the next submission would be answered `busy`: stop reading from peers. */
  get isBusy(): boolean {
    return this.#processor.isBusy;
  }

  /** Estimated share of all transactions that are verified, from 0 to 1. */
  verificationProgress(entry: BlockIndexEntry = this.tip): number {
    return this.#state.verificationProgress(entry);
  }

  /** Bytes of the block and undo files. */
  sizeOnDisk(): number {
    return this.#state.deps.files.sizeOnDisk();
  }

  /** `-prune`; `undefined` where blocks are kept. */
  get pruneMode(): PruneMode | undefined {
    return this.#state.pruning.mode;
  }

  /** Whether the block was here once and was deleted. */
  isPruned(entry: BlockIndexEntry): boolean {
    return this.#state.pruning.hasPruned && !entry.hasData && entry.transactionCount > 0;
  }

  /** The last block of the chain, genesis aside, whose data or undo data is not here. */
  lastPruned(): BlockIndexEntry | undefined {
    return lastPrunedBlock(this.#state);
  }

  /** Has pruning spare the blocks from `height` on, and a few before, for whoever goes by `name`; until it is called again. */
  setPruneLock(name: string, height: number): void {
    this.#state.pruning.setLock(name, height);
  }

  /** From now on old blocks may go, and those that are due do: to be called when all who need some have their locks. */
  startPruning(): Promise<void> {
    return this.#processor.exclusively(async () => {
      const { pruning } = this.#state;
      pruning.isStarted = true;
      pruning.isDue = true;
      await pruneIfDue(this.#state);
    });
  }

  /** Deletes the block files that hold nothing above `height`, of those that may go. */
  pruneUpTo(height: number): Promise<void> {
    return this.#processor.exclusively(() => pruneUpTo(this.#state, height));
  }

  /** What `getblockchaininfo.warnings` shows. */
  warnings(): readonly string[] {
    return this.#state.warnings();
  }

  /** The block of the active chain at `height`. */
  blockAt(height: number): BlockIndexEntry | undefined {
    return this.#state.published.at(height);
  }

  find(hash: BlockHash): BlockIndexEntry | undefined {
    return this.#state.deps.index.find(hash);
  }

  /** Every header that is known, in no order. Not to be kept across an await. */
  entries(): Iterable<BlockIndexEntry> {
    return this.#state.deps.index.entries();
  }

  isInActiveChain(entry: BlockIndexEntry): boolean {
    return this.#state.published.contains(entry);
  }

  /** The block of the active chain on top of `entry`. */
  next(entry: BlockIndexEntry): BlockIndexEntry | undefined {
    return this.#state.published.next(entry);
  }

  /** The highest block of the active chain that `entry` builds upon or is. */
  fork(entry: BlockIndexEntry): BlockIndexEntry {
    return this.#state.published.fork(entry)!;
  }

  /** Blocks that nothing builds upon, the highest first, as `getchaintips`. */
  tips(): readonly ChainTip[] {
    return chainTips(this.#state);
  }

  /** Whether a crash would leave all that is known of a block: its header, its data and what it spent, where they are here. */
  isOnDisk(entry: BlockIndexEntry): boolean {
    return this.#state.deps.index.isOnDisk(entry);
  }

  /** Rejects with `StorageError` where the data is not there or damaged. */
  readBlock(entry: BlockIndexEntry): Promise<Block> {
    return this.#state.readBlock(entry);
  }

  /** As {@link readBlock}, undecoded and unchecked. */
  readBlockBytes(entry: BlockIndexEntry): Promise<Uint8Array> {
    return this.#state.readBlockBytes(entry);
  }

  /**
   * A part of the encoded block that begins at `position` of the block files, unchecked: for indexes, which remember places.
   * Rejects with `StorageError` where no block can be read there.
   */
  readBlockPart(position: FilePosition, part: BlockPart): Promise<Uint8Array> {
    return this.#state.deps.files.readBlock(position, part);
  }

  /** What a block of a chain that was once active spent. Rejects with `StorageError` where it is not there or damaged. */
  readUndo(entry: BlockIndexEntry): Promise<BlockUndo> {
    return this.#state.readUndo(entry);
  }

  /** Checks a block, stores it and moves the tip where that makes the chain better. */
  submitBlock(block: Block, options?: BlockSubmitOptions): Promise<BlockSubmission> {
    return this.#processor.submitBlock(block, options);
  }

  submitHeader(header: BlockHeader, options?: { readonly minPowChecked?: boolean }): Promise<HeaderSubmission> {
    return this.submitHeaders([header], options);
  }

  /** Headers in order, each on top of the one before; stops at the first that is refused. */
  submitHeaders(
    headers: readonly BlockHeader[],
    options: { readonly minPowChecked?: boolean } = {},
  ): Promise<HeaderSubmission> {
    return this.#processor.submitHeaders(headers, options.minPowChecked ?? true);
  }

  /** Whether `block` on top of the tip would be valid: for templates and proposals. No state changes. */
  testBlock(block: Block, options?: TestBlockOptions): Promise<BlockReject | undefined> {
    return this.#processor.testBlock(block, options);
  }

  invalidateBlock(hash: BlockHash): Promise<ChainCommandResult> {
    return this.#processor.invalidateBlock(hash);
  }

  reconsiderBlock(hash: BlockHash): Promise<ChainCommandResult> {
    return this.#processor.reconsiderBlock(hash);
  }

  /** Makes a block that was part of the chain its tip again; what came after it is set aside, and nobody can bring it back unasked. */
  returnTo(hash: BlockHash): Promise<ChainReturnResult> {
    return this.#processor.returnTo(hash);
  }

  preciousBlock(hash: BlockHash): Promise<ChainCommandResult> {
    return this.#processor.preciousBlock(hash);
  }

  /** Checks the last `blockCount` blocks (0: all) as thoroughly as `level` (0 to 4) says. True where all was checked and is right. */
  async verify(level: number, blockCount: number, onProgress?: (percent: number) => void): Promise<boolean> {
    const memoryBytes = this.coins.cacheBytes;
    const result = await this.#processor.exclusively(() =>
      verifyChain(this.#state, { level, blockCount, memoryBytes, ...(onProgress && { onProgress }) }),
    );
    return result === "ok";
  }

  /** Runs `work` while the tip stands still, with all coins on disk: to take a snapshot for statistics and scans. */
  withFlushedCoins<Value>(work: (coins: CoinsCache, tip: BlockIndexEntry) => Promise<Value>): Promise<Value> {
    return this.#processor.exclusively(async () => {
      await this.#state.flush();
      return work(this.coins, this.tip);
    });
  }

  /** Runs `task` while the tip stands still. It must not move the tip itself. Rejects where the chain is closing. */
  async atTip<Value>(task: () => Promise<Value>): Promise<Value> {
    if (this.#closing !== undefined) throw new Error("the chain is closed");
    return this.#processor.exclusively(task);
  }

  /**
   * Has `work` done whenever the tip has moved, before anything else happens at the new tip. For who must never be seen behind
   * the tip and has to read the disk to keep up; others listen to {@link events}. Returns the function that ends it.
   */
  settleWith(work: () => Promise<void>): () => void {
    return this.#processor.settleWith(work);
  }

  /** Resolves when everything that was submitted before has been tried. */
  settled(): Promise<void> {
    return this.#processor.exclusively(async () => {});
  }

  /** Writes everything to disk. */
  flush(): Promise<void> {
    return this.#processor.exclusively(() => this.#state.flush());
  }

  /** Waits for what is under way and for subscribers, writes everything and closes the files. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#processor.close();
    await this.events.drained();
    try {
      // After a failure of the disk what is in memory is not trusted: the next start goes on from the last flush.
      if (this.#processor.failure === undefined) await this.#state.flush();
    } finally {
      for (const store of [...this.#stores].reverse()) await store.close();
    }
  }
}

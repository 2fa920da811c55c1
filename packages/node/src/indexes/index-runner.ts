import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { BlockUndo } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainEvent } from "../chain/chain-events.ts";
import { StartupError } from "../chain/startup-error.ts";
import type { Clock, KvBatch, KvStore, Logger } from "../ports.ts";
import { BEST_BLOCK_KEY } from "../storage/keyspace.ts";
import { decodeLocator, encodeLocator, locatorOf } from "./locator.ts";

/** Blocks written to the database at once: the most that a crash takes back. */
const BATCH_BLOCKS_MAX = 500;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** While the index catches up, it says so this often. */
const PROGRESS_INTERVAL_MS = 30_000;
/** Blocks kept from their events until the tip is announced, so that they need not be read again. */
const RECENT_BLOCKS_MAX = 8;

/** A block of the active chain that an index takes in. */
export interface IndexedBlock {
  readonly entry: BlockIndexEntry;
  readonly block: Block;
  /** The coins it spent, read when asked for. Rejects with `StorageError`. */
  readonly undo: () => Promise<BlockUndo>;
}

/** What one kind of index makes of blocks. Its calls never overlap. */
export interface IndexWriter {
  /** As the log and `getindexinfo` have it: `basic block filter index`. */
  readonly name: string;
  /** Whether it asks for the coins that blocks spent. */
  readonly needsUndo: boolean;
  /**
   * Whether blocks that the chain went back by are taken back at once. Where it is absent they stay, as in Bitcoin Core, until
   * others come in their place: mostly they come back themselves.
   */
  readonly goesBackWithTip?: boolean;
  /** Gets ready to go on behind `best`; `undefined` where the index is empty. */
  load(best: BlockIndexEntry | undefined): Promise<void>;
  /** Adds to the batch what the index keeps of a block, which stands on the one before. */
  append(batch: KvBatch, block: IndexedBlock): void | Promise<void>;
  /**
   * Adds to the batch what takes the blocks above `fork` back. Everything before is in the database. `best` is the last of
   * them, or `undefined` where a crash lost it.
   */
  rewind(batch: KvBatch, fork: BlockIndexEntry, best: BlockIndexEntry | undefined): void | Promise<void>;
  /** Called before a batch is written: what it refers to outside of the database must be on disk first. */
  beforeWrite?(batch: KvBatch): void | Promise<void>;
}

/** How far an index is. */
export interface IndexStatus {
  readonly name: string;
  /** It has once come to the tip in this run, and follows it. */
  readonly isSynced: boolean;
  /** The block it has come to; `undefined` where it is empty. */
  readonly best: BlockIndexEntry | undefined;
}

export interface IndexRunnerDependencies {
  readonly chain: Pick<
    Chain,
    "tip" | "blockAt" | "next" | "fork" | "find" | "readBlock" | "readUndo" | "events" | "pruneMode" | "setPruneLock"
  >;
  readonly store: KvStore;
  readonly writer: IndexWriter;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly log: Logger;
  /** The index cannot go on, and the node must not pretend that it does. */
  readonly onFatal: (error: Error) => void;
}

/**
 * Lets an index follow the chain: first in the background up to the tip, then block by block, over reorganisations. The block
 * it has come to is written together with what it made of it, so that whatever a crash leaves fits together.
 */
export class IndexRunner implements IndexStatus {
  readonly #deps: IndexRunnerDependencies;
  readonly #recent = new Map<BlockIndexEntry, Block>();
  #best: BlockIndexEntry | undefined;
  #isSynced = false;
  #isStopping = false;
  #nextProgressMs = 0;
  #work: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => {};

  /** Finds out where the index stands. Rejects with `StartupError` where it belongs to no chain that we know. */
  static async open(deps: IndexRunnerDependencies): Promise<IndexRunner> {
    const { chain, store, writer } = deps;
    const runner = new IndexRunner(deps);
    const stored = await store.get(BEST_BLOCK_KEY);
    const hashes = stored === undefined ? [] : locatorIn(stored, writer.name);
    const known = hashes.map((hash) => chain.find(hash));
    const best = known.find((entry) => entry !== undefined);
    if (stored !== undefined && best === undefined) throw cannotGoOn(writer.name);
    await writer.load(best);
    runner.#best = best;
    // Blocks are on disk a second after they connect: a crash may leave the index ahead of what the chain remembers, or has more of
    // than a header, which a peer may have sent again.
    const held = best && lastHeld(best, chain);
    if (held !== undefined && (known[0] === undefined || held !== best)) await runner.#rewind(held, undefined);
    requireBlocks(runner.#best, deps);
    runner.#holdBlocks();
    return runner;
  }

  private constructor(deps: IndexRunnerDependencies) {
    this.#deps = deps;
  }

  get name(): string {
    return this.#deps.writer.name;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  get best(): BlockIndexEntry | undefined {
    return this.#best;
  }

  /** Begins to follow the chain. */
  start(): void {
    const { chain, clock } = this.#deps;
    this.#isSynced = this.#best === chain.tip;
    this.#nextProgressMs = clock.monotonicMs() + PROGRESS_INTERVAL_MS;
    this.#unsubscribe = chain.events.subscribe((event) => this.#onEvent(event), { name: this.name });
    this.#work = this.#guarded(() => this.#catchUp());
  }

  /** Waits until the index has what the chain had at the time of the call. False, at once, where it has not caught up yet. */
  async waitUntilCurrent(): Promise<boolean> {
    const { chain, log } = this.#deps;
    if (!this.#isSynced) return false;
    if (this.#hasTip()) return true;
    log.info(`${this.name} is catching up on block notifications`);
    await chain.events.drained();
    return true;
  }

  /** Ends after the block that is being taken in; what was taken in is written. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#unsubscribe();
    await this.#work;
  }

  async #catchUp(): Promise<void> {
    const { chain, log } = this.#deps;
    while (!this.#hasTip()) {
      await this.#advance();
      if (this.#isStopping) return;
    }
    // In the same breath as the comparison: every later tip comes as an event that is not ignored.
    this.#isSynced = true;
    log.info(`${this.name} is enabled at height ${chain.tip.height}`);
  }

  async #onEvent(event: ChainEvent): Promise<void> {
    if (!this.#isSynced || this.#isStopping) return;
    if (event.type === "block-connected" && this.#recent.size < RECENT_BLOCKS_MAX) {
      this.#recent.set(event.entry, event.block);
    }
    if (event.type !== "tip-changed") return;
    this.#work = this.#guarded(() => this.#advance());
    await this.#work;
    this.#recent.clear();
  }

  /** Whether the index has all that the chain has. */
  #hasTip(): boolean {
    const { chain, writer } = this.#deps;
    const { tip } = chain;
    if (writer.goesBackWithTip) return this.#best === tip;
    return this.#best?.ancestor(tip.height) === tip;
  }

  /** Takes in blocks, and takes back those that they stand in the place of, until the index has what the chain has. */
  async #advance(): Promise<void> {
    const { chain } = this.#deps;
    while (!this.#isStopping && !this.#hasTip()) {
      const fork = this.#best && chain.fork(this.#best);
      if (fork === this.#best) await this.#appendBatch();
      else await this.#rewind(fork!, this.#best);
    }
  }

  /** Takes in the blocks on top, up to the tip, or to where the chain goes another way meanwhile, or to a batch's size. */
  async #appendBatch(): Promise<void> {
    const { chain, store, writer } = this.#deps;
    const batch = store.newBatch();
    let last = this.#best;
    for (let count = 0; count < BATCH_BLOCKS_MAX && batch.sizeBytes < BATCH_BYTES_MAX; count++) {
      const entry: BlockIndexEntry | undefined = last === undefined ? chain.blockAt(0) : chain.next(last);
      if (entry === undefined || this.#isStopping) break;
      await writer.append(batch, await this.#blockOf(entry));
      this.#logProgress(entry);
      last = entry;
    }
    if (last !== undefined && last !== this.#best) await this.#write(batch, last);
  }

  async #rewind(fork: BlockIndexEntry, best: BlockIndexEntry | undefined): Promise<void> {
    const batch = this.#deps.store.newBatch();
    await this.#deps.writer.rewind(batch, fork, best);
    await this.#write(batch, fork);
  }

  async #write(batch: KvBatch, best: BlockIndexEntry): Promise<void> {
    const { store, writer } = this.#deps;
    await writer.beforeWrite?.(batch);
    batch.put(BEST_BLOCK_KEY, encodeLocator(locatorOf(best)));
    // A power cut may take the newest batches, never one without those behind it, and never half of one. It may not where the
    // blocks to make them again may be gone by then.
    await store.write(batch, { sync: this.#deps.chain.pruneMode !== undefined });
    this.#best = best;
    this.#holdBlocks();
  }

  /** Has pruning spare what the index has yet to read. */
  #holdBlocks(): void {
    this.#deps.chain.setPruneLock(this.name, this.#best?.height ?? 0);
  }

  async #blockOf(entry: BlockIndexEntry): Promise<IndexedBlock> {
    const { chain, log } = this.#deps;
    const failed = (what: string) => (error: unknown) => {
      log.error(`Failed to read ${what} ${displayHash(entry.hash)} from disk`);
      throw error;
    };
    const block = this.#recent.get(entry) ?? (await chain.readBlock(entry).catch(failed("block")));
    return { entry, block, undo: () => chain.readUndo(entry).catch(failed("undo block data")) };
  }

  #logProgress(entry: BlockIndexEntry): void {
    const { clock, log } = this.#deps;
    const now = clock.monotonicMs();
    if (this.#isSynced || now < this.#nextProgressMs) return;
    this.#nextProgressMs = now + PROGRESS_INTERVAL_MS;
    log.info(`Syncing ${this.name} with block chain from height ${entry.height}`);
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#isStopping = true;
      this.#deps.log.error(`${this.name} cannot go on`, { error: String(error) });
      this.#deps.onFatal(error as Error);
    }
  }
}

function locatorIn(bytes: Uint8Array, name: string) {
  try {
    return decodeLocator(bytes);
  } catch (error) {
    if (error instanceof DecodeError) throw cannotGoOn(name);
    throw error;
  }
}

/** The last block up to `best` whose data is here. What was pruned was here. */
function lastHeld(best: BlockIndexEntry, { pruneMode }: IndexRunnerDependencies["chain"]): BlockIndexEntry {
  let held = best;
  while (pruneMode === undefined && !held.hasData && held.previous !== undefined) held = held.previous;
  return held;
}

/** Refuses to start where a block that is yet to be taken in, or that would be taken back, was pruned. */
function requireBlocks(best: BlockIndexEntry | undefined, { chain, writer }: IndexRunnerDependencies): void {
  const { tip, pruneMode } = chain;
  if (pruneMode === undefined || best?.ancestor(tip.height) === tip) return;
  const start = best === undefined ? 0 : chain.fork(best).height;
  for (let entry: BlockIndexEntry | undefined = tip; entry && entry.height >= start; entry = entry.previous) {
    const lacksUndo = writer.needsUndo && entry.height > 0 && !entry.hasUndo;
    if (entry.hasData && !lacksUndo) continue;
    const what = `pruned data${writer.needsUndo ? " (including undo data)" : ""}`;
    throw new StartupError(
      `${writer.name} best block of the index goes beyond ${what}. Please disable the index or reindex (which will download the whole blockchain again)`,
      {
        consequence:
          "A fatal internal error occurred, see debug.log for details: Failed to start indexes, shutting down…",
      },
    );
  }
}

function cannotGoOn(name: string): StartupError {
  return new StartupError(`best block of ${name} not found. Please rebuild the index.`);
}

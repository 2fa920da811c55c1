import { workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainEvent } from "../chain/chain-events.ts";
import type { Mempool } from "../mempool/mempool.ts";
import type { Clock, Logger, Random } from "../ports.ts";
import { type FoundBlock, FoundBlocks } from "./found-blocks.ts";
import { type GenerateRefusal, type Generator, isGenerateRefusal } from "./generate.ts";
import { MinerRoster, ROSTER_BLOCKS_READ } from "./miner-roster.ts";

/** Hashes of one try at the least; then transactions and time are taken anew. */
const TRIES_MIN = 1_000_000;
/** How long a template is hashed, at the speed measured. */
const TEMPLATE_AGE_SECONDS = 30;
/** Longest wait between two blocks, as a multiple of the mean: an exponential wait is longer once in 3,000. */
const WAIT_MEANS_MAX = 8;
/** Mean time from a transaction to its block with pacing `on-transaction`: others have time to join it. */
const TRANSACTION_WAIT_MS = 1000;
/** Pause after a block that the chain refused, so that a fault does not fill the log. */
const REFUSED_PAUSE_MS = 1000;

export const MINER_PACINGS = ["interval", "on-transaction", "continuous", "off"] as const;
export type MinerPacing = (typeof MINER_PACINGS)[number];

/** What may be changed while the miner runs. */
export interface MinerSettings {
  readonly pacing: MinerPacing;
  /** Mean time between two blocks of all miners together with pacing `interval`. */
  readonly intervalMs: number;
  /** Where mined coins go; nothing is mined without. */
  readonly script: Uint8Array | undefined;
}

export interface MinerStatus extends MinerSettings {
  /** Paced miners that share the interval, this one included. */
  readonly minerCount: number;
  /** While it hashes. */
  readonly hashesPerSecond: number;
  /** Hashes made since the start. */
  readonly hashCount: bigint;
  readonly foundCount: number;
  /** Of those found: not part of the chain now. */
  readonly staleCount: number;
  /** Blocks of this network have to be signed, and the key is not here: nothing can be mined. */
  readonly lacksKey: boolean;
}

/** What a miner does that others may want to know. */
export type MinerEvent =
  | { readonly type: "settings-changed" }
  /** `isActive`: it is part of the chain, and no other was there first. */
  | { readonly type: "block-found"; readonly height: number; readonly hash: BlockHash; readonly isActive: boolean }
  /** A block of this miner ceased to be part of the chain, or is part of it again. */
  | { readonly type: "block-moved"; readonly height: number; readonly hash: BlockHash; readonly isActive: boolean };

/** Called within the change itself: must not throw. */
export type MinerListener = (event: MinerEvent) => void;

export interface MinerOptions extends MinerSettings {
  /** Tells this miner from all others of its network. */
  readonly id: string;
  readonly lacksKey?: boolean;
}

export interface MinerDependencies {
  readonly chain: Pick<Chain, "tip" | "events" | "find" | "isInActiveChain" | "readBlock">;
  readonly generator: Pick<Generator, "generateInBackground" | "template">;
  readonly mempool: { readonly size: number; readonly events: Pick<Mempool["events"], "subscribe"> };
  readonly search: { readonly hashesPerSecond: number; readonly hashCount: bigint };
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
  readonly log: Logger;
  /** Resolves with true once blocks may be made after the start, with false where the signal was aborted before. */
  readonly mayBegin?: (signal: AbortSignal) => Promise<boolean>;
  /** Then makes what blocks are to be there before any is paced; resolves with false where the signal was aborted before all were. */
  readonly firstBlocks?: (script: Uint8Array, signal: AbortSignal) => Promise<boolean>;
}

/**
 * Makes blocks: all the time, soon after transactions come, or now and then. With `interval` the waits are exponential, as those of
 * a real network are; a wait of each miner has the mean of the network times the number of miners, so that together they keep it.
 */
export class Miner {
  #settings: MinerSettings;
  readonly #deps: MinerDependencies;
  readonly #lacksKey: boolean;
  readonly #roster: MinerRoster;
  readonly #found = new FoundBlocks();
  #mayBegin = false;
  #hasFirstBlocks = false;
  /** Cancels the end of a hold; absent where the miner is not held. */
  #release: (() => void) | undefined;
  #isRosterRead = false;
  /** Aborted when what is under way has become pointless: other settings, or the end. */
  #round = new AbortController();
  #isStopped = false;
  #wake: ((by: "tip" | "transaction" | "settings") => void) | undefined;
  #running: Promise<void> | undefined;
  #unsubscribe: readonly (() => void)[] = [];
  readonly #listeners = new Set<{ readonly listener: MinerListener }>();

  constructor({ id, lacksKey = false, ...settings }: MinerOptions, deps: MinerDependencies) {
    this.#lacksKey = lacksKey;
    this.#settings = settings;
    this.#deps = deps;
    this.#roster = new MinerRoster(id);
  }

  start(): void {
    const { chain, mempool, log } = this.#deps;
    this.#running = this.#run().catch((error) => log.error("The miner stopped", { error: String(error) }));
    this.#unsubscribe = [
      chain.events.subscribe((event) => this.#chainChanged(event), { name: "miner", delivery: "inline" }),
      mempool.events.subscribe((event) => {
        if (event.type === "transaction-added") this.#wake?.("transaction");
      }),
    ];
  }

  /** Resolves when nothing is being mined any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#release?.();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#endRound();
    await this.#running;
  }

  /** Goes on with other settings at once; what is not named stays. */
  configure(changes: Partial<MinerSettings>): void {
    this.#settings = { ...this.#settings, ...changes };
    const { pacing, intervalMs } = this.#settings;
    this.#deps.log.info("Mining", { pacing, ...(pacing === "interval" && { intervalMs }) });
    this.#endRound();
    this.#tell({ type: "settings-changed" });
  }

  /** Makes no blocks for so long, or until it is called with 0; the settings stay. */
  hold(durationMs: number): void {
    this.#release?.();
    if (durationMs > 0) {
      this.#release = this.#deps.clock.after(durationMs, () => this.hold(0));
    } else {
      this.#release = undefined;
    }
    this.#endRound();
  }

  status(): MinerStatus {
    return {
      ...this.#settings,
      minerCount: this.#roster.minerCount,
      hashesPerSecond: this.#deps.search.hashesPerSecond,
      hashCount: this.#deps.search.hashCount,
      foundCount: this.#found.count,
      staleCount: this.#found.staleCount,
      lacksKey: this.#lacksKey,
    };
  }

  /** The last `count` blocks that it found since its start and watches still, newest first. */
  lastFound(count: number): readonly (FoundBlock & { readonly isActive: boolean })[] {
    return this.#found.last(count);
  }

  /** Returns the function that ends it. */
  watch(listener: MinerListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  #tell(event: MinerEvent): void {
    for (const { listener } of this.#listeners) listener(event);
  }

  #endRound(): void {
    this.#round.abort();
    this.#wake?.("settings");
  }

  #chainChanged(event: ChainEvent): void {
    if (event.type === "tip-changed") this.#wake?.("tip");
    if (event.type !== "block-connected" && event.type !== "block-disconnected") return;
    const isActive = event.type === "block-connected";
    if (isActive) this.#roster.connected(event.block);
    else this.#roster.disconnected();
    if (!this.#found.moved(event.entry.hash, isActive)) return;
    const facts = { height: event.entry.height, hash: displayHash(event.entry.hash) };
    this.#deps.log.info(isActive ? "Stale block is part of the chain again" : "Mined block went stale", facts);
    this.#tell({ type: "block-moved", height: event.entry.height, hash: event.entry.hash, isActive });
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#round = new AbortController();
      const { script, pacing } = this.#settings;
      if (script === undefined || pacing === "off" || this.#release !== undefined)
        await this.#wait(undefined, "settings");
      else if (!this.#mayBegin) this.#mayBegin = (await this.#deps.mayBegin?.(this.#round.signal)) ?? true;
      else if (!this.#hasFirstBlocks)
        this.#hasFirstBlocks = (await this.#deps.firstBlocks?.(script, this.#round.signal)) ?? true;
      else if (!this.#isRosterRead) await this.#readRoster();
      else if (await this.#isDue(pacing)) await this.#mine(script);
    }
  }

  /** Who mined the last blocks: of before the start, or of before this node began to mine. */
  async #readRoster(): Promise<void> {
    const { chain } = this.#deps;
    const { tip } = chain;
    const blocks: Block[] = [];
    for (let entry = tip; entry.previous !== undefined && blocks.length < ROSTER_BLOCKS_READ; entry = entry.previous) {
      // One that is pruned tells nothing.
      const block = await chain.readBlock(entry).catch(() => undefined);
      if (block === undefined) break;
      blocks.unshift(block);
    }
    // Otherwise there is something newer to read.
    if (chain.tip !== tip) return;
    this.#roster.reset(blocks);
    this.#isRosterRead = true;
  }

  /** Waits until a block is to be made; false where the tip or the settings changed meanwhile. */
  async #isDue(pacing: Exclude<MinerPacing, "off">): Promise<boolean> {
    if (pacing === "continuous") return true;
    if (pacing === "interval") {
      const meanMs = this.#settings.intervalMs * this.#roster.minerCount - this.#hashingMs();
      return this.#passed(Math.max(0, meanMs));
    }
    if (this.#deps.mempool.size === 0) {
      await this.#wait(undefined, "settings", "tip", "transaction");
      return false;
    }
    if (!(await this.#passed(TRANSACTION_WAIT_MS * this.#roster.minerCount))) return false;
    const { transactions } = await this.#deps.generator.template();
    // What pays too little for a block may wait without end; the next transaction may be another's.
    if (transactions.length === 0) await this.#wait(undefined, "settings", "tip", "transaction");
    return transactions.length > 0;
  }

  /** What finding a nonce is expected to take: a part of the interval, and on regtest nothing. */
  #hashingMs(): number {
    const speed = this.#deps.search.hashesPerSecond;
    return speed === 0 ? 0 : (Number(workOfBits(this.#deps.chain.tip.header.bits)) * 1000) / speed;
  }

  /** True where an exponential wait with that mean passed; false where the tip or the settings changed meanwhile. */
  async #passed(meanMs: number): Promise<boolean> {
    const means = Math.min(-Math.log(1 - this.#deps.random.unit()), WAIT_MEANS_MAX);
    return this.#wait(meanMs * means, "settings", "tip");
  }

  /** True where the time passed first; false where one of `reasons` came first. Without a time waits for them alone. */
  #wait(delayMs: number | undefined, ...reasons: readonly ("tip" | "transaction" | "settings")[]): Promise<boolean> {
    if (this.#round.signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (hasPassed: boolean) => {
        cancel();
        this.#wake = undefined;
        resolve(hasPassed);
      };
      const cancel = delayMs === undefined ? () => {} : this.#deps.clock.after(delayMs, () => end(true));
      this.#wake = (by) => {
        if (reasons.includes(by)) end(false);
      };
    });
  }

  /** Hashes until there is a block on the tip, ours or another's, or the settings change. */
  async #mine(script: Uint8Array): Promise<void> {
    const { chain, generator } = this.#deps;
    const { signal } = this.#round;
    const { tip } = chain;
    while (!signal.aborted && chain.tip === tip) {
      const triesMax = Math.max(TRIES_MIN, Math.floor(this.#deps.search.hashesPerSecond * TEMPLATE_AGE_SECONDS));
      const result = await generator.generateInBackground(script, this.#roster.tag, triesMax, signal);
      if (result === undefined) continue;
      return isGenerateRefusal(result) ? this.#refused(result) : this.#foundBlock(result);
    }
  }

  async #refused({ reason }: GenerateRefusal): Promise<void> {
    this.#deps.log.warn("Mined block refused", { reason });
    await this.#wait(REFUSED_PAUSE_MS, "settings");
  }

  #foundBlock(block: Block): void {
    const { chain, log } = this.#deps;
    const entry = chain.find(block.hash);
    const isActive = entry !== undefined && chain.isInActiveChain(entry);
    this.#found.add(foundBlock(block, entry?.height ?? chain.tip.height), isActive);
    const facts = { height: entry?.height, hash: displayHash(block.hash), transactions: block.transactions.length };
    log.info(isActive ? "Block found" : "Block found too late: stale", facts);
    if (entry !== undefined) this.#tell({ type: "block-found", height: entry.height, hash: entry.hash, isActive });
  }
}

function foundBlock({ hash, header, transactions }: Block, height: number): FoundBlock {
  const reward = transactions[0]!.outputs.reduce((sum, { value }) => sum + value, 0n);
  return { hash, height, timeSeconds: header.time, reward, transactionCount: transactions.length };
}

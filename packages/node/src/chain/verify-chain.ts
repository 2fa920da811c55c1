import { checkBlock } from "@bitfleet/protocol/consensus/check-block.ts";
import { disconnectBlock, disconnectOutPointsOf } from "@bitfleet/protocol/consensus/disconnect-block.ts";
import { isReject, rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { StorageError } from "../storage/storage-error.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import type { Chainstate } from "./chainstate.ts";
import { CoinsOverlay } from "./coins-overlay.ts";
import { tryBlock } from "./try-block.ts";

export interface VerifyOptions {
  /**
   * 0 reads the blocks, 1 checks what needs no chain, 2 reads the undo data, 3 takes the blocks back in memory and compares
   * with the coins, 4 connects them again with all rules.
   */
  readonly level: number;
  /** Blocks from the tip down; 0 or less for all. */
  readonly blockCount: number;
  /** Memory for the coins of levels 3 and 4; blocks further down are checked as for level 2. */
  readonly memoryBytes: number;
  /** Called with what is wrong and where, before the answer `damaged`. */
  readonly onDamage?: (what: string) => void;
  readonly onProgress?: (percent: number) => void;
  readonly signal?: AbortSignal;
}

export type VerifyResult =
  | "ok"
  /** Something is wrong; the log says what. */
  | "damaged"
  /** Nothing wrong, but not all could be taken back in memory. */
  | "memory-exhausted"
  /** Nothing wrong, but not all is here: blocks were pruned. */
  | "blocks-missing"
  | "interrupted";

/** Something is wrong with the stored chain. */
class Damage extends Error {}

/** Checks the blocks below the tip. Only while the tip stands still. Nothing changes. */
export async function verifyChain(state: Chainstate, options: VerifyOptions): Promise<VerifyResult> {
  const { tip } = state.active;
  if (tip?.previous === undefined) return "ok";
  const { log } = state.deps;
  const level = Math.max(0, Math.min(4, options.level));
  const count = options.blockCount <= 0 ? tip.height : Math.min(options.blockCount, tip.height);
  log.info(`Verifying last ${count} blocks at level ${level}`);
  try {
    const run = new Verification(state, level, count, options);
    return await run.verify(tip);
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    log.error(`Verification error: ${error.message}`);
    options.onDamage?.(error.message);
    return "damaged";
  }
}

class Verification {
  readonly #state: Chainstate;
  readonly #level: number;
  readonly #count: number;
  readonly #options: VerifyOptions;
  readonly #overlay: CoinsOverlay;
  #reportedTenth = 0;
  #goodTransactionCount = 0;
  #isMemoryExhausted = false;

  constructor(state: Chainstate, level: number, count: number, options: VerifyOptions) {
    this.#state = state;
    this.#level = level;
    this.#count = count;
    this.#options = options;
    this.#overlay = new CoinsOverlay(state.deps.coins);
  }

  async verify(tip: BlockIndexEntry): Promise<VerifyResult> {
    const { log } = this.#state.deps;
    let lowest = tip.height - this.#count + 1;
    const share = this.#level >= 4 ? 50 : 100;
    let isPruned = false;
    for (let entry = tip; entry.height >= lowest; entry = entry.previous!) {
      // One that was fetched again has no undo data.
      isPruned = this.#state.pruning.hasPruned && !(entry.hasData && entry.hasUndo);
      if (isPruned) {
        log.info(
          `Block verification stopping at height ${entry.height} (no data). This could be due to pruning or use of an assumeutxo snapshot.`,
        );
        lowest = entry.height + 1;
        break;
      }
      this.#report(((tip.height - entry.height) / this.#count) * share);
      await this.#checkDownwards(entry);
      if (this.#options.signal?.aborted) return "interrupted";
    }
    if (this.#isMemoryExhausted)
      log.warn("Skipped verification of level >=3 (insufficient database cache size). Consider increasing -dbcache.");
    if (this.#level >= 4 && !this.#isMemoryExhausted) {
      for (let height = lowest; height <= tip.height; height++) {
        this.#report(50 + ((height - lowest) / this.#count) * 50);
        await this.#connectAgain(this.#state.active.at(height)!);
        if (this.#options.signal?.aborted) return "interrupted";
      }
    }
    log.info(`Verification: checked last ${tip.height - lowest + 1} blocks at level ${this.#level}`);
    if (this.#level >= 3 && !this.#isMemoryExhausted)
      log.info(`Verification: no coin database inconsistencies (${this.#goodTransactionCount} transactions)`);
    this.#options.onProgress?.(100);
    if (this.#isMemoryExhausted) return "memory-exhausted";
    return isPruned ? "blocks-missing" : "ok";
  }

  async #checkDownwards(entry: BlockIndexEntry): Promise<void> {
    const { params, deps } = this.#state;
    const block = await this.#readBlock(entry);
    if (this.#level >= 1) {
      const reject = checkBlock(block, params, { pow: true, merkle: true, secp256k1: deps.secp256k1 });
      if (reject !== undefined) throw new Damage(`found bad block at ${describe(entry)} (${rejectText(reject)})`);
    }
    if (this.#level < 2) return;
    const undo = await this.#reading(`found bad undo data at ${describe(entry)}`, () => this.#state.readUndo(entry));
    if (this.#level < 3) return;
    this.#isMemoryExhausted ||= this.#overlay.usageBytes > this.#options.memoryBytes;
    if (this.#isMemoryExhausted) return;
    const lookup = await this.#overlay.fetch(disconnectOutPointsOf(block));
    const effects = disconnectBlock(block, entry, undo, lookup);
    if ("failure" in effects)
      throw new Damage(`irrecoverable inconsistency in block data at ${describe(entry)} (${effects.failure})`);
    if (!effects.clean) {
      const blocks = this.#state.active.height - entry.height + 1;
      const good = `${this.#goodTransactionCount} good transactions before that`;
      throw new Damage(`coin database inconsistencies found (last ${blocks} blocks, ${good})`);
    }
    this.#overlay.apply(effects);
    this.#goodTransactionCount += block.transactions.length;
  }

  async #connectAgain(entry: BlockIndexEntry): Promise<void> {
    const block = await this.#readBlock(entry);
    const scripts = this.#state.needsScripts(entry) ? this.#state.deps.scriptVerifier : undefined;
    const effects = await tryBlock(this.#state.params, entry, block, { coins: this.#overlay, scripts });
    if (isReject(effects)) throw new Damage(`found unconnectable block at ${describe(entry)} (${rejectText(effects)})`);
    this.#overlay.apply(effects);
  }

  #readBlock(entry: BlockIndexEntry): Promise<Block> {
    return this.#reading(`reading the block failed at ${describe(entry)}`, () => this.#state.readBlock(entry));
  }

  async #reading<Value>(failure: string, read: () => Promise<Value>): Promise<Value> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof StorageError) throw new Damage(`${failure}: ${error.message}`);
      throw error;
    }
  }

  #report(percent: number): void {
    const shown = Math.max(1, Math.min(99, Math.floor(percent)));
    this.#options.onProgress?.(shown);
    const tenth = Math.floor(shown / 10);
    if (tenth <= this.#reportedTenth) return;
    this.#reportedTenth = tenth;
    this.#state.deps.log.info(`Verification progress: ${shown}%`);
  }
}

function describe(entry: BlockIndexEntry): string {
  return `${entry.height}, hash=${displayHash(entry.hash)}`;
}

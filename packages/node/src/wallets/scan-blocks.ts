import { basicFilterMatchesAny } from "@bitfleet/protocol/filters/block-filter.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import type { Clock, Logger } from "../ports.ts";
import { socketTurn } from "../turns.ts";

/** Whose payments are looked for. */
export interface ScanTarget {
  /** Scripts that pay to it or are spent by it. Those of the `from`-th on: what comes up in a scan makes further ones known. */
  scripts(from: number): readonly Uint8Array[];
  readonly scriptCount: number;
  /** Takes in a block of the active chain, in the order of heights. */
  takeBlock(entry: BlockIndexEntry, block: Block): void;
}

export interface ScanRange {
  readonly from: BlockIndexEntry;
  /** The last height; up to the tip, wherever that is by then, where absent. */
  readonly toHeight?: number | undefined;
}

export interface ScanProgress {
  /** In 0 to 1. */
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

export interface ScanResult {
  readonly status: "done" | "aborted" | "failed";
  readonly lastScanned: BlockIndexEntry | undefined;
  /** The newest block that could not be read. */
  readonly lastFailed: BlockIndexEntry | undefined;
}

/** Finds the filters of blocks (BIP158), as far as there is an index of them. */
export interface FilterLookup {
  filterAt(entry: BlockIndexEntry): Promise<{ readonly filter: Uint8Array } | undefined>;
}

export interface ScanDependencies {
  readonly chain: Pick<Chain, "tip" | "next" | "isInActiveChain" | "readBlock" | "verificationProgress">;
  /** With it only blocks whose filter matches are read. */
  readonly filterIndex: FilterLookup | undefined;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Of the wallet. */
  readonly log: Logger;
}

const LOG_INTERVAL_MS = 60_000;
/** Blocks between two turns of the event loop. */
const BLOCKS_PER_TURN = 16;

/**
 * Looks through blocks of the active chain for a wallet's transactions, as Core's rescan does: a block that cannot be read is passed over
 * and makes the scan a failed one; one that leaves the chain meanwhile ends it.
 */
export async function scanBlocks(
  { from, toHeight }: ScanRange,
  target: ScanTarget,
  { onProgress, signal }: ScanProgress,
  deps: ScanDependencies,
): Promise<ScanResult> {
  const { chain, clock, log } = deps;
  const filter = deps.filterIndex && new ScriptFilter(target, deps.filterIndex, log);
  const variant = filter ? "fast variant using block filters" : "slow variant inspecting all blocks";
  log.info(`Rescan started from block ${displayHash(from.hash)}... (${variant})`);
  const startMs = clock.monotonicMs();
  const begin = chain.verificationProgress(from);
  let saidMs = startMs;
  let lastScanned: BlockIndexEntry | undefined;
  let lastFailed: BlockIndexEntry | undefined;
  let entry = from;
  while (!signal.aborted) {
    const last = toHeight === undefined ? chain.tip : chain.tip.ancestor(Math.min(toHeight, chain.tip.height))!;
    const [at, end] = [chain.verificationProgress(entry), chain.verificationProgress(last)];
    onProgress(end > begin ? (at - begin) / (end - begin) : 0);
    if (clock.monotonicMs() >= saidMs + LOG_INTERVAL_MS) {
      saidMs = clock.monotonicMs();
      log.info(`Still rescanning. At block ${entry.height}. Progress=${at.toFixed(6)}`);
    }
    if (filter === undefined || (await filter.mayConcern(entry))) {
      const block = await chain.readBlock(entry).catch(() => undefined);
      // What is in a block that is no longer of the chain must not count as confirmed.
      if (!chain.isInActiveChain(entry)) {
        lastFailed = entry;
        break;
      }
      if (block === undefined) lastFailed = entry;
      else {
        target.takeBlock(entry, block);
        lastScanned = entry;
      }
    } else lastScanned = entry;
    if (entry.height % BLOCKS_PER_TURN === 0) await socketTurn();
    const next = chain.next(entry);
    if (next === undefined || (toHeight !== undefined && entry.height >= toHeight)) break;
    entry = next;
  }
  if (signal.aborted) {
    const progress = chain.verificationProgress(entry).toFixed(6);
    log.info(`Rescan aborted at block ${entry.height}. Progress=${progress}`);
    return { status: "aborted", lastScanned, lastFailed };
  }
  log.info(`Rescan completed in ${String(Math.round(clock.monotonicMs() - startMs)).padStart(15)}ms`);
  return { status: lastFailed === undefined ? "done" : "failed", lastScanned, lastFailed };
}

/** Blocks that cannot concern a wallet, told by their filters (BIP158). */
class ScriptFilter {
  readonly #target: ScanTarget;
  readonly #index: FilterLookup;
  readonly #log: Logger;
  #scripts: Uint8Array[] = [];

  constructor(target: ScanTarget, index: FilterLookup, log: Logger) {
    this.#target = target;
    this.#index = index;
    this.#log = log;
  }

  async mayConcern(entry: BlockIndexEntry): Promise<boolean> {
    const { scriptCount } = this.#target;
    if (scriptCount > this.#scripts.length) {
      this.#scripts = this.#scripts.concat(this.#target.scripts(this.#scripts.length));
    }
    const stored = await this.#index.filterAt(entry);
    const blockText = `${entry.height} [${displayHash(entry.hash)}]`;
    if (stored === undefined) {
      this.#log.debug("scan", `Fast rescan: inspect block ${blockText} (WARNING: block filter not found!)`);
      return true;
    }
    const matches = basicFilterMatchesAny(stored.filter, entry.hash, this.#scripts);
    if (matches) this.#log.debug("scan", `Fast rescan: inspect block ${blockText} (filter matched)`);
    return matches;
  }
}

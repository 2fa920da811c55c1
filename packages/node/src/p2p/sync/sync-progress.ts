import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Clock, JobScheduler, Logger } from "../../ports.ts";
import { headersShare } from "./headers-share.ts";
import type { LowWorkHeaders } from "./low-work-headers.ts";
import type { SyncPeers } from "./sync-peers.ts";

const LOG_INTERVAL_MS = 10 * 1000;

/** The speed is that of about the last minute: one sample a second at most. */
const SAMPLE_INTERVAL_MS = 1000;
const SAMPLES_MAX = 60;

/**
 * `idle`: nobody to sync with. `presync`: a first pass over headers, to see whether their chain has enough work. `headers`,
 * `blocks`: as named. `done`: the chain is as good as all that peers have told of.
 */
export type SyncPhase = "idle" | "presync" | "headers" | "blocks" | "done";

/** Where the node is on its way to the tip of the network. */
export interface SyncStatus {
  readonly phase: SyncPhase;
  /** Height of the best header; in `presync`, height that the first pass has reached. */
  readonly headers: number;
  /** Height of the tip. */
  readonly height: number;
  /** Height that the phase is to reach; for headers an estimate by the time that has passed. */
  readonly targetHeight: number;
  /** Of the phase, 0 to 100. */
  readonly percent: number;
  /** Of the last minute. */
  readonly blocksPerSecond: number;
  /** Until the blocks are there, at that speed; `undefined` where that cannot be told. */
  readonly secondsLeft: number | undefined;
}

export interface SyncProgressDependencies {
  readonly chain: Pick<Chain, "height" | "tip" | "bestHeader" | "isInitialBlockDownload" | "network">;
  readonly lowWork: Pick<LowWorkHeaders, "progress">;
  readonly syncPeers: Pick<SyncPeers, "startedCount">;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly scheduler: Pick<JobScheduler, "every">;
  readonly log: Logger;
}

interface Sample {
  readonly monotonicMs: number;
  readonly height: number;
}

/** Tells how far the initial download is: for the log, for RPC, and for people who watch. */
export class SyncProgress {
  readonly #deps: SyncProgressDependencies;
  /** Oldest first. */
  readonly #samples: Sample[] = [];
  #cancel: (() => void) | undefined;

  constructor(deps: SyncProgressDependencies) {
    this.#deps = deps;
  }

  start(): void {
    this.#cancel = this.#deps.scheduler.every(LOG_INTERVAL_MS, () => this.#log());
  }

  stop(): void {
    this.#cancel?.();
  }

  /** To be called with every chain event, without delay. */
  onChainEvent(event: ChainEvent): void {
    if (event.type !== "block-connected") return;
    const monotonicMs = this.#deps.clock.monotonicMs();
    const last = this.#samples.at(-1);
    if (last !== undefined && monotonicMs - last.monotonicMs < SAMPLE_INTERVAL_MS) return;
    this.#samples.push({ monotonicMs, height: event.entry.height });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  status(): SyncStatus {
    const { chain, lowWork, clock } = this.#deps;
    const phase = this.#phase();
    const best = chain.bestHeader;
    const headers = phase === "presync" ? lowWork.progress!.height : best.height;
    const blocksPerSecond = this.#speed();
    const common = { phase, headers, height: chain.height, blocksPerSecond };
    if (phase === "presync" || phase === "headers") {
      const at = phase === "presync" ? lowWork.progress! : best;
      const share = headersShare(at, clock.nowMs(), chain.network.params.targetSpacingSeconds);
      const targetHeight = share === 0 ? headers : Math.round(headers / share);
      return { ...common, targetHeight, percent: 100 * share, secondsLeft: undefined };
    }
    const targetHeight = Math.max(best.height, chain.height);
    const percent = targetHeight === 0 ? 100 : (100 * chain.height) / targetHeight;
    const blocksLeft = targetHeight - chain.height;
    const secondsLeft = phase === "done" ? 0 : blocksPerSecond > 0 ? blocksLeft / blocksPerSecond : undefined;
    return { ...common, targetHeight, percent: phase === "done" ? 100 : percent, secondsLeft };
  }

  #phase(): SyncPhase {
    const { chain, lowWork, syncPeers, clock } = this.#deps;
    const isBehind = chain.bestHeader.chainwork > chain.tip.chainwork;
    if (!chain.isInitialBlockDownload) return isBehind ? "blocks" : "done";
    if (lowWork.progress !== undefined) return "presync";
    if (isBehind) return "blocks";
    if (syncPeers.startedCount === 0) return "idle";
    const { targetSpacingSeconds } = chain.network.params;
    return headersShare(chain.bestHeader, clock.nowMs(), targetSpacingSeconds) < 1 ? "headers" : "done";
  }

  #speed(): number {
    const [oldest] = this.#samples;
    if (oldest === undefined) return 0;
    const { clock, chain } = this.#deps;
    const seconds = (clock.monotonicMs() - oldest.monotonicMs) / 1000;
    return seconds > 0 ? Math.max(0, (chain.height - oldest.height) / seconds) : 0;
  }

  #log(): void {
    if (!this.#deps.chain.isInitialBlockDownload) return;
    const { phase, headers, height, targetHeight, percent, blocksPerSecond, secondsLeft } = this.status();
    if (phase === "idle" || phase === "done") return;
    this.#deps.log.info("synchronising", {
      phase,
      headers,
      height,
      targetHeight,
      percent: percent.toFixed(2),
      blocksPerSecond: Math.round(blocksPerSecond),
      ...(secondsLeft !== undefined && { secondsLeft: Math.round(secondsLeft) }),
    });
  }
}

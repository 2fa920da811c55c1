import { bigIntFromLittleEndian } from "@bitfleet/protocol/bytes/bytes.ts";
import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { HEADERS_MAX } from "@bitfleet/protocol/wire/relay.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { HeaderRequests } from "./header-requests.ts";
import { HeadersPresync } from "./headers-presync.ts";
import { type HeadersReached, headersShare } from "./headers-share.ts";
import { antiDosWork, claimedWork } from "./work-threshold.ts";

/** Progress is logged at most this often: the headers that drive it cost next to nothing. */
const REPORT_INTERVAL_MS = 250;

const SALT_KEY_SIZE = 8;

export interface LowWorkHeadersOptions {
  readonly minimumChainwork: bigint;
}

export interface LowWorkHeadersDependencies {
  readonly chain: Pick<Chain, "tip" | "bestHeader" | "network" | "isInitialBlockDownload">;
  readonly headerRequests: Pick<HeaderRequests, "send" | "answered">;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly random: Random;
  readonly log: Logger;
}

/** Chains of headers that have not shown enough work to be stored, each with the peer that it comes from. */
export class LowWorkHeaders {
  readonly #options: LowWorkHeadersOptions;
  readonly #deps: LowWorkHeadersDependencies;
  readonly #syncs = new Map<Peer, HeadersPresync>();
  #lastReportMs = Number.NEGATIVE_INFINITY;

  constructor(options: LowWorkHeadersOptions, deps: LowWorkHeadersDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Whether the peer is in the middle of showing its chain. */
  isSyncing(peer: Peer): boolean {
    return this.#syncs.has(peer);
  }

  /** Height that the first pass over the peer's headers has reached; -1 where there is none, as getpeerinfo shows it. */
  presyncedHeight(peer: Peer): number {
    return this.#syncs.get(peer)?.height ?? -1;
  }

  /** The first pass with the most work of all that are under way. */
  get progress(): HeadersReached | undefined {
    const best = this.#bestSync();
    return best?.phase === "presync" ? { height: best.height, time: best.time } : undefined;
  }

  /** Ends a peer's attempt. */
  drop(peer: Peer): void {
    this.#syncs.delete(peer);
  }

  /**
   * Gives headers to the attempt of the peer that is under way. What it lets through, with enough work behind it, is the
   * answer: nothing, mostly. `undefined` where there is no attempt, or it failed and the headers are like any others.
   */
  resume(peer: Peer, headers: readonly BlockHeader[]): readonly BlockHeader[] | undefined {
    const sync = this.#syncs.get(peer);
    if (sync === undefined) return undefined;
    const { headerRequests, log } = this.#deps;
    const { isOk, wantsMore, ready } = sync.process(headers, headers.length === HEADERS_MAX);
    if (isOk) headerRequests.answered(peer);
    if (wantsMore) {
      const locator = sync.locator();
      headerRequests.send(peer, locator);
      log.debug("net", `more getheaders (from ${displayHash(locator[0]!)}) to peer=${peer.id}`);
    }
    if (sync.phase === "done") this.#syncs.delete(peer);
    else if (sync.phase === "presync" && sync === this.#bestSync()) this.#report(sync);
    return isOk ? ready : undefined;
  }

  /** True where the headers claim too little work to be stored: they are dropped, or begin an attempt. `start` is what they build upon. */
  hold(peer: Peer, start: BlockIndexEntry, headers: readonly BlockHeader[]): boolean {
    const { chain, log } = this.#deps;
    const minimumWork = antiDosWork(chain, this.#options.minimumChainwork);
    if (start.chainwork + claimedWork(headers) >= minimumWork) return false;
    if (headers.length < HEADERS_MAX) {
      // The peer has no more of them.
      const height = start.height + headers.length;
      log.debug("net", `Ignoring low-work chain (height=${height}) from peer=${peer.id}`);
      return true;
    }
    this.#syncs.set(peer, this.#begin(peer, start, minimumWork));
    this.resume(peer, headers);
    return true;
  }

  #begin(peer: Peer, start: BlockIndexEntry, minimumWork: bigint): HeadersPresync {
    const { chain, clock, random, log } = this.#deps;
    const { network } = chain;
    return new HeadersPresync({
      network,
      start,
      minimumWork,
      nowSeconds: Math.floor(clock.nowMs() / 1000),
      commitmentOffset: Math.floor(random.unit() * network.headersSync.commitmentPeriod),
      salt: { k0: this.#saltKey(), k1: this.#saltKey() },
      log: (message) => log.debug("net", message),
      peer: `peer=${peer.id}`,
    });
  }

  #saltKey(): bigint {
    return bigIntFromLittleEndian(this.#deps.random.bytes(SALT_KEY_SIZE));
  }

  #bestSync(): HeadersPresync | undefined {
    let best: HeadersPresync | undefined;
    for (const sync of this.#syncs.values()) if (best === undefined || sync.work > best.work) best = sync;
    return best;
  }

  /** Logs how far the first pass is, as long as no chain with enough work is known. */
  #report({ height, time }: HeadersReached): void {
    const { chain, clock, log } = this.#deps;
    if (chain.bestHeader.chainwork >= this.#options.minimumChainwork || !chain.isInitialBlockDownload) return;
    const monotonicMs = clock.monotonicMs();
    if (monotonicMs < this.#lastReportMs + REPORT_INTERVAL_MS) return;
    this.#lastReportMs = monotonicMs;
    const share = headersShare({ height, time }, clock.nowMs(), chain.network.params.targetSpacingSeconds);
    log.info(`Pre-synchronizing blockheaders, height: ${height} (~${(100 * share).toFixed(2)}%)`);
  }
}

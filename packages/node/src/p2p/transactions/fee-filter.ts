import { MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Random } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule } from "../peer-module.ts";
import { exponentialMs } from "../random-values.ts";
import { FEE_FILTER_VERSION } from "../versions.ts";

/** Mean time between two messages. */
const INTERVAL_MS = 10 * 60 * 1000;
/** A large change is told within this time. */
const CHANGE_DELAY_MAX_MS = 5 * 60 * 1000;

/** Steps of the values that are told, so that the exact minimum, which would tell nodes apart, is not. */
const STEP = 1.1;
const LOWEST_STEP_MAX = 500;
const HIGHEST = 1e7;

/** Whether a peer that tells of this feerate wants no transaction at all, since it has yet to fetch its blocks: the highest step of any set. */
export const isSyncingFeerate = (feerateSatPerKvb: Sats): boolean =>
  feerateSatPerKvb > BigInt(Math.floor(HIGHEST / STEP));

/** So long after its initial download a node that lacks blocks waits for them, at most: anybody can make headers on a network of one's own. */
const CATCH_UP_MS_MAX = 5 * 60 * 1000;

interface FeeFilterState {
  sent: Sats;
  nextMs: number;
}

export interface FeeFilterOptions {
  readonly ignoresTransactions: boolean;
  /** `-minrelaytxfee`, sat/kvB: less is never asked for. */
  readonly minRelayFeerate: Sats;
  /**
   * Peers tell of their whole mempool when this node says that it can use it (see `TxAnnouncementsOptions`). Not at the end of the initial download,
   * which is where the first young block is: without the rest of the blocks most of it has no parents.
   */
  readonly isOwnNetwork: boolean;
}

export interface FeeFilterDependencies {
  /** What the mempool takes at least now, sat/kvB. */
  readonly minFeerate: () => Sats;
  readonly chain: Pick<Chain, "isInitialBlockDownload" | "tip" | "bestHeader">;
  readonly random: Pick<Random, "unit">;
}

/** BIP133: tells peers which transactions are not worth announcing to us. */
export class FeeFilter implements PeerModule {
  readonly #options: FeeFilterOptions;
  readonly #deps: FeeFilterDependencies;
  readonly #states = new Map<Peer, FeeFilterState>();
  readonly #steps: readonly number[];
  /** Since when the initial download is over, in the time of ticks. */
  #downloadedMs: number | undefined;
  #hasCaughtUp = false;

  readonly handlers: MessageHandlers = {};

  constructor(options: FeeFilterOptions, deps: FeeFilterDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#steps = stepsFrom(STEPS_FEERATE);
  }

  peerGone(peer: Peer): void {
    this.#states.delete(peer);
  }

  tick(peer: Peer, nowMs: number): void {
    const { ignoresTransactions } = this.#options;
    if (ignoresTransactions || peer.commonVersion < FEE_FILTER_VERSION || peer.has("forcerelay") || peer.isBlockOnly)
      return;
    const state = this.#state(peer);
    const isSyncing = this.#isSyncing(nowMs);
    // While blocks are missing no transaction is of use.
    const current = isSyncing ? MAX_MONEY : this.#deps.minFeerate();
    if (!isSyncing && state.sent === this.#highest()) state.nextMs = 0;
    if (nowMs > state.nextMs) this.#send(peer, state, current, nowMs);
    else if (nowMs + CHANGE_DELAY_MAX_MS < state.nextMs && isLargeChange(state.sent, current))
      state.nextMs = nowMs + this.#deps.random.unit() * CHANGE_DELAY_MAX_MS;
  }

  #isSyncing(nowMs: number): boolean {
    const { tip, bestHeader, isInitialBlockDownload } = this.#deps.chain;
    if (isInitialBlockDownload) return true;
    if (!this.#options.isOwnNetwork || this.#hasCaughtUp) return false;
    this.#downloadedMs ??= nowMs;
    this.#hasCaughtUp = tip.chainwork >= bestHeader.chainwork || nowMs - this.#downloadedMs >= CATCH_UP_MS_MAX;
    return !this.#hasCaughtUp;
  }

  #send(peer: Peer, state: FeeFilterState, current: Sats, nowMs: number): void {
    const rounded = this.#round(current);
    // biome-ignore lint/complexity/useMathMinMax: these are bigints
    const feerateSatPerKvb = rounded > this.#options.minRelayFeerate ? rounded : this.#options.minRelayFeerate;
    if (feerateSatPerKvb !== state.sent) peer.send({ type: "feefilter", feerateSatPerKvb });
    state.sent = feerateSatPerKvb;
    state.nextMs = nowMs + exponentialMs(this.#deps.random, INTERVAL_MS);
  }

  /** One of the steps next to a value: mostly the one below. */
  #round(value: Sats): Sats {
    const above = this.#steps.findIndex((step) => step >= Number(value));
    if (above === -1) return this.#highest();
    const isBelow = above > 0 && Math.floor(this.#deps.random.unit() * 3) !== 0;
    return BigInt(Math.floor(this.#steps[isBelow ? above - 1 : above]!));
  }

  #highest(): Sats {
    return BigInt(Math.floor(this.#steps.at(-1)!));
  }

  #state(peer: Peer): FeeFilterState {
    let state = this.#states.get(peer);
    if (state === undefined) {
      state = { sent: 0n, nextMs: 0 };
      this.#states.set(peer, state);
    }
    return state;
  }
}

function isLargeChange(sent: Sats, current: Sats): boolean {
  return current < (3n * sent) / 4n || current > (4n * sent) / 3n;
}

/** The steps are the same for all nodes, whatever they relay themselves: else they would tell nodes apart. */
const STEPS_FEERATE = 100;

function stepsFrom(minRelayFeerate: number): readonly number[] {
  const steps = [0];
  const lowest = Math.max(1, Math.min(minRelayFeerate / 2, LOWEST_STEP_MAX));
  for (let step = lowest; step <= HIGHEST; step *= STEP) steps.push(step);
  return steps;
}

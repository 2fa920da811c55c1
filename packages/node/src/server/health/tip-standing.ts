import { isPrivateNetwork } from "@bitfleet/protocol/consensus/private-network.ts";
import { commonAncestor } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { HeardPeer } from "../../p2p/peer-network.ts";
import type { Clock } from "../../ports.ts";

/** Headers come before their blocks: so few missing blocks are no delay worth turning traffic away for. */
const BEHIND_BLOCKS_MAX = 3;
/**
 * So long without a block a node goes without its peers: one that has blocks of an earlier run and hears nobody, and one that is told
 * of headers whose blocks nobody gives (on a private network anybody can make such headers).
 */
export const PEER_SILENCE_MS_MAX = 60_000;
/** A peer that fetches its own chain and has had nothing new for so long is not fetching: its network rests, for more than a day. */
export const SYNCING_PEER_QUIET_MS = 10_000;
/** How often such a peer is asked what it has by now. */
const ASK_INTERVAL_MS = 2_000;
/** A chain whose last block is younger than this is no old part of another. */
const RECENT_SECONDS = 120;
/** Where it is older, the peer has so long to tell of more after it has told of all. */
const MORE_HEADERS_MS = 1_000;
/** So much faster than time, in the last seconds, go the times of the headers of a peer that catches up itself. */
const PACE_WINDOW_MS = 5_000;
const PACE_SECONDS_AHEAD = 30;
/** Until a node knows where it stands it looks this often. */
const LOOK_INTERVAL_MS = 250;

/** Where a node's chain stands beside that of its network. */
export interface Standing {
  /** Why what it says may not be what the network has, as a sentence; no traffic should come. */
  readonly problem?: string;
  /** Why it may be so all the same, where traffic may come. */
  readonly doubt?: string;
}

export interface TipStandingOptions {
  /** It is told of peers, or looks for some: what it has by itself is not all. */
  readonly expectsPeers: boolean;
  /** It has blocks of an earlier run. */
  readonly hadBlocks: boolean;
}

export interface TipStandingDependencies {
  readonly chain: Pick<Chain, "tip" | "bestHeader" | "isInitialBlockDownload" | "network">;
  readonly peers: { heardPeers(): Iterable<HeardPeer>; askSyncingPeers(): void };
  readonly clock: Clock;
}

/** Blocks that are missing, or were a moment ago, and did not come. */
interface Behind {
  /** Since when none of them has come. */
  readonly sinceMs: number;
  /** The last of those headers at the last look, and how far up to it the blocks were here. */
  readonly best: Chain["bestHeader"];
  readonly forkHeight: number;
  /** Since when the tip is there without them, on another chain. */
  readonly wholeMs: number | undefined;
}

/** A moment's best header: its time, in seconds, and when it was looked at. */
interface PaceSample {
  readonly atMs: number;
  readonly headerTime: number;
}

/**
 * Says whether a node is at the tip of its network. The chain alone does not tell: a new node that has the first 2,000 of 20,000 headers, and
 * their blocks, lacks nothing that it knows of. So a node with peers is not there until one of them has told of all its headers once, is not
 * catching up itself, and those blocks are here; from then on it is there as long as it does not know of blocks that it lacks. Nobody can keep
 * it waiting for ever but where it has nothing.
 */
export class TipStanding {
  readonly #options: TipStandingOptions;
  readonly #deps: TipStandingDependencies;
  /** It was at the tip once; or it went without its peers. */
  #isSettled: boolean;
  #isWithoutPeers = false;
  /** Since when tip, and tip or best header, are what they are. */
  #tipMs: number;
  #tip: Chain["tip"];
  #newsMs: number;
  #bestHeader: Chain["bestHeader"];
  #behind: Behind | undefined;
  #heardMs: number | undefined;
  #pace: PaceSample[] = [];
  #askedMs = 0;
  #cancel: (() => void) | undefined;

  constructor(options: TipStandingOptions, deps: TipStandingDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#isSettled = !options.expectsPeers;
    const { chain, clock } = deps;
    this.#tip = chain.tip;
    this.#bestHeader = chain.bestHeader;
    this.#tipMs = clock.monotonicMs();
    this.#newsMs = this.#tipMs;
  }

  /** Looks by itself until it knows: what it goes by is over when nobody asks. */
  start(): void {
    this.look();
    this.#cancel = this.#isSettled ? undefined : this.#deps.clock.after(LOOK_INTERVAL_MS, () => this.start());
  }

  stop(): void {
    this.#cancel?.();
  }

  look(): Standing {
    const { chain, clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    this.#follow(nowMs);
    const reason = this.#isSettled ? undefined : this.#settle(nowMs);
    if (chain.tip.height === 0) return { problem: "The node has no block but the first yet." };
    const missing = chain.bestHeader.height - chain.tip.height;
    const isStalled = this.#behind !== undefined && nowMs - this.#behind.sinceMs >= PEER_SILENCE_MS_MAX;
    const isGivenUp = isStalled && this.#isSettled && isPrivateNetwork(chain.network);
    if (missing > BEHIND_BLOCKS_MAX && !isGivenUp) return { problem: `The node is ${missing} blocks behind.` };
    // A private network may rest for days: its last block being old says nothing there.
    if (chain.network.name !== "regtest" && chain.isInitialBlockDownload)
      return { problem: "The node is catching up with the network." };
    if (reason !== undefined) return { problem: reason };
    if (missing > BEHIND_BLOCKS_MAX) return { doubt: `Peers tell of ${missing} blocks more and give none of them.` };
    if (this.#isWithoutPeers) return { doubt: "No peer has told of its chain since the start." };
    return {};
  }

  #follow(nowMs: number): void {
    const { tip, bestHeader } = this.#deps.chain;
    if (tip !== this.#tip) this.#tipMs = nowMs;
    if (tip !== this.#tip || bestHeader !== this.#bestHeader) this.#newsMs = nowMs;
    this.#tip = tip;
    this.#bestHeader = bestHeader;
    this.#behind = behindAfter(this.#behind, { tip, bestHeader }, nowMs);
    if (this.#isWithoutPeers && this.#completePeers().some(({ isSyncing }) => !isSyncing)) this.#isWithoutPeers = false;
  }

  /** Why the node is not there yet; `undefined` where it is from now on. */
  #settle(nowMs: number): string | undefined {
    const complete = this.#completePeers();
    const isBesidePeer = complete.some(({ isSyncing }) => !isSyncing);
    if (!isBesidePeer) {
      // One that has just ended its own download is to have its time to tell of what came last.
      this.#heardMs = undefined;
      this.#pace = [];
    }
    const reason = isBesidePeer
      ? this.#reasonBesidePeer(nowMs)
      : complete.length > 0
        ? this.#reasonBesideSyncing(nowMs)
        : "No peer has told yet of a chain that is here.";
    if (reason !== undefined && this.#options.hadBlocks && nowMs - this.#tipMs >= PEER_SILENCE_MS_MAX) {
      this.#isWithoutPeers = true;
      this.#isSettled = true;
      return undefined;
    }
    // What nobody has yet is nothing to be ready with: it is seen when the first block is here.
    this.#isSettled = reason === undefined && this.#deps.chain.tip.height > 0;
    return reason;
  }

  /** Peers that have told of all headers that they have, and whose blocks are here. */
  #completePeers(): readonly HeardPeer[] {
    const { chain, peers } = this.#deps;
    // To the last block: who looks for the newest at a node that is ready for the first time is to find it.
    const isHere = ({ best }: HeardPeer) => best === undefined || best.chainwork <= chain.tip.chainwork;
    return [...peers.heardPeers()].filter(isHere);
  }

  #reasonBesidePeer(nowMs: number): string | undefined {
    const { chain, clock } = this.#deps;
    const { bestHeader } = chain;
    this.#heardMs ??= nowMs;
    if (nowMs - (this.#pace.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= LOOK_INTERVAL_MS)
      this.#pace = [...this.#pace.filter(({ atMs }) => nowMs - atMs <= PACE_WINDOW_MS), paceSample(nowMs, bestHeader)];
    const { atMs, headerTime } = this.#pace[0]!;
    const isCatchingUp = bestHeader.time - headerTime > (nowMs - atMs) / 1000 + PACE_SECONDS_AHEAD;
    if (isCatchingUp) return "The peers are catching up with the network themselves.";
    const isRecent = clock.nowMs() / 1000 - bestHeader.time <= RECENT_SECONDS;
    const isTooSoon = !isRecent && nowMs - this.#heardMs < MORE_HEADERS_MS;
    return isTooSoon ? "It is being seen whether peers have more blocks." : undefined;
  }

  #reasonBesideSyncing(nowMs: number): string | undefined {
    if (nowMs - this.#newsMs >= SYNCING_PEER_QUIET_MS) return undefined;
    if (nowMs - this.#askedMs >= ASK_INTERVAL_MS) {
      this.#askedMs = nowMs;
      this.#deps.peers.askSyncingPeers();
    }
    return "The peers are fetching their own chain yet.";
  }
}

/**
 * Only blocks on the way to headers that were there before count: not headers without blocks, of which there are ever more, and not that the tip went
 * on without them and new ones begin where it is now.
 */
function behindAfter(
  before: Behind | undefined,
  { tip, bestHeader }: Pick<Chain, "tip" | "bestHeader">,
  nowMs: number,
): Behind | undefined {
  const isWhole = bestHeader.height - tip.height <= BEHIND_BLOCKS_MAX;
  const cameTo = before && commonAncestor(tip, before.best).height;
  if (isWhole) {
    if (before === undefined || before.best.height - cameTo! <= BEHIND_BLOCKS_MAX) return undefined;
    const wholeMs = before.wholeMs ?? nowMs;
    return nowMs - wholeMs >= PEER_SILENCE_MS_MAX ? undefined : { ...before, wholeMs };
  }
  const isFetching = before === undefined || cameTo! > before.forkHeight;
  return {
    sinceMs: isFetching ? nowMs : before.sinceMs,
    best: bestHeader,
    forkHeight: commonAncestor(tip, bestHeader).height,
    wholeMs: undefined,
  };
}

const paceSample = (atMs: number, { time }: Chain["bestHeader"]): PaceSample => ({ atMs, headerTime: time });

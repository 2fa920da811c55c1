import { bigIntFromLittleEndian } from "@bitfleet/protocol/bytes/bytes.ts";
import type { PongMessage } from "@bitfleet/protocol/wire/control.ts";
import type { Logger, PreciseClock, Random } from "../ports.ts";
import type { Peer } from "./peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "./peer-module.ts";

/** A ping goes out this long after the last one was answered. */
const PING_INTERVAL_US = 2 * 60 * 1_000_000;
/** A ping that is not answered in this time ends the connection. */
const PING_TIMEOUT_US = 20 * 60 * 1_000_000;
/** BIP31: older peers answer no pings. */
const PONG_VERSION = 60_000;

const NONCE_SIZE = 8;

interface PingState {
  /** 0n where none is under way. */
  nonce: bigint;
  startUs: number;
  isQueued: boolean;
  lastPingUs: number | undefined;
}

export interface PingOptions {
  /** `-peertimeout`: no check of a connection younger than this. */
  readonly peerTimeoutMs: number;
}

export interface PingDependencies {
  readonly peers: Peers;
  readonly clock: Pick<PreciseClock, "nowUs">;
  readonly random: Pick<Random, "bytes">;
  readonly log: Logger;
}

/** Latency of a connection as getpeerinfo shows it, in microseconds. */
export interface PingTimes {
  readonly lastUs: number | undefined;
  readonly minUs: number | undefined;
  /** How long the ping under way has waited. */
  readonly waitUs: number | undefined;
}

/** BIP31: keeps connections alive and notices dead ones. */
export class PingModule implements PeerModule {
  readonly #options: PingOptions;
  readonly #deps: PingDependencies;
  readonly #states = new Map<Peer, PingState>();

  readonly handlers: MessageHandlers = {
    ping: (peer, { nonce }) => {
      if (peer.commonVersion > PONG_VERSION) peer.send({ type: "pong", nonce: nonce ?? 0n });
    },
    pong: (peer, message) => this.#pong(peer, message),
  };

  constructor(options: PingOptions, deps: PingDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  peerGone(peer: Peer): void {
    this.#states.delete(peer);
  }

  /** Sends a ping to everyone at the next turn (the `ping` call). */
  pingAll(): void {
    for (const peer of this.#deps.peers.all()) this.#state(peer).isQueued = true;
    this.#deps.peers.wake();
  }

  /** Whether every peer has answered the last ping, and so has read all that it was sent before; those that went are not waited for. */
  get isAnswered(): boolean {
    for (const { isQueued, nonce } of this.#states.values()) if (isQueued || nonce !== 0n) return false;
    return true;
  }

  times(peer: Peer): PingTimes {
    const state = this.#states.get(peer);
    const isWaiting = state !== undefined && state.nonce !== 0n;
    return {
      lastUs: state?.lastPingUs,
      minUs: Number.isFinite(peer.minPingUs) ? peer.minPingUs : undefined,
      waitUs: isWaiting ? this.#deps.clock.nowUs() - state.startUs : undefined,
    };
  }

  tick(peer: Peer, nowMs: number): void {
    const state = this.#state(peer);
    const nowUs = this.#deps.clock.nowUs();
    const waitedUs = nowUs - state.startUs;
    const isOldEnough = peer.options.connectedMs + this.#options.peerTimeoutMs < nowMs;
    if (isOldEnough && state.nonce !== 0n && waitedUs > PING_TIMEOUT_US) {
      this.#deps.peers.disconnect(peer, `ping timeout: ${(waitedUs / 1_000_000).toFixed(6)}s`);
      return;
    }
    if (state.isQueued || (state.nonce === 0n && waitedUs > PING_INTERVAL_US)) this.#ping(peer, state, nowUs);
  }

  #ping(peer: Peer, state: PingState, nowUs: number): void {
    state.isQueued = false;
    state.startUs = nowUs;
    // Peers from before BIP31 get a ping that nobody waits for.
    const isAnswered = peer.commonVersion > PONG_VERSION;
    state.nonce = isAnswered ? this.#newNonce() : 0n;
    peer.send({ type: "ping", nonce: isAnswered ? state.nonce : undefined });
  }

  #newNonce(): bigint {
    const nonce = bigIntFromLittleEndian(this.#deps.random.bytes(NONCE_SIZE));
    return nonce === 0n ? 1n : nonce;
  }

  #pong(peer: Peer, { nonce }: PongMessage): void {
    const state = this.#state(peer);
    const problem = this.#judge(peer, state, nonce);
    if (problem !== undefined) {
      const facts = `${state.nonce.toString(16)} expected, ${(nonce ?? 0n).toString(16)} received, ${nonce === undefined ? 0 : NONCE_SIZE} bytes`;
      this.#deps.log.debug("net", `pong peer=${peer.id}: ${problem}, ${facts}`);
    }
    // Another implementation's bug, or the answer: either way nothing is under way any more.
    if (nonce === undefined || problem === undefined || problem === "Nonce zero") state.nonce = 0n;
  }

  /** What is wrong with a pong; notes the time of one that is right. */
  #judge(peer: Peer, state: PingState, nonce: bigint | undefined): string | undefined {
    if (nonce === undefined) return "Short payload";
    if (state.nonce === 0n) return "Unsolicited pong without ping";
    if (nonce !== state.nonce) return nonce === 0n ? "Nonce zero" : "Nonce mismatch";
    const timeUs = this.#deps.clock.nowUs() - state.startUs;
    if (timeUs < 0) return "Timing mishap";
    state.lastPingUs = timeUs;
    peer.minPingUs = Math.min(peer.minPingUs, timeUs);
    return undefined;
  }

  #state(peer: Peer): PingState {
    let state = this.#states.get(peer);
    if (state === undefined) {
      state = { nonce: 0n, startUs: 0, isQueued: false, lastPingUs: undefined };
      this.#states.set(peer, state);
    }
    return state;
  }
}

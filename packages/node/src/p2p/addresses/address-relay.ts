import { type SipHashKey, sipHash24 } from "@bitfleet/protocol/crypto/siphash.ts";
import { RollingFilter } from "@bitfleet/protocol/filters/rolling-filter.ts";
import { isAddrV1Compatible, isRelayable, isRoutable, isValid } from "@bitfleet/protocol/wire/address-class.ts";
import { ADDRESSES_MAX, type AddressesMessage } from "@bitfleet/protocol/wire/discovery.ts";
import {
  endpointKey,
  type GossipAddress,
  type NetworkEndpoint,
  UNSPECIFIED_ADDRESS,
} from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import { exponentialMs, filterTweak, randomSipHashKey } from "../random-values.ts";
import type { AddressManager } from "./address-manager.ts";
import { AddressResponses } from "./address-responses.ts";
import type { BanList } from "./ban-list.ts";
import { type OwnAddressDependencies, type OwnAddressOptions, ownAddressFor } from "./own-address.ts";

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 24 * 60 * MINUTE_SECONDS;

/** Addresses of one peer that are looked at: one in ten seconds, with a thousand saved up at most. */
const RATE_PER_SECOND = 0.1;
const TOKENS_START = 1;
const TOKENS_MAX = 1000;
/** A time before this is no time. */
const TIME_MIN_SECONDS = 100_000_000;
const AHEAD_MAX_SECONDS = 10 * MINUTE_SECONDS;
/** What is newer than this in a short message is news, and passed on. */
const NEWS_SECONDS = 10 * MINUTE_SECONDS;
const NEWS_COUNT_MAX = 10;
/** Addresses without a believable time count as so old. */
const UNKNOWN_AGE_SECONDS = 5 * DAY_SECONDS;
/** What others say counts as older by this. */
const RUMOUR_PENALTY_SECONDS = 2 * 60 * MINUTE_SECONDS;

/** Mean waits between two messages of ours, and between two of our own address. */
const SEND_INTERVAL_MS = 30_000;
const SELF_INTERVAL_MS = DAY_SECONDS * 1000;
/** A connection made for addresses ends after this without any. */
const FETCH_TIMEOUT_MS = 10 * SEND_INTERVAL_MS;

const KNOWN_COUNT = 5000;
const KNOWN_FALSE_RATE = 0.001;

/** Peers that hear of an address, the same for a day. */
const RELAY_COUNT_MAX = 2;

interface State {
  readonly known: RollingFilter;
  readonly queue: GossipAddress[];
  tokens: number;
  tokensMs: number;
  /** We asked for addresses and the answer is not over: what comes is no news. */
  isAwaitingAnswer: boolean;
  hasAsked: boolean;
  nextSendMs: number;
  /** 0 before the first. */
  nextSelfMs: number;
  processedCount: number;
  rateLimitedCount: number;
}

export interface AddressRelayDependencies extends OwnAddressDependencies {
  readonly peers: () => Peers;
  readonly chain: Pick<Chain, "isInitialBlockDownload">;
  readonly addresses: Pick<AddressManager, "add" | "getAddresses">;
  readonly bans: Pick<BanList, "isBanned" | "isDiscouraged">;
  readonly hasDesirableServices: (services: bigint) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface AddressRelayOptions extends OwnAddressOptions {
  /** Only who takes connections tells where. */
  readonly listens: boolean;
}

/** What getpeerinfo shows of it. */
export interface AddressStatistics {
  readonly isEnabled: boolean;
  readonly processedCount: number;
  readonly rateLimitedCount: number;
}

/** Gossip of addresses (`addr`, `addrv2` of BIP155, `getaddr`): what peers tell is kept within limits, and a little of it passed on. */
export class AddressRelay implements PeerModule {
  readonly #options: AddressRelayOptions;
  readonly #deps: AddressRelayDependencies;
  readonly #states = new Map<Peer, State>();
  readonly #responses: AddressResponses;
  readonly #relayKey: SipHashKey;

  readonly handlers: MessageHandlers = {
    addr: (peer, message) => this.#addresses(peer, message),
    addrv2: (peer, message) => this.#addresses(peer, message),
    getaddr: (peer) => this.#getAddresses(peer),
  };

  constructor(options: AddressRelayOptions, deps: AddressRelayDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#responses = new AddressResponses(deps);
    this.#relayKey = randomSipHashKey(deps.random);
  }

  statistics(peer: Peer): AddressStatistics {
    const state = this.#states.get(peer);
    return {
      isEnabled: state !== undefined,
      processedCount: state?.processedCount ?? 0,
      rateLimitedCount: state?.rateLimitedCount ?? 0,
    };
  }

  peerGreeted(peer: Peer): void {
    if (peer.isInbound) return;
    const state = this.#enable(peer);
    if (state === undefined) return;
    peer.send({ type: "getaddr" });
    state.isAwaitingAnswer = true;
    state.tokens += ADDRESSES_MAX;
  }

  peerGone(peer: Peer): void {
    this.#states.delete(peer);
  }

  tick(peer: Peer, nowMs: number): void {
    if (peer.isAddressFetch && nowMs - peer.options.connectedMs > FETCH_TIMEOUT_MS) {
      this.#deps.peers().disconnect(peer, "addrfetch connection timeout");
      return;
    }
    const state = this.#states.get(peer);
    if (state === undefined) return;
    this.#announceSelf(peer, state, nowMs);
    if (nowMs <= state.nextSendMs) return;
    state.nextSendMs = nowMs + exponentialMs(this.#deps.random, SEND_INTERVAL_MS);
    const news = state.queue.splice(0).filter((address) => isNewTo(state, address));
    if (news.length > 0) send(peer, news);
  }

  /** Block-relay connections carry no addresses, since who sees them could tell that we are connected; feelers end too soon. */
  #enable(peer: Peer): State | undefined {
    if (peer.isBlockOnly || peer.isFeeler) return undefined;
    let state = this.#states.get(peer);
    if (state === undefined) {
      state = {
        known: new RollingFilter(KNOWN_COUNT, KNOWN_FALSE_RATE, filterTweak(this.#deps.random)),
        queue: [],
        tokens: TOKENS_START,
        tokensMs: peer.options.connectedMs,
        isAwaitingAnswer: false,
        hasAsked: false,
        nextSendMs: 0,
        nextSelfMs: 0,
        processedCount: 0,
        rateLimitedCount: 0,
      };
      this.#states.set(peer, state);
    }
    return state;
  }

  #addresses(peer: Peer, { type, addresses, count }: AddressesMessage): void {
    const { log, peers, networks, clock, addresses: manager } = this.#deps;
    const state = this.#enable(peer);
    if (state === undefined) {
      log.debug("net", `ignoring ${type} message from ${peer.options.connectionType} peer=${peer.id}`);
      return;
    }
    const nowMs = clock.nowMs();
    this.#refill(state, nowMs);
    const isShort = count <= NEWS_COUNT_MAX;
    const kept: GossipAddress[] = [];
    let processedCount = 0;
    let rateLimitedCount = 0;
    for (const told of this.#shuffled(addresses)) {
      if (state.tokens >= 1) state.tokens--;
      else if (!peer.has("addr")) {
        rateLimitedCount++;
        continue;
      }
      const address = this.#worthKeeping(state, told, nowMs);
      if (address === undefined) continue;
      processedCount++;
      const isNews = address.timeSeconds > nowMs / 1000 - NEWS_SECONDS && !state.isAwaitingAnswer && isShort;
      if (isNews && isRoutable(address.address)) this.#relay(peer, address);
      if (networks.isReachable(address.address.network)) kept.push(address);
    }
    state.processedCount += processedCount;
    state.rateLimitedCount += rateLimitedCount;
    log.debug(
      "net",
      `Received addr: ${count} addresses (${processedCount} processed, ${rateLimitedCount} rate-limited) from peer=${peer.id}`,
    );
    // A peer that a proxy reached by name has no address that we know of.
    manager.add(kept, peer.options.endpoint?.address ?? UNSPECIFIED_ADDRESS, RUMOUR_PENALTY_SECONDS);
    if (count < ADDRESSES_MAX) state.isAwaitingAnswer = false;
    // One address alone is but the peer's own.
    if (peer.isAddressFetch && count > 1) peers().disconnect(peer, "addrfetch connection completed");
  }

  #refill(state: State, nowMs: number): void {
    if (state.tokens < TOKENS_MAX) {
      const seconds = Math.max((nowMs - state.tokensMs) / 1000, 0);
      state.tokens = Math.min(state.tokens + seconds * RATE_PER_SECOND, TOKENS_MAX);
    }
    state.tokensMs = nowMs;
  }

  /** The address with a believable time; `undefined` where it is of no use to anybody. */
  #worthKeeping(state: State, told: GossipAddress, nowMs: number): GossipAddress | undefined {
    const { bans, hasDesirableServices } = this.#deps;
    const servesBlocks = (told.services & (ServiceFlag.NETWORK | ServiceFlag.NETWORK_LIMITED)) !== 0n;
    if (!servesBlocks && !hasDesirableServices(told.services)) return undefined;
    const nowSeconds = Math.floor(nowMs / 1000);
    const isBelievable = told.timeSeconds > TIME_MIN_SECONDS && told.timeSeconds <= nowMs / 1000 + AHEAD_MAX_SECONDS;
    const address = isBelievable ? told : { ...told, timeSeconds: nowSeconds - UNKNOWN_AGE_SECONDS };
    state.known.insert(keyOf(address));
    return bans.isDiscouraged(address.address) || bans.isBanned(address.address) ? undefined : address;
  }

  /**
   * Passes an address on to one or two peers, the same all day: telling us again and again does not spread it further. When the day
   * changes is different for each address.
   */
  #relay(origin: Peer, address: GossipAddress): void {
    const isReachable = this.#deps.networks.isReachable(address.address.network);
    if (!isReachable && !isRelayable(address.address)) return;
    const addressHash = sipHash24(this.#relayKey, keyOf(address));
    const day = (BigInt(Math.floor(this.#deps.clock.nowMs() / 1000)) + addressHash) / BigInt(DAY_SECONDS);
    const drawOf = (id: bigint) => sipHash24(this.#relayKey, words(addressHash, day, id));
    const count = isReachable || (drawOf(0xffff_ffff_ffff_ffffn) & 1n) === 1n ? RELAY_COUNT_MAX : 1;
    [...this.#states]
      .filter(([peer]) => peer !== origin && canTell(peer, address))
      .map(([peer, state]) => ({ peer, state, draw: drawOf(BigInt(peer.id)) }))
      .sort((a, b) => (a.draw > b.draw ? -1 : 1))
      .slice(0, count)
      .forEach(({ peer, state }) => {
        this.#queue(peer, state, address);
      });
  }

  #queue(peer: Peer, state: State, address: GossipAddress): void {
    if (!isValid(address.address) || state.known.contains(keyOf(address)) || !canTell(peer, address)) return;
    const { queue } = state;
    if (queue.length < ADDRESSES_MAX) queue.push(address);
    else queue[Math.floor(this.#deps.random.unit() * queue.length)] = address;
  }

  /** Only whom we did not choose is answered: others could plant addresses and see them come back. */
  #getAddresses(peer: Peer): void {
    const { log } = this.#deps;
    const { connectionType } = peer.options;
    if (!peer.isInbound) {
      log.debug("net", `Ignoring "getaddr" from ${connectionType} connection. peer=${peer.id}`);
      return;
    }
    const state = this.#enable(peer);
    if (state === undefined) return;
    if (state.hasAsked) {
      log.debug("net", `Ignoring repeated "getaddr". peer=${peer.id}`);
      return;
    }
    state.hasAsked = true;
    state.queue.length = 0;
    for (const address of this.#responses.answerTo(peer)) this.#queue(peer, state, address);
  }

  #announceSelf(peer: Peer, state: State, nowMs: number): void {
    if (!this.#options.listens || this.#deps.chain.isInitialBlockDownload || state.nextSelfMs >= nowMs) return;
    const isFirst = state.nextSelfMs === 0;
    state.nextSelfMs = nowMs + exponentialMs(this.#deps.random, SELF_INTERVAL_MS);
    // Else the peer would be taken to know it since yesterday.
    if (!isFirst) state.known.reset(filterTweak(this.#deps.random));
    const endpoint = ownAddressFor(peer, this.#options, this.#deps);
    if (endpoint === undefined) return;
    const own = { ...endpoint, services: peer.options.ourServices, timeSeconds: Math.floor(nowMs / 1000) };
    if (!isFirst) this.#queue(peer, state, own);
    // Alone, so that the peer's limit does not drop it among others.
    else if (canTell(peer, own)) send(peer, [own]);
  }

  #shuffled(addresses: readonly GossipAddress[]): readonly GossipAddress[] {
    const shuffled = [...addresses];
    for (let index = shuffled.length - 1; index > 0; index--) {
      const other = Math.floor(this.#deps.random.unit() * (index + 1));
      [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
    }
    return shuffled;
  }
}

function send(peer: Peer, addresses: readonly GossipAddress[]): void {
  peer.send({ type: peer.wantsAddrV2 ? "addrv2" : "addr", addresses, count: addresses.length });
}

function canTell(peer: Peer, { address }: NetworkEndpoint): boolean {
  return peer.wantsAddrV2 || isAddrV1Compatible(address);
}

/** Whether the peer does not know the address; from now on it does. */
function isNewTo(state: State, address: GossipAddress): boolean {
  const key = keyOf(address);
  if (state.known.contains(key)) return false;
  state.known.insert(key);
  return true;
}

const keyOf = (endpoint: NetworkEndpoint) => Buffer.from(endpointKey(endpoint));

function words(...values: readonly bigint[]): Uint8Array {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, index) => {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 8 * index);
  });
  return bytes;
}

import { MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import type { BloomFilter } from "@bitfleet/protocol/filters/bloom.ts";
import { RollingFilter } from "@bitfleet/protocol/filters/rolling-filter.ts";
import { feerateText } from "@bitfleet/protocol/policy/feerate.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type Hash256,
  type HashKey,
  hashFromKey,
  hashKey,
  type Txid,
  type Wtxid,
} from "@bitfleet/protocol/primitives/types.ts";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { hashKindOf, type InventoryItem, InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { Mempool, MempoolEntry } from "../../mempool/mempool.ts";
import type { Clock, JobScheduler, Logger, Random } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import { exponentialMs, filterTweak } from "../random-values.ts";
import type { RecentBlocks } from "../serving/recent-blocks.ts";
import { inMiningOrder } from "./announcement-order.ts";
import { isSyncingFeerate } from "./fee-filter.ts";

/**
 * Mean time between two rounds of announcements. Inbound peers of one network that came to the same address of ours share a timer, so
 * that many connections tell a spy no more than one.
 */
const INBOUND_INTERVAL_MS = 5000;
const OUTBOUND_INTERVAL_MS = 2000;
/** Announcements of one round: those of fourteen a second, more where many wait. */
const BROADCAST_TARGET = 14 * (INBOUND_INTERVAL_MS / 1000);
const BROADCAST_MAX = 1000;
/** Items of one `inv`. */
const INVENTORY_BATCH = 50_000;
/** Transactions that wait to be announced to one peer: the rest of a flood is not announced by us. */
const QUEUE_MAX = 50_000;

/** Transactions that a peer is told of at once when it connects, those that came first: of more at a time it would forget some. */
const GREETING_MAX = 5_000;
/** So long it has to fetch those before it is told of the next. */
const GREETING_PAUSE_MS = 10_000;

/** What a peer is known to have: the last 50,000, one in a million taken for known by mistake. */
const KNOWN_COUNT = 50_000;
const KNOWN_FALSE_RATE = 0.000001;

/** Transactions of our own that nobody asked for yet are announced again after ten to fifteen minutes. */
const REBROADCAST_MIN_MS = 10 * 60 * 1000;
const REBROADCAST_SPREAD_MS = 5 * 60 * 1000;

export interface TxAnnouncementsOptions {
  /**
   * All nodes are one owner's: there is nobody to keep from whose transactions they are. A peer that connects is told of everything in the
   * mempool, and of what comes then with its next turn. On a network of many owners the first would cost much and both would tell whose
   * they are; there, as Core, a node tells what comes from then on, in rounds. On one's own a transaction must not be with one node that
   * goes: the peer that asked for it may have ended before it told anybody. And who pays through one web server looks at it on the next.
   */
  readonly isOwnNetwork: boolean;
}

/** What a peer that has connected is yet to be told of. */
interface Greeting {
  readonly entries: Iterator<MempoolEntry>;
  /** What came later is announced as it comes: it ends there. */
  readonly sequenceEnd: number;
  /** Of the next part, and how much of it has been told. */
  nextMs: number;
  count: number;
}

interface RelayState {
  /** wtxids in the order in which they came. */
  readonly queue: Set<HashKey>;
  readonly known: RollingFilter;
  nextMs: number;
  greeting: Greeting | undefined;
  /** It said that it had fetched its blocks. */
  hasCaughtUp: boolean;
  /** What waits is told without waiting for a round, until nothing does. */
  isUrgent: boolean;
  /** What waits is told though the peer was told before, until nothing waits. */
  isRetold: boolean;
  /** BIP35: everything in the mempool was asked for. */
  wantsMempool: boolean;
  /** BIP133, sat/kvB. */
  feerateMin: bigint;
  /** Entry sequence of the mempool at the last round: what came later the peer may not ask for, or it would learn when it came. */
  lastSequence: number;
}

export interface TxAnnouncementsDependencies {
  readonly mempool: Pick<Mempool, "get" | "getByWtxid" | "entries" | "sequence" | "clusterOf" | "unbroadcast">;
  readonly peers: Peers;
  readonly recent: Pick<RecentBlocks, "transaction">;
  readonly bloomFilterOf: (peer: Peer) => BloomFilter | undefined;
  readonly clock: Pick<Clock, "nowMs">;
  readonly scheduler: Pick<JobScheduler, "after">;
  readonly random: Random;
  readonly log: Logger;
}

/** What getpeerinfo shows of it. */
export interface TxRelayStatistics {
  readonly feerateMin: bigint;
  readonly lastSequence: number;
  readonly queuedCount: number;
}

/** Tells peers of transactions, in rounds at random times and in an order that says nothing of when each came. */
export class TxAnnouncements implements PeerModule {
  readonly #options: TxAnnouncementsOptions;
  readonly #deps: TxAnnouncementsDependencies;
  readonly #states = new Map<Peer, RelayState>();
  readonly #inboundNextMs = new Map<string, number>();
  #cancelRebroadcast: (() => void) | undefined;
  /** Transactions of our own users that peers have told us of in turn: somebody knows them, though nobody has asked us. */
  readonly #knownElsewhere = new Set<HashKey>();
  /** The node is about to stop: nothing waits for a round. */
  #isHurried = false;

  readonly handlers: MessageHandlers = {
    feefilter: (peer, { feerateSatPerKvb }) => this.#feeFilter(peer, feerateSatPerKvb),
  };

  constructor(options: TxAnnouncementsOptions, deps: TxAnnouncementsDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  start(): void {
    this.#scheduleRebroadcast();
  }

  stop(): void {
    this.#cancelRebroadcast?.();
  }

  peerGone(peer: Peer): void {
    this.#states.delete(peer);
  }

  /** Whether transactions are relayed to the peer, now or once it loads a filter. */
  relaysTo(peer: Peer): boolean {
    return this.#stateOf(peer) !== undefined;
  }

  /** Whether any peer is told of transactions. */
  get hasListeners(): boolean {
    for (const peer of this.#deps.peers.ready()) if (this.relaysTo(peer)) return true;
    return false;
  }

  statistics(peer: Peer): TxRelayStatistics | undefined {
    const state = this.#states.get(peer);
    return state && { feerateMin: state.feerateMin, lastSequence: state.lastSequence, queuedCount: state.queue.size };
  }

  /** The peer has a transaction: it announced or sent it. */
  noteKnown(peer: Peer, hash: Hash256): void {
    this.#stateOf(peer)?.known.insert(hash);
    const { mempool } = this.#deps;
    if (mempool.unbroadcast.size === 0) return;
    const entry = mempool.getByWtxid(hash as Wtxid) ?? mempool.get(hash as Txid);
    if (entry !== undefined && mempool.unbroadcast.has(entry.tx.txid)) this.#knownElsewhere.add(hashKey(entry.tx.txid));
  }

  /**
   * From now on peers are told of transactions as they come, and at once of those of our own users that nobody has asked for: the node is
   * about to stop, and may be the only one that has them.
   */
  hurry(): void {
    this.#isHurried = true;
    for (const peer of this.#deps.peers.ready()) this.#tellAtOnce(peer, this.#unasked());
    this.#deps.peers.wake();
  }

  /** What was in the mempool of the last run is there now: peers that came before are told of it, where peers are told of all. */
  mempoolLoaded(): void {
    if (!this.#options.isOwnNetwork) return;
    for (const peer of this.#deps.peers.ready()) this.#tellAtOnce(peer, this.#deps.mempool.entries());
    this.#deps.peers.wake();
  }

  /** Transactions of our own users that no peer has, as far as is known, of those that are in the mempool. */
  undelivered(): readonly Txid[] {
    const txids = this.#deps.mempool.unbroadcast.txids();
    return txids.filter((txid) => !this.#knownElsewhere.has(hashKey(txid)));
  }

  /** The peer wants to hear of everything in the mempool (BIP35). */
  requestMempool(peer: Peer): void {
    const state = this.#stateOf(peer);
    if (state !== undefined) state.wantsMempool = true;
  }

  /** Queues a transaction of the mempool for every peer that does not have it. */
  announce({ txid, wtxid }: { readonly txid: Txid; readonly wtxid: Wtxid }): void {
    const key = hashKey(wtxid);
    for (const peer of this.#deps.peers.ready()) {
      const state = this.#stateOf(peer);
      if (state === undefined || state.nextMs === 0 || state.queue.size >= QUEUE_MAX) continue;
      if (!state.known.contains(peer.usesWtxidRelay ? wtxid : txid)) state.queue.add(key);
    }
    if (this.#isHurried) this.#deps.peers.wake();
  }

  /** Tells a peer that may not have heard of it yet of everything, or of what nobody has asked for. */
  #greet(peer: Peer): void {
    this.#tellAtOnce(peer, this.#options.isOwnNetwork ? this.#deps.mempool.entries() : this.#unasked());
  }

  #unasked(): MempoolEntry[] {
    const { mempool } = this.#deps;
    const entries = mempool.unbroadcast.txids().map((txid) => mempool.get(txid));
    return entries.filter((entry) => entry !== undefined);
  }

  /** Also of what the peer was told before: it may not have been able to use it then. */
  #tellAtOnce(peer: Peer, entries: Iterable<MempoolEntry>): void {
    const state = this.#stateOf(peer);
    if (state === undefined) return;
    const { clock, mempool } = this.#deps;
    const nowMs = clock.nowMs();
    // Of the mempool it is a live one: what leaves meanwhile is passed over.
    state.greeting = { entries: entries[Symbol.iterator](), sequenceEnd: mempool.sequence, nextMs: nowMs, count: 0 };
    this.#goOnGreeting(state, nowMs);
  }

  #goOnGreeting(state: RelayState, nowMs: number): void {
    const { greeting } = state;
    if (greeting === undefined || nowMs < greeting.nextMs) return;
    // No more than goes out now: what waits is put in order each time.
    while (state.queue.size < BROADCAST_MAX) {
      const next = greeting.entries.next();
      if (next.done || next.value.sequence >= greeting.sequenceEnd) {
        state.greeting = undefined;
        break;
      }
      state.queue.add(hashKey(next.value.tx.wtxid));
      if (++greeting.count % GREETING_MAX === 0) {
        greeting.nextMs = nowMs + GREETING_PAUSE_MS;
        break;
      }
    }
    if (state.queue.size === 0) return;
    state.isUrgent = true;
    state.isRetold = true;
  }

  /** A transaction came from this node's own users: it is announced until somebody has asked for it. */
  broadcast(tx: Transaction): void {
    this.#deps.mempool.unbroadcast.add(tx.txid);
    this.announce(tx);
  }

  /** The transaction that a peer asks for, where it may have it: one that we announced before, or one of the newest block. */
  findTransaction(peer: Peer, { kind, hash }: InventoryItem): Transaction | undefined {
    const state = this.#stateOf(peer);
    const isWtxid = hashKindOf(kind) === "wtxid";
    const entry = isWtxid ? this.#deps.mempool.getByWtxid(hash as Wtxid) : this.#deps.mempool.get(hash as Txid);
    if (entry !== undefined && state !== undefined && entry.sequence < state.lastSequence) {
      this.#deps.mempool.unbroadcast.delivered(entry.tx.txid);
      return entry.tx;
    }
    return this.#deps.recent.transaction(hash);
  }

  tick(peer: Peer, nowMs: number): void {
    const state = this.#stateOf(peer);
    if (state === undefined) return;
    if (state.nextMs === 0 && (this.#options.isOwnNetwork || this.#isHurried)) this.#greet(peer);
    this.#goOnGreeting(state, nowMs);
    const isRound = state.nextMs < nowMs;
    if (isRound) state.nextMs = this.#nextRound(peer, nowMs);
    if (!isRound && !this.#waitsForNoRound && !state.isUrgent && !peer.has("noban")) return;
    if (!peer.relaysTransactions) state.queue.clear();
    const items: InventoryItem[] = [];
    if (state.wantsMempool) this.#addMempool(peer, state, items);
    this.#addQueued(peer, state, items);
    if (state.queue.size === 0) {
      state.isUrgent = false;
      state.isRetold = false;
    }
    state.lastSequence = this.#deps.mempool.sequence;
    for (let start = 0; start < items.length; start += INVENTORY_BATCH) {
      peer.send({ type: "inv", items: items.slice(start, start + INVENTORY_BATCH) });
    }
  }

  get #waitsForNoRound(): boolean {
    return this.#isHurried || this.#options.isOwnNetwork;
  }

  #nextRound(peer: Peer, nowMs: number): number {
    if (!peer.isInbound) return nowMs + exponentialMs(this.#deps.random, OUTBOUND_INTERVAL_MS);
    const { network, localEndpoint } = peer.options;
    const key = localEndpoint === undefined ? network : `${network} ${formatEndpoint(localEndpoint)}`;
    let nextMs = this.#inboundNextMs.get(key) ?? 0;
    if (nextMs < nowMs) {
      nextMs = nowMs + exponentialMs(this.#deps.random, INBOUND_INTERVAL_MS);
      this.#inboundNextMs.set(key, nextMs);
    }
    return nextMs;
  }

  #addMempool(peer: Peer, state: RelayState, items: InventoryItem[]): void {
    state.wantsMempool = false;
    const { mempool } = this.#deps;
    for (const entry of inMiningOrder(mempool.entries(), mempool)) {
      state.queue.delete(hashKey(entry.tx.wtxid));
      this.#add(peer, state, entry, items);
    }
  }

  #addQueued(peer: Peer, state: RelayState, items: InventoryItem[]): void {
    if (state.queue.size === 0) return;
    const isUrgent = state.isUrgent || this.#waitsForNoRound;
    const roundMax = Math.min(BROADCAST_TARGET + Math.floor(state.queue.size / 1000) * 5, BROADCAST_MAX);
    const countMax = isUrgent ? BROADCAST_MAX : roundMax;
    let count = 0;
    for (const entry of this.#queuedInOrder(state)) {
      if (count >= countMax) break;
      state.queue.delete(hashKey(entry.tx.wtxid));
      const hash = peer.usesWtxidRelay ? entry.tx.wtxid : entry.tx.txid;
      const isNews = state.isRetold || !state.known.contains(hash);
      if (isNews && this.#add(peer, state, entry, items)) count++;
    }
  }

  /** What waits and is still in the mempool, the best to mine first. */
  #queuedInOrder(state: RelayState): readonly MempoolEntry[] {
    const entries: MempoolEntry[] = [];
    for (const key of state.queue) {
      const entry = this.#deps.mempool.getByWtxid(hashFromKey<Wtxid>(key));
      if (entry === undefined) state.queue.delete(key);
      else entries.push(entry);
    }
    return inMiningOrder(entries, this.#deps.mempool);
  }

  /** False where the peer does not want it. */
  #add(peer: Peer, state: RelayState, entry: MempoolEntry, items: InventoryItem[]): boolean {
    if (entry.fee * 1000n < state.feerateMin * BigInt(entry.virtualSize)) return false;
    const filter = this.#deps.bloomFilterOf(peer);
    if (filter !== undefined && !filter.isRelevantAndUpdate(entry.tx)) return false;
    const { txid, wtxid } = entry.tx;
    const item = peer.usesWtxidRelay
      ? { kind: InventoryType.WTX, hash: wtxid }
      : { kind: InventoryType.TX, hash: txid };
    state.known.insert(item.hash);
    items.push(item);
    return true;
  }

  #feeFilter(peer: Peer, feerateSatPerKvb: bigint): void {
    if (feerateSatPerKvb < 0n || feerateSatPerKvb > MAX_MONEY) return;
    const state = this.#stateOf(peer);
    if (state !== undefined) {
      // While it fetched its blocks it could use no transaction.
      const isNowAble = isSyncingFeerate(state.feerateMin) && !isSyncingFeerate(feerateSatPerKvb);
      state.feerateMin = feerateSatPerKvb;
      // Once: two small messages are not to cost us a mempool each time.
      if (isNowAble && !state.hasCaughtUp && this.#options.isOwnNetwork) this.#greet(peer);
      if (isNowAble) state.hasCaughtUp = true;
    }
    this.#deps.log.debug("net", `received: feefilter of ${feerateText(feerateSatPerKvb)} from peer=${peer.id}`);
  }

  /** Absent for peers that neither want transactions nor may want them later. */
  #stateOf(peer: Peer): RelayState | undefined {
    const known = this.#states.get(peer);
    if (known !== undefined) return known;
    if (!mayRelayTo(peer)) return undefined;
    const state: RelayState = {
      queue: new Set(),
      known: new RollingFilter(KNOWN_COUNT, KNOWN_FALSE_RATE, filterTweak(this.#deps.random)),
      nextMs: 0,
      greeting: undefined,
      hasCaughtUp: false,
      isUrgent: false,
      isRetold: false,
      wantsMempool: false,
      feerateMin: 0n,
      lastSequence: 1,
    };
    this.#states.set(peer, state);
    return state;
  }

  #scheduleRebroadcast(): void {
    const { scheduler, random } = this.#deps;
    const delayMs = REBROADCAST_MIN_MS + random.unit() * REBROADCAST_SPREAD_MS;
    this.#cancelRebroadcast = scheduler.after(delayMs, () => {
      this.#rebroadcast();
      this.#scheduleRebroadcast();
    });
  }

  #rebroadcast(): void {
    const { mempool } = this.#deps;
    for (const key of this.#knownElsewhere)
      if (!mempool.unbroadcast.has(hashFromKey<Txid>(key))) this.#knownElsewhere.delete(key);
    for (const txid of mempool.unbroadcast.txids()) {
      const entry = mempool.get(txid);
      if (entry !== undefined) this.announce(entry.tx);
      else mempool.unbroadcast.left(txid);
    }
  }
}

function mayRelayTo(peer: Peer): boolean {
  if (peer.version === 0 || peer.isBlockOnly || peer.isFeeler) return false;
  return peer.relaysTransactions || (peer.options.ourServices & ServiceFlag.BLOOM) !== 0n;
}

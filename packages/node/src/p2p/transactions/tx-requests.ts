import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { SipHasher, type SipHashKey } from "@bitfleet/protocol/crypto/siphash.ts";
import { type Hash256, type HashKey, hashFromKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { TimeHeap } from "./time-heap.ts";

/**
 * What a peer's announcement of a transaction is at. `waiting`: its time has not come. `ready`: another peer is asked first. `best`:
 * next to be asked. `requested`: asked. `done`: the peer failed, kept so that it is not asked again.
 */
type AnnouncementState = "waiting" | "ready" | "best" | "requested" | "done";

interface Announcement {
  readonly peer: number;
  readonly key: HashKey;
  readonly isWtxid: boolean;
  readonly isPreferred: boolean;
  /** Order of arrival, over all peers. */
  readonly sequence: number;
  /** Of the announcements of one hash the highest is asked first. */
  readonly priority: bigint;
  state: AnnouncementState;
  /** When it may be asked (`waiting`, `ready`, `best`), or when the answer is overdue (`requested`). Milliseconds. */
  timeMs: number;
}

/** The announcements of one peer, and how many are in which state. */
interface PeerAnnouncements {
  readonly byHash: Map<HashKey, Announcement>;
  readonly best: Set<Announcement>;
  requestedCount: number;
  doneCount: number;
}

/** A transaction that may be asked for now. */
export interface TxRequest {
  readonly hash: Hash256;
  readonly isWtxid: boolean;
}

/**
 * Whom to ask for which transaction, and when: of all peers that announced one, a single one at a time, preferred peers first, in an
 * order that an attacker cannot foresee, the next one when it is overdue or has nothing. Pure: who uses it says what time it is.
 */
export class TxRequestTracker {
  readonly #hasher: SipHasher;
  readonly #byHash = new Map<HashKey, Announcement[]>();
  readonly #peers = new Map<number, PeerAnnouncements>();
  /** Announcements that change by themselves at a time: those that wait, and those that are requested. */
  readonly #timers = new TimeHeap<Announcement>();
  #sequence = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(key: SipHashKey) {
    this.#hasher = new SipHasher(key);
  }

  get size(): number {
    let size = 0;
    for (const { byHash } of this.#peers.values()) size += byHash.size;
    return size;
  }

  /** Announcements of a peer, whatever their state. */
  count(peer: number): number {
    return this.#peers.get(peer)?.byHash.size ?? 0;
  }

  countRequested(peer: number): number {
    return this.#peers.get(peer)?.requestedCount ?? 0;
  }

  countCandidates(peer: number): number {
    const entry = this.#peers.get(peer);
    return entry === undefined ? 0 : entry.byHash.size - entry.requestedCount - entry.doneCount;
  }

  /** Peers that could still be asked, or are being asked, for a transaction. */
  candidatePeers(hash: Hash256): readonly number[] {
    const all = this.#byHash.get(hashKey(hash)) ?? [];
    return all.filter(({ state }) => state !== "done").map(({ peer }) => peer);
  }

  /** A peer announced a transaction that we want; it may be asked from `readyMs` on. Known announcements stay as they are. */
  receivedInventory(peer: number, request: TxRequest, isPreferred: boolean, readyMs: number): void {
    const key = hashKey(request.hash);
    const entry = this.#peerEntry(peer);
    if (entry.byHash.has(key)) return;
    const announcement: Announcement = {
      peer,
      key,
      isWtxid: request.isWtxid,
      isPreferred,
      sequence: this.#sequence++,
      priority: this.#priority(request.hash, peer, isPreferred),
      state: "waiting",
      timeMs: readyMs,
    };
    entry.byHash.set(key, announcement);
    const others = this.#byHash.get(key);
    if (others === undefined) this.#byHash.set(key, [announcement]);
    else others.push(announcement);
    this.#timers.push(announcement, readyMs);
  }

  /** What to ask `peer` for now, oldest announcement first. `onExpired` is told of every request, of any peer, that is overdue. */
  requestable(
    peer: number,
    nowMs: number,
    onExpired: (peer: number, request: TxRequest) => void = () => {},
  ): readonly TxRequest[] {
    this.#advance(nowMs, onExpired);
    const best = this.#peers.get(peer)?.best;
    if (best === undefined || best.size === 0) return [];
    return [...best].sort((a, b) => a.sequence - b.sequence).map(requestOf);
  }

  /** `peer` was asked; without an answer until `expiryMs` another one is. */
  requested(peer: number, hash: Hash256, expiryMs: number): void {
    const announcement = this.#peers.get(peer)?.byHash.get(hashKey(hash));
    if (announcement === undefined || announcement.state === "done" || announcement.state === "requested") return;
    if (announcement.state !== "best") {
      // Asked out of turn: whoever was to be asked waits, whoever was asked has had its chance.
      for (const other of this.#byHash.get(announcement.key)!) {
        if (other.state === "best") this.#setState(other, "ready");
        else if (other.state === "requested") this.#setState(other, "done");
      }
    }
    this.#setState(announcement, "requested");
    announcement.timeMs = expiryMs;
    this.#timers.push(announcement, expiryMs);
  }

  /** `peer` answered, with the transaction or with that it has none: it is not asked again. */
  receivedResponse(peer: number, hash: Hash256): void {
    const announcement = this.#peers.get(peer)?.byHash.get(hashKey(hash));
    if (announcement !== undefined) this.#complete(announcement);
  }

  /** Nobody need be asked any more. */
  forget(hash: Hash256): void {
    this.#deleteAll(hashKey(hash));
  }

  peerGone(peer: number): void {
    const entry = this.#peers.get(peer);
    if (entry === undefined) return;
    for (const announcement of [...entry.byHash.values()]) {
      if (this.#complete(announcement)) this.#delete(announcement);
    }
    this.#peers.delete(peer);
  }

  #advance(nowMs: number, onExpired: (peer: number, request: TxRequest) => void): void {
    if (nowMs < this.#lastMs) this.#turnBack(nowMs);
    this.#lastMs = nowMs;
    for (let due = this.#timers.popDue(nowMs); due !== undefined; due = this.#timers.popDue(nowMs)) {
      const { item, timeMs } = due;
      // What happened since has made the timer void.
      if (item.timeMs !== timeMs || !this.#isTracked(item)) continue;
      if (item.state === "waiting") this.#makeReady(item);
      else if (item.state === "requested") {
        onExpired(item.peer, requestOf(item));
        this.#complete(item);
      }
    }
  }

  /** The clock went back: what is ready may have to wait again. */
  #turnBack(nowMs: number): void {
    for (const { byHash } of this.#peers.values()) {
      for (const announcement of byHash.values()) {
        const isEarly = announcement.timeMs > nowMs;
        if (!isEarly || (announcement.state !== "ready" && announcement.state !== "best")) continue;
        const wasBest = announcement.state === "best";
        this.#setState(announcement, "waiting");
        this.#timers.push(announcement, announcement.timeMs);
        if (wasBest) this.#choose(announcement.key);
      }
    }
  }

  #makeReady(announcement: Announcement): void {
    this.#setState(announcement, "ready");
    const others = this.#byHash.get(announcement.key)!;
    if (others.some(({ state }) => state === "requested")) return;
    const best = others.find(({ state }) => state === "best");
    if (best !== undefined && best.priority >= announcement.priority) return;
    if (best !== undefined) this.#setState(best, "ready");
    this.#setState(announcement, "best");
  }

  /** Picks the next one to ask, unless somebody is asked or chosen. */
  #choose(key: HashKey): void {
    const all = this.#byHash.get(key) ?? [];
    if (all.some(({ state }) => state === "best" || state === "requested")) return;
    let next: Announcement | undefined;
    for (const other of all) {
      if (other.state === "ready" && (next === undefined || other.priority > next.priority)) next = other;
    }
    if (next !== undefined) this.#setState(next, "best");
  }

  /** The peer's part is over. False where all announcements of the hash went with it, as nobody is left to ask. */
  #complete(announcement: Announcement): boolean {
    if (announcement.state === "done") return true;
    const all = this.#byHash.get(announcement.key)!;
    if (all.every((other) => other === announcement || other.state === "done")) {
      this.#deleteAll(announcement.key);
      return false;
    }
    this.#setState(announcement, "done");
    this.#choose(announcement.key);
    return true;
  }

  #setState(announcement: Announcement, state: AnnouncementState): void {
    const entry = this.#peers.get(announcement.peer)!;
    this.#uncount(entry, announcement);
    announcement.state = state;
    if (state === "best") entry.best.add(announcement);
    else if (state === "requested") entry.requestedCount++;
    else if (state === "done") entry.doneCount++;
  }

  #uncount(entry: PeerAnnouncements, announcement: Announcement): void {
    if (announcement.state === "best") entry.best.delete(announcement);
    else if (announcement.state === "requested") entry.requestedCount--;
    else if (announcement.state === "done") entry.doneCount--;
  }

  #deleteAll(key: HashKey): void {
    for (const announcement of this.#byHash.get(key) ?? []) this.#forgetAtPeer(announcement);
    this.#byHash.delete(key);
  }

  #delete(announcement: Announcement): void {
    const all = this.#byHash.get(announcement.key)!;
    all.splice(all.indexOf(announcement), 1);
    this.#forgetAtPeer(announcement);
  }

  #forgetAtPeer(announcement: Announcement): void {
    const entry = this.#peers.get(announcement.peer)!;
    this.#uncount(entry, announcement);
    entry.byHash.delete(announcement.key);
    if (entry.byHash.size === 0) this.#peers.delete(announcement.peer);
  }

  #isTracked(announcement: Announcement): boolean {
    return this.#peers.get(announcement.peer)?.byHash.get(announcement.key) === announcement;
  }

  #peerEntry(peer: number): PeerAnnouncements {
    let entry = this.#peers.get(peer);
    if (entry === undefined) {
      entry = { byHash: new Map(), best: new Set(), requestedCount: 0, doneCount: 0 };
      this.#peers.set(peer, entry);
    }
    return entry;
  }

  #priority(hash: Hash256, peer: number, isPreferred: boolean): bigint {
    const writer = new Writer(40);
    writer.bytes(hash).uint32(peer);
    const low = this.#hasher.hash(writer.toBytes()) >> 1n;
    return isPreferred ? low | (1n << 63n) : low;
  }
}

function requestOf({ key, isWtxid }: Announcement): TxRequest {
  return { hash: hashFromKey(key), isWtxid };
}

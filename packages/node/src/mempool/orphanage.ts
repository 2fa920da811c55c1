import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  displayHash,
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  outPointKeyOf,
  type Wtxid,
} from "@bitfleet/protocol/primitives/types.ts";
import type { Logger, Random } from "../ports.ts";

/** Weight units that every announcing peer may fill before its orphans are at risk. */
const RESERVED_WEIGHT_PER_PEER = 404_000;
/** What all orphans together may cost in time when a block comes: one for each announcement, one more for each ten inputs. */
const LATENCY_SCORE_MAX = 3000;
/** Larger transactions are no standard ones. */
const ORPHAN_WEIGHT_MAX = 400_000;
/** Inputs that raise the cost of a transaction by one. */
const INPUTS_PER_SCORE = 10;

interface Orphan {
  readonly tx: Transaction;
  readonly key: HashKey;
  readonly weight: number;
  /** One announcement not counted. */
  readonly inputScore: number;
  /** By peer. */
  readonly announcements: Map<number, Announcement>;
  /** The one announcement in whose peer's work set it is. */
  worker: Announcement | undefined;
}

interface Announcement {
  readonly orphan: Orphan;
  readonly peer: number;
  readonly sequence: number;
  /** A parent arrived: the peer's turn to have it tried again. */
  isReconsidered: boolean;
}

interface PeerUsage {
  /** In order of arrival. */
  readonly announcements: Set<Announcement>;
  weight: number;
  latencyScore: number;
}

export interface OrphanageOptions {
  readonly reservedWeightPerPeer?: number;
  readonly latencyScoreMax?: number;
}

export interface OrphanageDependencies {
  readonly random: Pick<Random, "unit">;
  readonly log: Logger;
}

/**
 * Transactions whose parents are not here. Nobody can tell them from made-up ones, so what they take is limited: when the limits for all
 * are exceeded, the peer that takes most beyond its share loses its oldest, and nobody else loses any.
 */
export class Orphanage {
  readonly #deps: OrphanageDependencies;
  readonly #reservedWeight: number;
  readonly #latencyScoreMax: number;
  readonly #orphans = new Map<HashKey, Orphan>();
  readonly #peers = new Map<number, PeerUsage>();
  readonly #spenders = new Map<OutPointKey, Set<Orphan>>();
  #sequence = 0;
  #announcementCount = 0;
  #weight = 0;
  #inputScore = 0;

  constructor(options: OrphanageOptions, deps: OrphanageDependencies) {
    this.#deps = deps;
    this.#reservedWeight = options.reservedWeightPerPeer ?? RESERVED_WEIGHT_PER_PEER;
    this.#latencyScoreMax = options.latencyScoreMax ?? LATENCY_SCORE_MAX;
  }

  /** Different orphans. */
  get size(): number {
    return this.#orphans.size;
  }

  get announcementCount(): number {
    return this.#announcementCount;
  }

  /** Weight of all orphans, each counted once. */
  get weight(): number {
    return this.#weight;
  }

  /** Weight of the orphans that a peer announced. */
  weightOf(peer: number): number {
    return this.#peers.get(peer)?.weight ?? 0;
  }

  get(wtxid: Wtxid): Transaction | undefined {
    return this.#orphans.get(hashKey(wtxid))?.tx;
  }

  has(wtxid: Wtxid): boolean {
    return this.#orphans.has(hashKey(wtxid));
  }

  isAnnouncedBy(wtxid: Wtxid, peer: number): boolean {
    return this.#orphans.get(hashKey(wtxid))?.announcements.has(peer) ?? false;
  }

  /** Every orphan with the peers that announced it. */
  *entries(): Iterable<{ readonly tx: Transaction; readonly peers: readonly number[] }> {
    for (const { tx, announcements } of this.#orphans.values()) yield { tx, peers: [...announcements.keys()] };
  }

  /** Keeps a transaction that `peer` gave us. True where it is new here. `tx` is kept: it must not be a view of a larger message. */
  add(tx: Transaction, peer: number): boolean {
    if (tx.weight > ORPHAN_WEIGHT_MAX) {
      this.#log(
        `ignoring large orphan tx (size: ${tx.weight}, txid: ${displayHash(tx.txid)}, wtxid: ${displayHash(tx.wtxid)})`,
      );
      return false;
    }
    const known = this.#orphans.get(hashKey(tx.wtxid));
    if (known !== undefined) {
      this.#announce(known, peer);
      return false;
    }
    const orphan = this.#insert(tx);
    this.#addAnnouncement(orphan, peer);
    this.#log(
      `stored orphan tx ${names(tx)}, weight: ${tx.weight} (mapsz ${this.#announcementCount} outsz ${this.#spenders.size})`,
    );
    this.#limit();
    return true;
  }

  /** Notes that another peer has it too. False where it is not here, or the peer was noted already. */
  addAnnouncer(wtxid: Wtxid, peer: number): boolean {
    const orphan = this.#orphans.get(hashKey(wtxid));
    return orphan !== undefined && this.#announce(orphan, peer);
  }

  /** A transaction came in: those that spend it are to be tried again, each by one of the peers that announced it. */
  parentArrived(parent: Transaction): void {
    const txid = hashKey(parent.txid);
    for (let index = 0; index < parent.outputs.length; index++) {
      for (const orphan of this.#spenders.get(outPointKeyOf(txid, index)) ?? []) {
        if (orphan.worker !== undefined) continue;
        const all = [...orphan.announcements.values()];
        const announcement = all[Math.floor(this.#deps.random.unit() * all.length)]!;
        announcement.isReconsidered = true;
        orphan.worker = announcement;
        this.#log(`added ${names(orphan.tx)} to peer ${announcement.peer} workset`);
      }
    }
  }

  hasWork(peer: number): boolean {
    for (const { isReconsidered } of this.#peers.get(peer)?.announcements ?? []) if (isReconsidered) return true;
    return false;
  }

  /** Takes the oldest orphan out of a peer's work set; it stays here until it is removed. */
  takeWork(peer: number): Transaction | undefined {
    for (const announcement of this.#peers.get(peer)?.announcements ?? []) {
      if (!announcement.isReconsidered) continue;
      announcement.isReconsidered = false;
      announcement.orphan.worker = undefined;
      return announcement.orphan.tx;
    }
    return undefined;
  }

  /** Orphans of `peer` that spend `parent`: those to be tried again first, then the newest. */
  childrenFromPeer(parent: Transaction, peer: number): readonly Transaction[] {
    const txid = hashKey(parent.txid);
    return [...(this.#peers.get(peer)?.announcements ?? [])]
      .filter(({ orphan }) => orphan.tx.inputs.some(({ previousOutput }) => hashKey(previousOutput.txid) === txid))
      .sort((a, b) => Number(b.isReconsidered) - Number(a.isReconsidered) || b.sequence - a.sequence)
      .map(({ orphan }) => orphan.tx);
  }

  /** Forgets an orphan. False where it is not here. */
  remove(wtxid: Wtxid): boolean {
    const orphan = this.#orphans.get(hashKey(wtxid));
    if (orphan === undefined) return false;
    const count = orphan.announcements.size;
    for (const announcement of [...orphan.announcements.values()]) this.#removeAnnouncement(announcement);
    this.#log(`removed orphan tx ${names(orphan.tx)} (${count} announcements)`);
    return true;
  }

  peerGone(peer: number): void {
    const announcements = [...(this.#peers.get(peer)?.announcements ?? [])];
    for (const announcement of announcements) this.#removeAnnouncement(announcement);
    if (announcements.length === 0) return;
    this.#log(`Erased ${announcements.length} orphan transaction(s) from peer=${peer}`);
    // Fewer peers have less room together.
    this.#limit();
  }

  /** Forgets what a block contains, and what conflicts with it. */
  blockConnected(block: Block): void {
    if (this.#orphans.size === 0) return;
    const gone = new Set<Orphan>();
    for (const { inputs } of block.transactions) {
      for (const { previousOutput } of inputs) {
        for (const orphan of this.#spenders.get(outPointKey(previousOutput)) ?? []) gone.add(orphan);
      }
    }
    for (const { tx } of gone) this.remove(tx.wtxid);
    if (gone.size > 0) this.#log(`Erased ${gone.size} orphan transaction(s) included or conflicted by block`);
  }

  #insert(tx: Transaction): Orphan {
    const orphan: Orphan = {
      tx,
      key: hashKey(tx.wtxid),
      weight: tx.weight,
      inputScore: Math.floor(tx.inputs.length / INPUTS_PER_SCORE),
      announcements: new Map(),
      worker: undefined,
    };
    this.#orphans.set(orphan.key, orphan);
    this.#weight += orphan.weight;
    this.#inputScore += orphan.inputScore;
    for (const { previousOutput } of tx.inputs) {
      const key = outPointKey(previousOutput);
      const spenders = this.#spenders.get(key);
      if (spenders === undefined) this.#spenders.set(key, new Set([orphan]));
      else spenders.add(orphan);
    }
    return orphan;
  }

  #announce(orphan: Orphan, peer: number): boolean {
    if (orphan.announcements.has(peer)) return false;
    this.#addAnnouncement(orphan, peer);
    this.#log(`added peer=${peer} as announcer of orphan tx ${names(orphan.tx)}`);
    this.#limit();
    return true;
  }

  #addAnnouncement(orphan: Orphan, peer: number): void {
    const announcement = { orphan, peer, sequence: this.#sequence++, isReconsidered: false };
    orphan.announcements.set(peer, announcement);
    let usage = this.#peers.get(peer);
    if (usage === undefined) {
      usage = { announcements: new Set(), weight: 0, latencyScore: 0 };
      this.#peers.set(peer, usage);
    }
    usage.announcements.add(announcement);
    usage.weight += orphan.weight;
    usage.latencyScore += 1 + orphan.inputScore;
    this.#announcementCount++;
  }

  #removeAnnouncement(announcement: Announcement): void {
    const { orphan, peer } = announcement;
    const usage = this.#peers.get(peer)!;
    usage.announcements.delete(announcement);
    usage.weight -= orphan.weight;
    usage.latencyScore -= 1 + orphan.inputScore;
    if (usage.announcements.size === 0) this.#peers.delete(peer);
    this.#announcementCount--;
    orphan.announcements.delete(peer);
    if (orphan.worker === announcement) orphan.worker = undefined;
    if (orphan.announcements.size === 0) this.#forget(orphan);
  }

  #forget(orphan: Orphan): void {
    this.#orphans.delete(orphan.key);
    this.#weight -= orphan.weight;
    this.#inputScore -= orphan.inputScore;
    for (const { previousOutput } of orphan.tx.inputs) {
      const key = outPointKey(previousOutput);
      const spenders = this.#spenders.get(key);
      spenders?.delete(orphan);
      if (spenders?.size === 0) this.#spenders.delete(key);
    }
  }

  #limit(): void {
    if (!this.#isOverLimit()) return;
    const sizeBefore = this.size;
    let removedCount = 0;
    while (this.#isOverLimit()) {
      const peer = this.#greediestPeer();
      if (peer === undefined) break;
      this.#removeAnnouncement(this.#leastPromising(peer));
      removedCount++;
    }
    this.#log(`orphanage overflow, removed ${sizeBefore - this.size} tx (${removedCount} announcements)`);
  }

  #isOverLimit(): boolean {
    const weightMax = this.#reservedWeight * Math.max(this.#peers.size, 1);
    return this.#weight > weightMax || this.#announcementCount + this.#inputScore > this.#latencyScoreMax;
  }

  /** The peer that uses the largest multiple of its share of weight or time. */
  #greediestPeer(): number | undefined {
    const latencyShare = Math.max(Math.floor(this.#latencyScoreMax / Math.max(this.#peers.size, 1)), 1);
    let worst: number | undefined;
    let worstScore = 0;
    for (const [peer, { weight, latencyScore }] of this.#peers) {
      const score = Math.max(weight / this.#reservedWeight, latencyScore / latencyShare);
      if (score <= worstScore) continue;
      worst = peer;
      worstScore = score;
    }
    return worst;
  }

  /** A peer's oldest announcement, one that is about to be tried again only where there is no other. */
  #leastPromising(peer: number): Announcement {
    const { announcements } = this.#peers.get(peer)!;
    for (const announcement of announcements) if (!announcement.isReconsidered) return announcement;
    return announcements.values().next().value!;
  }

  #log(message: string): void {
    this.#deps.log.debug("txpackages", message);
  }
}

const names = (tx: Transaction) => `${displayHash(tx.txid)} (wtxid=${displayHash(tx.wtxid)})`;

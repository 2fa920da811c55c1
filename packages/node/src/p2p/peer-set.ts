import { isLocal } from "@bitfleet/protocol/wire/address-class.ts";
import { equalAddresses } from "@bitfleet/protocol/wire/network-address.ts";
import type { Clock, Logger } from "../ports.ts";
import type { BanList } from "./addresses/ban-list.ts";
import type { Connection } from "./connections/connection.ts";
import type { Peer } from "./peer.ts";
import type { Peers } from "./peer-module.ts";

export interface PeerRecord {
  readonly peer: Peer;
  readonly connection: Connection;
}

export interface PeerSetDependencies {
  readonly bans: Pick<BanList, "discourage">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the owner of the set is told. */
export interface PeerSetEvents {
  /** The peer is in no list any more. */
  readonly onGone: (record: PeerRecord) => void;
  /** Somebody has news for the peers. */
  readonly onWake: () => void;
}

/** Peers that can be talked to, as they come and go. */
export interface PeerChange {
  readonly type: "connected" | "disconnected";
  readonly peer: Peer;
}

/** Called within the change itself: must not throw. */
export type PeerListener = (change: PeerChange) => void;

/** Every connected peer, and how connections end. */
export class PeerSet implements Peers {
  readonly #deps: PeerSetDependencies;
  readonly #records = new Map<number, PeerRecord>();
  #events: PeerSetEvents = { onGone: () => {}, onWake: () => {} };
  /** Ready peers in the order in which they became so. */
  readonly #ready = new Set<Peer>();
  readonly #listeners = new Set<{ readonly listener: PeerListener }>();

  constructor(deps: PeerSetDependencies) {
    this.#deps = deps;
  }

  observe(events: PeerSetEvents): void {
    this.#events = events;
  }

  /** Calls `listener` when a handshake is done and when a peer that had done it is gone. Returns the function that ends it. */
  watch(listener: PeerListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  get size(): number {
    return this.#records.size;
  }

  add(record: PeerRecord): void {
    this.#records.set(record.peer.id, record);
  }

  /** The peer's handshake is done. */
  markReady(peer: Peer): void {
    peer.isReady = true;
    this.#ready.add(peer);
    this.#tell({ type: "connected", peer });
  }

  records(): readonly PeerRecord[] {
    return [...this.#records.values()];
  }

  record(id: number): PeerRecord | undefined {
    return this.#records.get(id);
  }

  *all(): Iterable<Peer> {
    for (const { peer } of this.#records.values()) yield peer;
  }

  ready(): Iterable<Peer> {
    return this.#ready;
  }

  find(id: number): Peer | undefined {
    return this.#records.get(id)?.peer;
  }

  count(isCounted: (peer: Peer) => boolean): number {
    let count = 0;
    for (const { peer } of this.#records.values()) if (isCounted(peer)) count++;
    return count;
  }

  misbehaved(peer: Peer, why: string): void {
    peer.shouldDiscourage = true;
    this.#deps.log.debug("net", `Misbehaving: peer=${peer.id}${why === "" ? "" : `: ${why}`}`);
    this.wake();
  }

  disconnect(peer: Peer, why: string): void {
    const record = this.#records.get(peer.id);
    if (record === undefined) return;
    if (why !== "") this.#deps.log.debug("net", `${why}, disconnecting ${peer}`);
    this.#close(record);
  }

  wake(): void {
    this.#events.onWake();
  }

  /** Disconnects a peer that misbehaved since the last call, unless it is protected. True where it is gone. */
  punish(peer: Peer): boolean {
    if (!peer.shouldDiscourage) return false;
    peer.shouldDiscourage = false;
    const { log, bans } = this.#deps;
    if (peer.has("noban")) {
      log.warn(`Not punishing noban peer ${peer.id}!`);
      return false;
    }
    if (peer.isManual) {
      log.warn(`Not punishing manually connected peer ${peer.id}!`);
      return false;
    }
    const { endpoint, isInboundOnion } = peer.options;
    if (endpoint === undefined || isLocal(endpoint.address)) {
      const kind = isInboundOnion ? "inbound onion" : "local";
      log.debug("net", `Warning: disconnecting but not discouraging ${kind} peer ${peer.id}!`);
      this.disconnect(peer, "");
      return true;
    }
    log.debug("net", `Disconnecting and discouraging peer ${peer.id}!`);
    bans.discourage(endpoint.address);
    const { address } = endpoint;
    for (const other of this.records()) {
      const theirs = other.peer.options.endpoint?.address;
      if (theirs !== undefined && equalAddresses(theirs, address)) {
        this.disconnect(other.peer, "");
      }
    }
    return true;
  }

  /** The connection ended by itself, or was closed. */
  forget(record: PeerRecord, why: string | undefined): void {
    const { peer } = record;
    if (!this.#records.delete(peer.id)) return;
    const wasReady = this.#ready.delete(peer);
    if (why !== undefined) this.#deps.log.debug("net", `${why}, disconnecting ${peer}`);
    this.#events.onGone(record);
    if (wasReady) this.#tell({ type: "disconnected", peer });
  }

  #tell(change: PeerChange): void {
    for (const { listener } of this.#listeners) listener(change);
  }

  #close(record: PeerRecord): void {
    record.connection.close();
    this.forget(record, undefined);
    this.#deps.log.debug("net", `Resetting socket for ${record.peer}`);
  }
}

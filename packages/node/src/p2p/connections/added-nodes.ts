import { parseAddress, parseShortIpv4, splitHostPort } from "@bitfleet/protocol/wire/address-text.ts";
import { endpointKey, type NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import type { Clock, Random } from "../../ports.ts";
import type { NetworkFilter } from "../addresses/network-filter.ts";
import type { Peer } from "../peer.ts";
import type { PeerSet } from "../peer-set.ts";
import type { Dialer } from "./dialer.ts";

/** Core's number of connections to added nodes; `-connect` has no limit but this one's list. */
export const ADDED_CONNECTIONS_MAX = 8;
/** Nodes that can be on the list. */
const ADDED_NODES_MAX = 1000;

/** First wait before a node that went away is tried again; it doubles with every failure. */
const RETRY_FIRST_MS = 500;
const RETRY_LONGEST_MS = 60_000;
/** On a private network: nodes that start together, as in a cluster, are not to wait for one another longer than they take to start. */
const RETRY_LONGEST_PRIVATE_MS = 5_000;
/** Waits vary by this share to either side, so that nodes that lost a peer together do not return together. */
const RETRY_JITTER = 0.3;
/** How often the list is looked at. */
const CHECK_INTERVAL_MS = 250;
/** A connection that lasted as long counts as a success: the next wait is short again. */
const SUCCESS_AFTER_MS = 5_000;

export interface AddedNode {
  readonly name: string;
  readonly useV2: boolean;
}

export interface AddedNodeState {
  readonly name: string;
  /** The connected peer, if there is one. */
  readonly peer: Peer | undefined;
}

interface Entry extends AddedNode {
  /** The address of a numeric name, else the name itself. */
  readonly key: string;
  retryAtMs: number;
  waitMs: number;
  isDialing: boolean;
  connectedMs: number | undefined;
}

export interface AddedNodesOptions {
  readonly defaultPort: number;
  readonly connectionsMax: number;
  /** The network is one's own. */
  readonly isPrivate: boolean;
}

export interface AddedNodesDependencies {
  readonly dialer: Pick<Dialer, "dial">;
  readonly peers: PeerSet;
  readonly networks: Pick<NetworkFilter, "withCjdns">;
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
}

/** Nodes that the operator wants us connected to: they are tried for ever, by name, with waits that grow and vary. */
export class AddedNodes {
  readonly #options: AddedNodesOptions;
  readonly #deps: AddedNodesDependencies;
  readonly #entries = new Map<string, Entry>();
  #cancel: (() => void) | undefined;

  constructor(options: AddedNodesOptions, deps: AddedNodesDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  start(): void {
    this.#check();
  }

  stop(): void {
    this.#cancel?.();
  }

  /** False where it is on the list already, by name or by address, or the list is full. */
  add(node: AddedNode): boolean {
    if (this.#entries.size >= ADDED_NODES_MAX) return false;
    const key = this.#keyOf(node.name);
    for (const entry of this.#entries.values()) if (entry.name === node.name || entry.key === key) return false;
    this.#entries.set(node.name, {
      ...node,
      key,
      retryAtMs: 0,
      waitMs: RETRY_FIRST_MS,
      isDialing: false,
      connectedMs: undefined,
    });
    return true;
  }

  /** False where it is not on the list. Its connection stays. */
  remove(name: string): boolean {
    return this.#entries.delete(name);
  }

  has(endpoint: NetworkEndpoint): boolean {
    const key = endpointKey(endpoint);
    for (const entry of this.#entries.values()) if (entry.key === key) return true;
    return false;
  }

  /** Every node of the list with its connection. */
  states(): readonly AddedNodeState[] {
    return [...this.#entries.values()].map((entry) => ({ name: entry.name, peer: this.#peerOf(entry) }));
  }

  #check(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const entry of this.#entries.values()) this.#checkOne(entry, nowMs);
    this.#cancel = this.#deps.clock.after(CHECK_INTERVAL_MS, () => this.#check());
  }

  #checkOne(entry: Entry, nowMs: number): void {
    if (entry.isDialing) return;
    if (this.#peerOf(entry) !== undefined) {
      entry.connectedMs ??= nowMs;
      if (nowMs - entry.connectedMs >= SUCCESS_AFTER_MS) entry.waitMs = RETRY_FIRST_MS;
      return;
    }
    if (entry.connectedMs !== undefined) {
      entry.connectedMs = undefined;
      this.#wait(entry, nowMs);
    }
    if (nowMs < entry.retryAtMs || this.#connectedCount() >= this.#options.connectionsMax) return;
    this.#dial(entry);
  }

  #dial(entry: Entry): void {
    const { dialer, clock } = this.#deps;
    entry.isDialing = true;
    const attempt = dialer.dial({ target: entry.name, connectionType: "manual", useV2: entry.useV2 });
    void attempt.then((peer) => {
      entry.isDialing = false;
      if (peer === undefined) this.#wait(entry, clock.monotonicMs());
    });
  }

  #wait(entry: Entry, nowMs: number): void {
    const jitter = 1 + RETRY_JITTER * (2 * this.#deps.random.unit() - 1);
    entry.retryAtMs = nowMs + entry.waitMs * jitter;
    const longestMs = this.#options.isPrivate ? RETRY_LONGEST_PRIVATE_MS : RETRY_LONGEST_MS;
    entry.waitMs = Math.min(2 * entry.waitMs, longestMs);
  }

  #connectedCount(): number {
    let count = 0;
    for (const entry of this.#entries.values()) {
      const peer = this.#peerOf(entry);
      if (entry.isDialing || (peer !== undefined && !peer.isInbound)) count++;
    }
    return count;
  }

  #peerOf({ name, key }: Entry): Peer | undefined {
    for (const peer of this.#deps.peers.all()) {
      const { endpoint } = peer.options;
      if (peer.options.name === name || (endpoint !== undefined && endpointKey(endpoint) === key)) return peer;
    }
    return undefined;
  }

  #keyOf(name: string): string {
    const { host, port = this.#options.defaultPort } = splitHostPort(name);
    const address = parseAddress(host) ?? parseShortIpv4(host);
    return address === undefined ? name : endpointKey({ address: this.#deps.networks.withCjdns(address), port });
  }
}

/** Whether the operator has named nodes to connect to, at the start or since. */
export function isToldOfPeers(node: {
  readonly addedNodes: Pick<AddedNodes, "states">;
  readonly options: { readonly connect?: readonly string[] | undefined };
}): boolean {
  return node.addedNodes.states().length > 0 || (node.options.connect ?? []).length > 0;
}

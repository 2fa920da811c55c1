import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { isValid } from "@bitfleet/protocol/wire/address-class.ts";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import {
  addressKey,
  type NetworkAddress,
  type NetworkEndpoint,
  type NetworkKind,
} from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import type { AddressManager } from "../addresses/address-manager.ts";
import type { Asmap } from "../addresses/asmap.ts";
import { networkGroup } from "../addresses/network-group.ts";
import type { Peer } from "../peer.ts";
import type { PeerSet } from "../peer-set.ts";
import { exponentialMs } from "../random-values.ts";
import type { AddedNodes } from "./added-nodes.ts";
import { isBadPort } from "./bad-ports.ts";
import type { Dialer, DialRequest } from "./dialer.ts";

export const FULL_RELAY_CONNECTIONS_MAX = 8;
export const BLOCK_RELAY_CONNECTIONS_MAX = 2;
export const FEELER_CONNECTIONS_MAX = 1;

/** How often there is a look at whether a connection is missing. */
const STEP_INTERVAL_MS = 500;
const FEELER_INTERVAL_MS = 2 * 60 * 1000;
const EXTRA_BLOCK_RELAY_INTERVAL_MS = 5 * 60 * 1000;
const EXTRA_NETWORK_INTERVAL_MS = 5 * 60 * 1000;
/** A feeler waits up to this long, so that many nodes' feelers do not come together. */
const FEELER_NOISE_MS = 1000;

/** Addresses drawn in one step before the next one looks anew. */
const DRAWS_MAX = 100;
/** Until so many draws an address that was tried in the last ten minutes is passed over. */
const RECENT_DRAWS_MAX = 30;
const RECENT_TRY_SECONDS = 10 * 60;
/** Until so many draws ports of other services are passed over. */
const BAD_PORT_DRAWS_MAX = 50;

const NETWORKS: readonly NetworkKind[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns"];

export interface AutomaticConnectionsOptions {
  readonly fullRelayMax: number;
  readonly blockRelayMax: number;
  /** Of all kinds together, feelers and fetches of addresses too. */
  readonly outboundMax: number;
  readonly ourServices: bigint;
  readonly logsAddresses: boolean;
}

export interface AutomaticConnectionsDependencies {
  readonly dialer: Pick<Dialer, "dial">;
  readonly peers: PeerSet;
  readonly addresses: Pick<AddressManager, "select" | "selectTriedCollision" | "resolveCollisions" | "good" | "size">;
  readonly addedNodes: Pick<AddedNodes, "has">;
  readonly isReachable: (network: NetworkKind) => boolean;
  readonly isOurs: (endpoint: NetworkEndpoint) => boolean;
  readonly isActive: () => boolean;
  readonly hasDesirableServices: (services: bigint) => boolean;
  /** Says which addresses are of one network, so that connections spread over many. */
  readonly asmap?: Asmap | undefined;
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
  readonly log: Logger;
}

/** A connection that is missing. */
interface Want {
  readonly connectionType: "outbound-full-relay" | "block-relay-only" | "feeler";
  readonly isAnchor?: boolean;
  /** Only addresses of this network. */
  readonly network?: NetworkKind;
}

/** A connection that is being opened: it has its place already. */
interface Attempt {
  readonly connectionType: Want["connectionType"];
  readonly endpoint: NetworkEndpoint;
}

interface Choice {
  readonly endpoint: NetworkEndpoint;
  readonly services: bigint;
  readonly lastSeenHours: number;
}

/** Keeps the outbound connections that nobody asked for by name: full relay, block relay, feelers, anchors first. */
export class AutomaticConnections {
  readonly #options: AutomaticConnectionsOptions;
  readonly #deps: AutomaticConnectionsDependencies;
  #anchors: readonly Choice[] = [];
  #wantsExtraFullRelay = false;
  #wantsExtraBlockRelay = false;
  #nextFeelerMs = 0;
  #nextExtraBlockRelayMs = 0;
  #nextExtraNetworkMs = 0;
  readonly #pending = new Set<Attempt>();
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(options: AutomaticConnectionsOptions, deps: AutomaticConnectionsDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** `anchors`: block-relay peers of the last run, tried before all others. */
  start(anchors: readonly { readonly endpoint: NetworkEndpoint; readonly services: bigint }[]): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#anchors = anchors.slice(0, BLOCK_RELAY_CONNECTIONS_MAX).map((anchor) => ({ ...anchor, lastSeenHours: 0 }));
    this.#nextFeelerMs = this.#later(nowMs, FEELER_INTERVAL_MS);
    this.#nextExtraBlockRelayMs = this.#later(nowMs, EXTRA_BLOCK_RELAY_INTERVAL_MS);
    this.#nextExtraNetworkMs = this.#later(nowMs, EXTRA_NETWORK_INTERVAL_MS);
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  /** The tip may be stale: one full-relay connection more, until told otherwise. */
  setTryExtraOutbound(on: boolean): void {
    if (this.#wantsExtraFullRelay === on) return;
    this.#wantsExtraFullRelay = on;
    this.#deps.log.debug("net", `setting try another outbound peer=${on}`);
  }

  /** Past the initial download: now and then one block-relay connection more, against eclipse. */
  startExtraBlockRelay(): void {
    if (this.#wantsExtraBlockRelay) return;
    this.#deps.log.debug("net", "enabling extra block-relay-only peers");
    this.#wantsExtraBlockRelay = true;
  }

  /** Full-relay connections beyond their number, those under way to be greeted not counted. */
  extraFullRelayCount(): number {
    return Math.max(this.#count((peer) => peer.isReady && peer.isFullRelay) - this.#options.fullRelayMax, 0);
  }

  extraBlockRelayCount(): number {
    return Math.max(this.#count((peer) => peer.isReady && peer.isBlockOnly) - this.#options.blockRelayMax, 0);
  }

  /** Endpoints to remember as anchors. */
  anchorCandidates(): readonly { readonly endpoint: NetworkEndpoint; readonly services: bigint }[] {
    return [...this.#deps.peers.all()]
      .filter((peer) => peer.isBlockOnly && peer.options.endpoint !== undefined)
      .slice(0, BLOCK_RELAY_CONNECTIONS_MAX)
      .map(({ options, services }) => ({ endpoint: options.endpoint!, services }));
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#deps.clock.after(STEP_INTERVAL_MS, () => {
      this.#step();
      this.#schedule();
    });
  }

  #step(): void {
    // What is tried beyond the usual, as with a stale tip, takes the feeler's place.
    if (!this.#deps.isActive() || this.#automaticCount() + this.#pending.size >= this.#options.outboundMax) return;
    const want = this.#want(this.#deps.clock.nowMs());
    if (want === undefined) return;
    this.#deps.addresses.resolveCollisions();
    const groups = this.#outboundGroups();
    const taken = new Set([...groups, ...this.#pendingGroups()]);
    const choice = want.isAnchor ? this.#drawAnchor(taken) : this.#draw(want, taken);
    // One connection to an address is enough, whatever the ports.
    if (choice !== undefined && !this.#isConnectedTo(choice.endpoint.address)) this.#open(want, choice, groups.size);
  }

  #automaticCount(): number {
    return this.#count((peer) => peer.isOutboundOrBlockRelay || peer.isFeeler || peer.isAddressFetch);
  }

  #want(nowMs: number): Want | undefined {
    const { fullRelayMax, blockRelayMax } = this.#options;
    const fullRelayCount = this.#countOf("outbound-full-relay");
    const blockRelayCount = this.#countOf("block-relay-only");
    if (this.#anchors.length > 0 && blockRelayCount < blockRelayMax)
      return { connectionType: "block-relay-only", isAnchor: true };
    if (fullRelayCount < fullRelayMax) return { connectionType: "outbound-full-relay" };
    if (blockRelayCount < blockRelayMax) return { connectionType: "block-relay-only" };
    if (this.#wantsExtraFullRelay) return { connectionType: "outbound-full-relay" };
    if (this.#wantsExtraBlockRelay && nowMs > this.#nextExtraBlockRelayMs) {
      this.#nextExtraBlockRelayMs = this.#later(nowMs, EXTRA_BLOCK_RELAY_INTERVAL_MS);
      return { connectionType: "block-relay-only" };
    }
    if (nowMs > this.#nextFeelerMs) {
      this.#nextFeelerMs = this.#later(nowMs, FEELER_INTERVAL_MS);
      return { connectionType: "feeler" };
    }
    return this.#wantOfMissingNetwork(fullRelayCount, nowMs);
  }

  /** One connection more into a network that we have none to, unless the operator allows fewer than the usual number. */
  #wantOfMissingNetwork(fullRelayCount: number, nowMs: number): Want | undefined {
    const { fullRelayMax } = this.#options;
    const isUsual = fullRelayCount === fullRelayMax && fullRelayMax === FULL_RELAY_CONNECTIONS_MAX;
    if (!isUsual || nowMs <= this.#nextExtraNetworkMs) return undefined;
    const missing = NETWORKS.filter(
      (network) =>
        this.#deps.isReachable(network) &&
        this.#deps.addresses.size({ network }) > 0 &&
        this.#count((peer) => (peer.isManual || peer.isFullRelay) && peer.options.network === network) === 0,
    );
    if (missing.length === 0) return undefined;
    this.#nextExtraNetworkMs = this.#later(nowMs, EXTRA_NETWORK_INTERVAL_MS);
    const network = missing[Math.floor(this.#deps.random.unit() * missing.length)]!;
    return { connectionType: "outbound-full-relay", network };
  }

  #drawAnchor(groups: ReadonlySet<string>): Choice | undefined {
    const [anchor, ...rest] = this.#anchors;
    this.#anchors = rest;
    if (anchor === undefined || !this.#isUsable(anchor.endpoint)) return undefined;
    if (!this.#deps.hasDesirableServices(anchor.services) || groups.has(this.#groupOf(anchor.endpoint.address)))
      return undefined;
    this.#deps.log.debug("net", `Trying to make an anchor connection to ${formatEndpoint(anchor.endpoint)}`);
    return anchor;
  }

  #draw(want: Want, groups: ReadonlySet<string>): Choice | undefined {
    const nowSeconds = Math.floor(this.#deps.clock.nowMs() / 1000);
    for (let draw = 1; draw <= DRAWS_MAX; draw++) {
      const found = this.#select(want);
      if (found === undefined) return undefined;
      const { endpoint, services, lastTrySeconds, timeSeconds } = found;
      const isFeeler = want.connectionType === "feeler";
      if (!isFeeler && groups.has(this.#groupOf(endpoint.address))) continue;
      if (!isValid(endpoint.address) || this.#deps.isOurs(endpoint)) return undefined;
      if (!this.#deps.isReachable(endpoint.address.network)) continue;
      if (nowSeconds - lastTrySeconds < RECENT_TRY_SECONDS && draw < RECENT_DRAWS_MAX) continue;
      const isUseful = isFeeler
        ? (services & (ServiceFlag.NETWORK | ServiceFlag.NETWORK_LIMITED)) !== 0n
        : this.#deps.hasDesirableServices(services);
      if (!isUseful) continue;
      if (draw < BAD_PORT_DRAWS_MAX && isBadPort(endpoint.port) && isIp(endpoint.address)) continue;
      if (this.#deps.addedNodes.has(endpoint)) {
        this.#logAdded(want, endpoint);
        continue;
      }
      return { endpoint, services, lastSeenHours: (nowSeconds - timeSeconds) / 3600 };
    }
    return undefined;
  }

  #select(want: Want) {
    const { addresses, isReachable, clock } = this.#deps;
    const networks = want.network === undefined ? NETWORKS.filter(isReachable) : [want.network];
    if (want.connectionType !== "feeler") return addresses.select({ newOnly: false, networks });
    // A feeler settles first whether an address must give way to another in the tried table.
    const collision = addresses.selectTriedCollision();
    if (collision === undefined) return addresses.select({ newOnly: true, networks });
    if (!this.#isConnectedTo(collision.endpoint.address)) return collision;
    addresses.good(collision.endpoint, Math.floor(clock.nowMs() / 1000));
    return addresses.select({ newOnly: true, networks });
  }

  #open(want: Want, { endpoint, services, lastSeenHours }: Choice, groupCount: number): void {
    const { clock, random, log, dialer } = this.#deps;
    const { connectionType, network } = want;
    const text = formatEndpoint(endpoint);
    if (network !== undefined) log.debug("net", `Making network specific connection to ${text} on ${network}.`);
    const request: DialRequest = {
      target: endpoint,
      connectionType,
      useV2: (services & this.#options.ourServices & ServiceFlag.P2P_V2) !== 0n,
      // Offline nobody answers: only who has other connections may hold a failure against an address.
      countsFailure: groupCount >= Math.min(this.#options.fullRelayMax + this.#options.blockRelayMax - 1, 2),
      lastSeenHours,
    };
    const attempt = { connectionType, endpoint };
    this.#pending.add(attempt);
    const open = () => {
      if (connectionType === "feeler") log.debug("net", `Making feeler connection to ${text}`);
      void dialer.dial(request).finally(() => this.#pending.delete(attempt));
    };
    if (connectionType === "feeler") clock.after(random.unit() * FEELER_NOISE_MS, open);
    else open();
  }

  #isUsable(endpoint: NetworkEndpoint): boolean {
    return (
      isValid(endpoint.address) && !this.#deps.isOurs(endpoint) && this.#deps.isReachable(endpoint.address.network)
    );
  }

  #isConnectedTo(address: NetworkAddress): boolean {
    const key = addressKey(address);
    for (const { endpoint } of this.#pending) if (addressKey(endpoint.address) === key) return true;
    return (
      this.#count(({ options }) => options.endpoint !== undefined && addressKey(options.endpoint.address) === key) > 0
    );
  }

  /** Network groups of lasting outbound connections; of Tor, I2P and CJDNS, where groups mean nothing, one each. */
  #outboundGroups(): ReadonlySet<string> {
    const groups = new Set<string>();
    for (const peer of this.#deps.peers.all()) {
      const { endpoint } = peer.options;
      if (endpoint === undefined || !(peer.isManual || peer.isOutboundOrBlockRelay)) continue;
      groups.add(isIp(endpoint.address) ? this.#groupOf(endpoint.address) : `${peer.id}`);
    }
    return groups;
  }

  #pendingGroups(): readonly string[] {
    const lasting = [...this.#pending].filter(({ connectionType }) => connectionType !== "feeler");
    return lasting
      .filter(({ endpoint }) => isIp(endpoint.address))
      .map(({ endpoint }) => this.#groupOf(endpoint.address));
  }

  #logAdded({ network, connectionType }: Want, endpoint: NetworkEndpoint): void {
    const kind = network === undefined ? "" : "network-specific ";
    const where = this.#options.logsAddresses ? `: ${formatEndpoint(endpoint)}` : "";
    this.#deps.log.debug(
      "net",
      `Not making automatic ${kind}${connectionType} connection to ${endpoint.address.network} peer selected for manual (addnode) connection${where}`,
    );
  }

  /** Connections of one kind, with those under way. */
  #countOf(connectionType: Want["connectionType"]): number {
    const isMeant = (one: { readonly connectionType: string }) => one.connectionType === connectionType;
    return this.#count(({ options }) => isMeant(options)) + [...this.#pending].filter(isMeant).length;
  }

  #count(isCounted: (peer: Peer) => boolean): number {
    return this.#deps.peers.count(isCounted);
  }

  #groupOf(address: NetworkAddress): string {
    return toHex(networkGroup(address, this.#deps.asmap));
  }

  /** A moment after `nowMs`, exponentially distributed. */
  #later(nowMs: number, meanMs: number): number {
    return nowMs + exponentialMs(this.#deps.random, meanMs);
  }
}

const isIp = ({ network }: NetworkAddress) => network === "ipv4" || network === "ipv6";

import { isRoutable } from "@bitfleet/protocol/wire/address-class.ts";
import { formatEndpoint, parseEndpoint, splitHostPort } from "@bitfleet/protocol/wire/address-text.ts";
import { endpointKey, type NetworkEndpoint, type NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import type { AddressManager } from "../addresses/address-manager.ts";
import type { NetworkFilter } from "../addresses/network-filter.ts";
import type { ConnectionType, Peer } from "../peer.ts";
import type { PeerSet } from "../peer-set.ts";
import type { ConnectionManager } from "./connection-manager.ts";
import { type DialTarget, SocketError, type SocketPort, type SocksProxy } from "./sockets.ts";

/** Addresses of a name that are tried in one attempt. */
const RESOLVED_ADDRESSES_MAX = 256;

/** Attempts under way at once. */
export const DIALS_MAX = 32;

export interface DialerOptions {
  readonly defaultPort: number;
  /** `-timeout`. */
  readonly timeoutMs: number;
  /** SocksProxy by network; `name` for host names that we must not resolve. */
  readonly proxies: Readonly<Partial<Record<NetworkKind | "name", SocksProxy>>>;
  /** `-dns`: host names may be resolved. */
  readonly resolvesNames: boolean;
}

export interface DialerDependencies {
  readonly sockets: SocketPort;
  readonly connections: Pick<ConnectionManager, "adopt" | "isActive">;
  readonly peers: PeerSet;
  readonly addresses: Pick<AddressManager, "attempt">;
  readonly networks: Pick<NetworkFilter, "withCjdns">;
  /** Whether the operator banned, or we discourage, an address. */
  readonly isUnwanted: (endpoint: NetworkEndpoint) => boolean;
  /** Whether it is one of our own addresses. */
  readonly isOurs: (endpoint: NetworkEndpoint) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** One connection that is wanted. */
export interface DialRequest {
  /** `host:port` or `host` that the operator named, or an endpoint of the address manager. */
  readonly target: string | NetworkEndpoint;
  readonly connectionType: ConnectionType;
  readonly useV2: boolean;
  /** Whether a failure counts against the address. */
  readonly countsFailure?: boolean;
  /** Hours since the address was last seen, for the log. */
  readonly lastSeenHours?: number;
}

/** Opens connections: by address or by name, which is resolved anew each time, directly or through a proxy. */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #deps: DialerDependencies;
  #dialingCount = 0;

  constructor(options: DialerOptions, deps: DialerDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** The new peer, or `undefined` where there is none: the log says why. */
  async dial(request: DialRequest): Promise<Peer | undefined> {
    const { connections, signal } = this.#deps;
    if (!connections.isActive || signal.aborted || this.#dialingCount >= DIALS_MAX) return undefined;
    if (this.#isPointless(request.target)) return undefined;
    this.#dialingCount++;
    try {
      return await this.#dial(request);
    } finally {
      this.#dialingCount--;
    }
  }

  #isPointless(target: string | NetworkEndpoint): boolean {
    const { peers, isOurs, isUnwanted, log } = this.#deps;
    if (typeof target === "string") return peers.count((peer) => peer.options.name === target) > 0;
    if (isOurs(target) || isUnwanted(target)) return true;
    if (!this.#isConnectedTo(target)) return false;
    log.info(`Failed to open new connection to ${formatEndpoint(target)}, already connected`);
    return true;
  }

  #isConnectedTo(endpoint: NetworkEndpoint): boolean {
    const key = endpointKey(endpoint);
    return (
      this.#deps.peers.count(({ options }) => options.endpoint !== undefined && endpointKey(options.endpoint) === key) >
      0
    );
  }

  async #dial(request: DialRequest): Promise<Peer | undefined> {
    const { target, connectionType, useV2 } = request;
    const { log, connections } = this.#deps;
    const name = typeof target === "string" ? target : formatEndpoint(target);
    const lastSeen = (request.lastSeenHours ?? 0).toFixed(1);
    log.debug(
      "net",
      `trying ${useV2 ? "v2" : "v1"} connection (${connectionType}) to ${name}, lastseen=${lastSeen}hrs`,
    );
    for (const candidate of await this.#candidatesOf(target)) {
      const socket = await this.#open(candidate, request);
      if (socket === undefined) continue;
      // While we dialled, the other side may have connected, or the network been switched off.
      if (!connections.isActive || this.#deps.signal.aborted) {
        socket.destroy();
        return undefined;
      }
      return connections.adopt(socket, { connectionType, useV2, name });
    }
    return undefined;
  }

  /** What is to be tried, in order; nothing where we are connected to one of a name's addresses already. */
  async #candidatesOf(target: string | NetworkEndpoint): Promise<readonly DialTarget[]> {
    if (typeof target !== "string") return [target];
    const { defaultPort, proxies, resolvesNames } = this.#options;
    const numeric = parseEndpoint(target, defaultPort);
    if (numeric !== undefined) return this.#unlessConnected(target, [numeric]);
    const { host, port = defaultPort } = splitHostPort(target);
    if (proxies.name !== undefined) return [{ host, port }];
    if (!resolvesNames) return [];
    const found = await this.#deps.sockets.resolve(host, RESOLVED_ADDRESSES_MAX);
    if (found.length === 0) this.#deps.log.debug("net", `Cannot resolve ${host}`);
    return this.#unlessConnected(target, this.#shuffled(found.map((address) => ({ address, port }))));
  }

  #unlessConnected(name: string, found: readonly NetworkEndpoint[]): readonly NetworkEndpoint[] {
    const endpoints = found.map((one) => ({ ...one, address: this.#deps.networks.withCjdns(one.address) }));
    const known = endpoints.find((endpoint) => this.#isConnectedTo(endpoint));
    if (known === undefined) return endpoints;
    this.#deps.log.info(`Not opening a connection to ${name}, already connected to ${formatEndpoint(known)}`);
    return [];
  }

  async #open(candidate: DialTarget, { countsFailure = false }: DialRequest) {
    const { sockets, addresses, log, signal, clock } = this.#deps;
    const { timeoutMs } = this.#options;
    const proxy = this.#proxyFor(candidate);
    let isProxyFailure = false;
    try {
      return await sockets.connect(candidate, { timeoutMs, signal, ...(proxy && { proxy }) });
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      isProxyFailure = error.isProxyFailure;
      log.debug("net", error.message);
      return undefined;
    } finally {
      if ("address" in candidate && !isProxyFailure) {
        addresses.attempt(candidate, countsFailure, Math.floor(clock.nowMs() / 1000));
      }
    }
  }

  /** A proxy is for the internet: what is nearer, it could not reach. */
  #proxyFor(candidate: DialTarget): SocksProxy | undefined {
    const { proxies } = this.#options;
    if (!("address" in candidate)) return proxies.name;
    return isRoutable(candidate.address) ? proxies[candidate.address.network] : undefined;
  }

  #shuffled<Item>(items: Item[]): Item[] {
    for (let index = items.length - 1; index > 0; index--) {
      const other = Math.floor(this.#deps.random.unit() * (index + 1));
      [items[index], items[other]] = [items[other]!, items[index]!];
    }
    return items;
  }
}

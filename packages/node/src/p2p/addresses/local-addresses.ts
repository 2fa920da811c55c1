import { networkInterfaces } from "node:os";
import {
  isBindAny,
  isLocal,
  isPrivacyNetwork,
  isRoutable,
  reachabilityFrom,
} from "@bitfleet/protocol/wire/address-class.ts";
import { formatEndpoint, parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import {
  addressKey,
  type NetworkAddress,
  type NetworkEndpoint,
  type NetworkKind,
} from "@bitfleet/protocol/wire/network-address.ts";
import type { Logger } from "../../ports.ts";

/** Where an address of ours is known from: the higher the more likely it is right. */
export const LocalScore = { NONE: 0, INTERFACE: 1, BIND: 2, MAPPED: 3, MANUAL: 4 } as const;

/** An address of ours. */
export interface LocalAddress {
  readonly endpoint: NetworkEndpoint;
  /** Grows when peers say that they see us there. */
  readonly score: number;
}

export interface LocalAddressesOptions {
  /** `-discover`: addresses that nobody named may be used. */
  readonly discovers: boolean;
  /** `-listen`: only who takes connections tells where. */
  readonly listens: boolean;
}

export interface LocalAddressesDependencies {
  readonly isReachable: (network: NetworkKind) => boolean;
  readonly log: Logger;
}

/** The addresses under which others reach us. Never the unspecified one, and unroutable ones only where the operator named them. */
export class LocalAddresses {
  readonly #options: LocalAddressesOptions;
  readonly #deps: LocalAddressesDependencies;
  readonly #known = new Map<string, { endpoint: NetworkEndpoint; score: number; isManual: boolean }>();

  constructor(options: LocalAddressesOptions, deps: LocalAddressesDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Notes an address. False where it is of no use to others. */
  add(endpoint: NetworkEndpoint, score: number): boolean {
    const isManual = score >= LocalScore.MANUAL;
    const isUnspecified = endpoint.address.bytes.every((byte) => byte === 0);
    if (isUnspecified || isLocal(endpoint.address)) return false;
    if (!isManual && (!isRoutable(endpoint.address) || !this.#options.discovers)) return false;
    if (!isManual && !this.#deps.isReachable(endpoint.address.network)) return false;
    this.#deps.log.info(`AddLocal(${formatEndpoint(endpoint)},${score})`);
    const key = addressKey(endpoint.address);
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, { endpoint, score, isManual });
    else if (score >= known.score) Object.assign(known, { endpoint, score: known.score === score ? score + 1 : score });
    return true;
  }

  /** A peer says that it sees us there. */
  seen(address: NetworkAddress): void {
    const known = this.#known.get(addressKey(address));
    if (known !== undefined) known.score++;
  }

  /** Whether it is one of ours. */
  has({ address, port }: NetworkEndpoint): boolean {
    const known = this.#known.get(addressKey(address));
    return known !== undefined && known.endpoint.port === port;
  }

  list(): readonly LocalAddress[] {
    return [...this.#known.values()].map(({ endpoint, score }) => ({ endpoint, score }));
  }

  /** How sure we are of an address of ours; `LocalScore.NONE` where it is none. */
  scoreOf(address: NetworkAddress): number {
    return this.#known.get(addressKey(address))?.score ?? LocalScore.NONE;
  }

  /**
   * The address of ours that a peer at `theirs`, connected through `via`, reaches best; `undefined` where we take no connections or
   * know of none. Whom we meet on Tor or I2P learns none of our addresses elsewhere, nor the other way round: that they are
   * one node's is nobody's business.
   */
  best(theirs: NetworkAddress, via: NetworkKind): NetworkEndpoint | undefined {
    if (!this.#options.listens) return undefined;
    const isHidden = via === "onion" || via === "i2p";
    let best: { readonly endpoint: NetworkEndpoint; readonly reach: number; readonly score: number } | undefined;
    for (const { endpoint, score, isManual } of this.#known.values()) {
      const { address } = endpoint;
      if (address.network !== via && (isHidden || isPrivacyNetwork(address))) continue;
      const reach = isRoutable(address) || !isManual ? reachabilityFrom(address, theirs) : 1;
      if (best === undefined || reach > best.reach || (reach === best.reach && score > best.score))
        best = { endpoint, reach, score };
    }
    return best?.endpoint;
  }
}

/** Whether who listens there is reached by every address of this machine. Who does not listen has nothing against it. */
export function listensOnAny(
  listen: readonly { readonly endpoint: NetworkEndpoint; readonly isOnion: boolean }[],
): boolean {
  return listen.length === 0 || listen.some(({ endpoint, isOnion }) => !isOnion && isBindAny(endpoint.address));
}

/** Addresses of this machine's network interfaces, loopback left out. */
export function interfaceAddresses(): readonly NetworkAddress[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .flatMap(({ address }) => parseAddress(address) ?? []);
}

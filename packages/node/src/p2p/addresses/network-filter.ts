import { ipv6AsCjdns, type NetworkAddress, type NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";

export interface NetworkFilterOptions {
  /** `-onlynet`; empty for all. */
  readonly onlyNetworks: readonly NetworkKind[];
  /** `-cjdnsreachable`. */
  readonly isCjdnsReachable: boolean;
  /** A proxy leads there, or Tor is asked for by `-onion`. */
  readonly hasOnionProxy: boolean;
}

/** Networks that we connect to by ourselves. Who connects to us, and whom the operator names, may be of any. */
export class NetworkFilter {
  readonly #reachable: ReadonlySet<NetworkKind>;

  constructor({ onlyNetworks, isCjdnsReachable, hasOnionProxy }: NetworkFilterOptions) {
    const isAllowed = (network: NetworkKind) => onlyNetworks.length === 0 || onlyNetworks.includes(network);
    const possible: NetworkKind[] = ["ipv4", "ipv6"];
    if (hasOnionProxy) possible.push("onion");
    if (isCjdnsReachable) possible.push("cjdns");
    this.#reachable = new Set(possible.filter(isAllowed));
  }

  isReachable(network: NetworkKind): boolean {
    return this.#reachable.has(network);
  }

  /** An address as it was written: what looks like IPv6 is of CJDNS where that is within reach. */
  withCjdns(address: NetworkAddress): NetworkAddress {
    return this.#reachable.has("cjdns") ? ipv6AsCjdns(address) : address;
  }

  get reachable(): readonly NetworkKind[] {
    return [...this.#reachable];
  }
}

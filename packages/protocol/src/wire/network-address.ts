/** Networks that an address may be of (BIP155). `internal` never travels: it marks where seeds and the like came from. */
export type NetworkKind = "ipv4" | "ipv6" | "onion" | "i2p" | "cjdns" | "internal";

/** Where a node is reached, without its port. 4 bytes of ipv4, 16 of ipv6 and cjdns, 32 of onion (Tor v3 public key) and i2p, 10 of internal. */
export interface NetworkAddress {
  readonly network: NetworkKind;
  readonly bytes: Uint8Array;
}

export interface NetworkEndpoint {
  readonly address: NetworkAddress;
  readonly port: number;
}

/** An endpoint as gossip tells of it. */
export interface GossipAddress extends NetworkEndpoint {
  readonly services: bigint;
  /** Last seen, seconds since 1970, unsigned 32 bits. */
  readonly timeSeconds: number;
}

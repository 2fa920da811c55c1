import type { GossipAddress } from "./network-address.ts";

/** Addresses in one message; more are misbehaviour, which the receiver judges, so the decoder takes up to its own bound. */
export const ADDRESSES_MAX = 1000;

/** `addr`: IPv4, IPv6 and mapped older networks. `addrv2`: BIP155; entries of networks we do not know are left out. */
export interface AddressesMessage {
  readonly type: "addr" | "addrv2";
  readonly addresses: readonly GossipAddress[];
  /** Entries as sent, unknown networks included. */
  readonly count: number;
}

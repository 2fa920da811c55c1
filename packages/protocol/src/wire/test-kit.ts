import fc from "fast-check";
import {
  ADDRESS_SIZES,
  addressFromIpv6,
  type GossipAddress,
  type NetworkAddress,
  type NetworkKind,
} from "./network-address.ts";

/** Random addresses and messages for property tests. */

export const uint16s = fc.integer({ min: 0, max: 0xffff });
export const uint32s = fc.integer({ min: 0, max: 0xffffffff });
export const uint64s = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const kinds: readonly NetworkKind[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns", "internal"];

/** Addresses of every network, as decoders return them. */
export const networkAddresses: fc.Arbitrary<NetworkAddress> = fc
  .constantFrom(...kinds)
  .chain((network) => {
    const size = ADDRESS_SIZES[network];
    return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => ({ network, bytes }));
  })
  .filter(({ network, bytes }) => network !== "ipv6" || addressFromIpv6(bytes)?.network === "ipv6");

export const gossipAddresses: fc.Arbitrary<GossipAddress> = fc.record({
  address: networkAddresses.filter((address) => address.network !== "internal"),
  port: uint16s,
  services: uint64s,
  timeSeconds: uint32s,
});

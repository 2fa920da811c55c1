import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import {
  isHurricaneElectric,
  isLocal,
  isRoutable,
  linkedIpv4,
  networkClassOf,
} from "@bitfleet/protocol/wire/address-class.ts";
import type { NetworkAddress } from "@bitfleet/protocol/wire/network-address.ts";
import { type Asmap, systemOf } from "./asmap.ts";

/** Numbers of the classes, as Bitcoin Core has them: they go into the hashes by which addresses are sorted into buckets. */
const CLASS_NUMBERS = { not_publicly_routable: 0, ipv4: 1, ipv6: 2, onion: 3, i2p: 4, cjdns: 5, internal: 6 } as const;
/** In front of the number of an autonomous system, by whatever network it was found. */
const SYSTEM_CLASS = CLASS_NUMBERS.ipv6;

/**
 * The group that an address shares with those which one operator is likely to control: the autonomous system where the map knows
 * it; else the /16 of IPv4 (also where it is wrapped in IPv6), the /32 of IPv6 (/36 at Hurricane Electric, who gives out /32s in
 * parts), the first bits of key-like addresses.
 */
export function networkGroup(address: NetworkAddress, asmap?: Asmap): Uint8Array {
  const system = systemOf(asmap, address);
  if (system !== 0) return new Writer(5).uint8(SYSTEM_CLASS).uint32(system).toBytes();
  const kind = CLASS_NUMBERS[networkClassOf(address)];
  if (isLocal(address)) return Uint8Array.of(kind);
  if (address.network === "internal") return Uint8Array.of(kind, ...address.bytes);
  if (!isRoutable(address)) return Uint8Array.of(kind);
  const ipv4 = linkedIpv4(address);
  if (ipv4 !== undefined) return Uint8Array.of(CLASS_NUMBERS.ipv4, ipv4[0]!, ipv4[1]!);
  return Uint8Array.of(kind, ...leadingBits(address.bytes, groupBits(address)));
}

function groupBits(address: NetworkAddress): number {
  if (address.network === "onion" || address.network === "i2p") return 4;
  // The first byte of every CJDNS address is the same.
  if (address.network === "cjdns") return 12;
  return isHurricaneElectric(address) ? 36 : 32;
}

/** The first bits; those that fill the last byte are ones. */
function leadingBits(bytes: Uint8Array, bits: number): Uint8Array {
  const whole = bits >> 3;
  const rest = bits & 7;
  if (rest === 0) return bytes.subarray(0, whole);
  return Uint8Array.of(...bytes.subarray(0, whole), bytes[whole]! | ((1 << (8 - rest)) - 1));
}

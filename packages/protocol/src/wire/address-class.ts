/** What an address says of where it is reached from. Names are those of the RFCs that set the ranges apart. */
import { ADDRESS_SIZES, type NetworkAddress, type NetworkKind } from "./network-address.ts";

/** Network of an address, or that nobody on the internet reaches it. Names as getpeerinfo's `network` shows them. */
export type NetworkClass = NetworkKind | "not_publicly_routable";

/** Private IPv4 networks: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16. */
export function isRfc1918(address: NetworkAddress): boolean {
  if (address.network !== "ipv4") return false;
  const [first, second] = [address.bytes[0]!, address.bytes[1]!];
  return first === 10 || (first === 192 && second === 168) || (first === 172 && second >= 16 && second <= 31);
}

/** IPv4 for benchmarks between networks: 198.18.0.0/15. */
export function isRfc2544(address: NetworkAddress): boolean {
  return isIpv4In(address, 198, 18) || isIpv4In(address, 198, 19);
}

/** IPv4 link-local: 169.254.0.0/16. */
export function isRfc3927(address: NetworkAddress): boolean {
  return isIpv4In(address, 169, 254);
}

/** IPv4 behind a provider's address translation: 100.64.0.0/10. */
export function isRfc6598(address: NetworkAddress): boolean {
  return isIpv4In(address, 100) && (address.bytes[1]! & 0xc0) === 64;
}

/** IPv4 for documentation. */
export function isRfc5737(address: NetworkAddress): boolean {
  return isIpv4In(address, 192, 0, 2) || isIpv4In(address, 198, 51, 100) || isIpv4In(address, 203, 0, 113);
}

/** IPv6 for documentation: 2001:db8::/32. */
export function isRfc3849(address: NetworkAddress): boolean {
  return isIpv6In(address, 0x20, 0x01, 0x0d, 0xb8);
}

/** 6to4: 2002::/16. */
export function isRfc3964(address: NetworkAddress): boolean {
  return isIpv6In(address, 0x20, 0x02);
}

/** IPv6 unique local: fc00::/7. */
export function isRfc4193(address: NetworkAddress): boolean {
  return address.network === "ipv6" && (address.bytes[0]! & 0xfe) === 0xfc;
}

/** Teredo: 2001::/32. */
export function isRfc4380(address: NetworkAddress): boolean {
  return isIpv6In(address, 0x20, 0x01, 0, 0);
}

/** ORCHID: 2001:10::/28. */
export function isRfc4843(address: NetworkAddress): boolean {
  return isIpv6In(address, 0x20, 0x01, 0) && (address.bytes[3]! & 0xf0) === 0x10;
}

/** ORCHIDv2: 2001:20::/28. */
export function isRfc7343(address: NetworkAddress): boolean {
  return isIpv6In(address, 0x20, 0x01, 0) && (address.bytes[3]! & 0xf0) === 0x20;
}

/** IPv6 link-local: fe80::/64. */
export function isRfc4862(address: NetworkAddress): boolean {
  return isIpv6In(address, 0xfe, 0x80, 0, 0, 0, 0, 0, 0);
}

/** NAT64: 64:ff9b::/96. */
export function isRfc6052(address: NetworkAddress): boolean {
  return isIpv6In(address, 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0);
}

/** IPv4 translated: ::ffff:0:0:0/96. */
export function isRfc6145(address: NetworkAddress): boolean {
  return isIpv6In(address, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0);
}

/** Hurricane Electric's tunnels: 2001:470::/32. */
export function isHurricaneElectric(address: NetworkAddress): boolean {
  return isIpv6In(address, 0x20, 0x01, 0x04, 0x70);
}

/** This machine: 127.0.0.0/8, 0.0.0.0/8, ::1. */
export function isLocal(address: NetworkAddress): boolean {
  return (
    isIpv4In(address, 127) || isIpv4In(address, 0) || isIpv6In(address, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
  );
}

/** All zero: every address of this machine, as one to listen on. */
export function isBindAny(address: NetworkAddress): boolean {
  return (address.network === "ipv4" || address.network === "ipv6") && address.bytes.every((byte) => byte === 0);
}

/** Stands for a name, see `internalAddress`. */
export function isInternal(address: NetworkAddress): boolean {
  return address.network === "internal";
}

/** Tor and I2P, which hide where a node is. */
export function isPrivacyNetwork(address: NetworkAddress): boolean {
  return address.network === "onion" || address.network === "i2p";
}

/** Has a form in `addr` and `version`, without BIP155. */
export function isAddrV1Compatible(address: NetworkAddress): boolean {
  return address.network === "ipv4" || address.network === "ipv6" || address.network === "internal";
}

/** May be passed on even where we do not reach it ourselves. */
export function isRelayable(address: NetworkAddress): boolean {
  return !isInternal(address);
}

/** Could be that of a host, on the internet or nearer. */
export function isValid(address: NetworkAddress): boolean {
  if (isBindAny(address) || isRfc3849(address) || isInternal(address)) return false;
  if (address.network === "cjdns" && address.bytes[0] !== 0xfc) return false;
  return !isIpv4In(address, 255, 255, 255, 255);
}

/** Valid, and reached from all of its network. */
export function isRoutable(address: NetworkAddress): boolean {
  return isValid(address) && !UNROUTABLE_RANGES.some((isIn) => isIn(address));
}

const UNROUTABLE_RANGES: readonly ((address: NetworkAddress) => boolean)[] = [
  isRfc1918,
  isRfc2544,
  isRfc3927,
  isRfc4862,
  isRfc6598,
  isRfc5737,
  isRfc4193,
  isRfc4843,
  isRfc7343,
  isLocal,
];

/** The network of an address; what is not routable belongs to none. */
export function networkOf(address: NetworkAddress): NetworkClass {
  return isInternal(address) || isRoutable(address) ? address.network : "not_publicly_routable";
}

/** As {@link networkOf}, but IPv6 that carries an IPv4 address counts as IPv4. */
export function networkClassOf(address: NetworkAddress): NetworkClass {
  return linkedIpv4(address) ? "ipv4" : networkOf(address);
}

/**
 * The four bytes of the IPv4 address that a routable address is or carries: translated (RFC6145), behind NAT64 (RFC6052),
 * 6to4 (RFC3964) or Teredo (RFC4380, which has its bits inverted).
 */
export function linkedIpv4(address: NetworkAddress): Uint8Array | undefined {
  if (!isRoutable(address)) return undefined;
  const { bytes } = address;
  if (address.network === "ipv4") return bytes;
  const lastBytes = bytes.subarray(-ADDRESS_SIZES.ipv4);
  if (isRfc6145(address) || isRfc6052(address)) return lastBytes;
  if (isRfc3964(address)) return bytes.subarray(2, 2 + ADDRESS_SIZES.ipv4);
  return isRfc4380(address) ? lastBytes.map((byte) => ~byte) : undefined;
}

/** How well somebody reaches an address of ours, from not at all to best. */
export const Reachability = {
  UNREACHABLE: 0,
  DEFAULT: 1,
  TEREDO: 2,
  IPV6_WEAK: 3,
  IPV4: 4,
  IPV6_STRONG: 5,
  PRIVATE: 6,
} as const;

type ReachabilityScore = (typeof Reachability)[keyof typeof Reachability];
type ReachedNetwork = NetworkClass | "teredo";

/** Either they come from a hidden network, or they do not care about our address. */
const FROM_NOWHERE: Partial<Record<ReachedNetwork, ReachabilityScore>> = {
  teredo: Reachability.TEREDO,
  ipv6: Reachability.IPV6_WEAK,
  ipv4: Reachability.IPV4,
  onion: Reachability.PRIVATE,
};

/** What scores better than DEFAULT, by the network of who comes, then that of the address reached. */
const REACHABILITY: Readonly<Record<ReachedNetwork, Partial<Record<ReachedNetwork, ReachabilityScore>>>> = {
  ipv4: { ipv4: Reachability.IPV4 },
  ipv6: { teredo: Reachability.TEREDO, ipv4: Reachability.IPV4, ipv6: Reachability.IPV6_STRONG },
  // Tor reaches IPv4 too.
  onion: { ipv4: Reachability.IPV4, onion: Reachability.PRIVATE },
  i2p: { i2p: Reachability.PRIVATE },
  cjdns: { cjdns: Reachability.PRIVATE },
  teredo: { teredo: Reachability.TEREDO, ipv6: Reachability.IPV6_WEAK, ipv4: Reachability.IPV4 },
  not_publicly_routable: FROM_NOWHERE,
  internal: FROM_NOWHERE,
};

/** How well a peer at `their` reaches `our`: a {@link Reachability}, the larger the better. Says which of our addresses to tell it. */
export function reachabilityFrom(our: NetworkAddress, their: NetworkAddress): ReachabilityScore {
  if (!isRoutable(our)) return Reachability.UNREACHABLE;
  const score = REACHABILITY[reachedNetworkOf(their)][reachedNetworkOf(our)] ?? Reachability.DEFAULT;
  // A tunnel is second to IPv6 that goes straight.
  return score === Reachability.IPV6_STRONG && isTunnel(our) ? Reachability.IPV6_WEAK : score;
}

function reachedNetworkOf(address: NetworkAddress): ReachedNetwork {
  return isRfc4380(address) ? "teredo" : networkOf(address);
}

function isTunnel(address: NetworkAddress): boolean {
  return isRfc3964(address) || isRfc6052(address) || isRfc6145(address);
}

function isIpv4In(address: NetworkAddress, ...prefix: readonly number[]): boolean {
  return address.network === "ipv4" && prefix.every((byte, index) => address.bytes[index] === byte);
}

function isIpv6In(address: NetworkAddress, ...prefix: readonly number[]): boolean {
  return address.network === "ipv6" && prefix.every((byte, index) => address.bytes[index] === byte);
}

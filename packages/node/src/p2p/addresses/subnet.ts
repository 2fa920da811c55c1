import { isValid } from "@bitfleet/protocol/wire/address-class.ts";
import { formatAddress, parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { compareAddresses, ipv6AsCjdns, type NetworkAddress } from "@bitfleet/protocol/wire/network-address.ts";

/** A range of addresses: IPv4 or IPv6 with a prefix, or one single address of another network. */
export interface Subnet {
  /** First address of the range. */
  readonly address: NetworkAddress;
  /** Leading bits that all addresses share; `undefined` where it is one address of a network without ranges. */
  readonly prefixBits: number | undefined;
}

/**
 * Reads `1.2.3.4`, `1.2.3.0/24`, `1.2.3.0/255.255.255.0`, `fd00::/8`, `[::1]`, `….onion`; `undefined` for anything else. Bits behind
 * the prefix do not count. fc00::/8 is of CJDNS where that is within reach (`reachesCjdns`), and then has no ranges.
 */
export function parseSubnet(text: string, reachesCjdns = false): Subnet | undefined {
  const slash = text.lastIndexOf("/");
  const parsed = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (parsed === undefined) return undefined;
  const address = reachesCjdns ? ipv6AsCjdns(parsed) : parsed;
  if (slash === -1) return subnetOf(address);
  const bits = rangeBits(address);
  const mask = text.slice(slash + 1);
  const prefixBits = bits && (/^\d+$/.test(mask) ? Number(mask) : prefixOfMask(mask, address));
  if (bits === undefined || prefixBits === undefined || prefixBits > bits) return undefined;
  return { address: firstOf(address, prefixBits), prefixBits };
}

/** The range of one address. */
export function subnetOf(address: NetworkAddress): Subnet {
  return { address, prefixBits: rangeBits(address) };
}

export function isInSubnet(subnet: Subnet, address: NetworkAddress): boolean {
  if (address.network !== subnet.address.network || !isValid(address)) return false;
  const { prefixBits } = subnet;
  const own = prefixBits === undefined ? address : firstOf(address, prefixBits);
  return own.bytes.every((byte, index) => byte === subnet.address.bytes[index]);
}

/** `1.2.3.0/24`; an address without ranges as it is. */
export function formatSubnet({ address, prefixBits }: Subnet): string {
  return prefixBits === undefined ? formatAddress(address) : `${formatAddress(address)}/${prefixBits}`;
}

/** Key of a Map. */
export function subnetKey(subnet: Subnet): string {
  return formatSubnet(subnet);
}

/** By address, then wider ranges first: the order of listbanned. */
export function compareSubnets(a: Subnet, b: Subnet): number {
  return compareAddresses(a.address, b.address) || (a.prefixBits ?? 0) - (b.prefixBits ?? 0);
}

function rangeBits({ network }: NetworkAddress): number | undefined {
  return network === "ipv4" ? 32 : network === "ipv6" ? 128 : undefined;
}

function firstOf(address: NetworkAddress, prefixBits: number): NetworkAddress {
  const bytes = address.bytes.map((byte, index) => {
    const bits = Math.min(Math.max(prefixBits - 8 * index, 0), 8);
    return byte & (0xff << (8 - bits));
  });
  return { network: address.network, bytes };
}

/** Bits of a netmask in the form of an address; `undefined` where its ones are not in one run. */
function prefixOfMask(text: string, address: NetworkAddress): number | undefined {
  const mask = parseAddress(text);
  if (mask === undefined || mask.network !== address.network) return undefined;
  const bits = [...mask.bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, "").length : undefined;
}

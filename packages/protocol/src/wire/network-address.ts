import { compareBytes, concatBytes, equalBytes } from "../bytes/bytes.ts";
import { DecodeError, type Reader, type Writer } from "../bytes/cursor.ts";
import { sha256 } from "../crypto/hash.ts";

/** Networks that an address may be of (BIP155). `internal` never travels: it marks where seeds and the like came from. */
export type NetworkKind = "ipv4" | "ipv6" | "onion" | "i2p" | "cjdns" | "internal";

/** Where a node is reached, without its port. 4 bytes of ipv4, 16 of ipv6 and cjdns, 32 of onion (Tor v3 public key) and i2p, 10 of internal. */
export interface NetworkAddress {
  readonly network: NetworkKind;
  readonly bytes: Uint8Array;
  /** RFC4007 zone of a link-local ipv6 address, unsigned 32 bits. Has a meaning on this machine only: never sent, not compared. */
  readonly zone?: number;
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

/** Bytes of an address of each network. */
export const ADDRESS_SIZES: Readonly<Record<NetworkKind, number>> = {
  ipv4: 4,
  ipv6: 16,
  onion: 32,
  i2p: 32,
  cjdns: 16,
  internal: 10,
};

/** `::`, which stands for no address. */
export const UNSPECIFIED_ADDRESS: NetworkAddress = { network: "ipv6", bytes: new Uint8Array(16) };

/** No address, port 0. */
export const UNSPECIFIED_ENDPOINT: NetworkEndpoint = { address: UNSPECIFIED_ADDRESS, port: 0 };

/** How addresses are written: `v1` as 16 bytes of IPv6 that may wrap others, `v2` as BIP155 has it. */
export type AddressEncoding = "v1" | "v2";

/** Smallest encodings of a gossip entry, for {@link Reader.count}. */
export const GOSSIP_ADDRESS_SIZE_MIN: Readonly<Record<AddressEncoding, number>> = { v1: 30, v2: 9 };

const V1_SIZE = 16;
/** BIP155: longest address of a network that we do not know. */
const V2_SIZE_MAX = 512;

/** ::ffff:0:0/96 (RFC4291). */
const IPV4_PREFIX = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
/** fd87:d87e:eb43::/48, which wrapped addresses of Tor v2. */
const TOR_V2_PREFIX = Uint8Array.of(0xfd, 0x87, 0xd8, 0x7e, 0xeb, 0x43);
/** fd6b:88c0:8724::/48: 0xfd and the first bytes of sha256("bitcoin"). */
const INTERNAL_PREFIX = Uint8Array.of(0xfd, 0x6b, 0x88, 0xc0, 0x87, 0x24);

/** BIP155 numbers of the networks. 3 was Tor v2, which is gone. */
const NETWORK_OF_ID = new Map<number, NetworkKind>([
  [1, "ipv4"],
  [2, "ipv6"],
  [4, "onion"],
  [5, "i2p"],
  [6, "cjdns"],
]);
const NETWORK_IDS: Readonly<Record<NetworkKind, number>> = {
  ipv4: 1,
  ipv6: 2,
  onion: 4,
  i2p: 5,
  cjdns: 6,
  internal: 2,
};
const NETWORK_NAMES: Readonly<Record<NetworkKind, string>> = {
  ipv4: "IPv4",
  ipv6: "IPv6",
  onion: "TORv3",
  i2p: "I2P",
  cjdns: "CJDNS",
  internal: "internal",
};

/**
 * The address that 16 bytes of IPv6 mean: they may wrap IPv4 or an internal address. `undefined` for Tor v2, which nobody
 * reaches any more. The bytes are copied.
 */
export function addressFromIpv6(bytes: Uint8Array): NetworkAddress | undefined {
  if (startsWith(bytes, IPV4_PREFIX)) return { network: "ipv4", bytes: bytes.slice(IPV4_PREFIX.length) };
  if (startsWith(bytes, TOR_V2_PREFIX)) return undefined;
  if (startsWith(bytes, INTERNAL_PREFIX)) return { network: "internal", bytes: bytes.slice(INTERNAL_PREFIX.length) };
  return { network: "ipv6", bytes: bytes.slice() };
}

/** The inverse of {@link addressFromIpv6}; `::` for networks whose addresses do not fit. */
export function ipv6FromAddress(address: NetworkAddress): Uint8Array {
  switch (address.network) {
    case "ipv4":
      return concatBytes(IPV4_PREFIX, address.bytes);
    case "ipv6":
      return address.bytes;
    case "internal":
      return concatBytes(INTERNAL_PREFIX, address.bytes);
    default:
      return UNSPECIFIED_ADDRESS.bytes;
  }
}

/**
 * Reads an address. `undefined`, with the reader behind it, for what is to be ignored: Tor v2, and in `v2` networks we do
 * not know and IPv6 that wraps IPv4. Throws `DecodeError`, in `v2` also where the size is not that of the network.
 * Internal addresses are read, since they are stored; who reads from a peer leaves them out.
 */
export function readAddress(reader: Reader, encoding: AddressEncoding): NetworkAddress | undefined {
  return encoding === "v1" ? addressFromIpv6(reader.bytes(V1_SIZE)) : readAddressV2(reader);
}

function readAddressV2(reader: Reader): NetworkAddress | undefined {
  const network = NETWORK_OF_ID.get(reader.uint8());
  const sizeOffset = reader.offset;
  const size = reader.compactSize();
  if (size > V2_SIZE_MAX) throw new DecodeError(`Address too long: ${size} > ${V2_SIZE_MAX}`, sizeOffset);
  if (network !== undefined && size !== ADDRESS_SIZES[network]) {
    const expected = `BIP155 ${NETWORK_NAMES[network]} address with length ${size} (should be ${ADDRESS_SIZES[network]})`;
    throw new DecodeError(expected, sizeOffset);
  }
  const bytes = reader.bytes(size);
  if (network === undefined) return undefined;
  if (network !== "ipv6") return { network, bytes: bytes.slice() };
  // IPv4 has a form of its own here, so a wrapped one is a second spelling of the same address.
  const address = addressFromIpv6(bytes);
  return address?.network === "ipv4" ? undefined : address;
}

/** Writes an address. In `v1` Tor, I2P and CJDNS addresses have no form and are written as `::`. */
export function writeAddress(writer: Writer, address: NetworkAddress, encoding: AddressEncoding): void {
  if (encoding === "v1") {
    writer.bytes(ipv6FromAddress(address));
    return;
  }
  const bytes = address.network === "internal" ? ipv6FromAddress(address) : address.bytes;
  writer.uint8(NETWORK_IDS[address.network]).compactBytes(bytes);
}

/** Address and port (big-endian); an address to be ignored comes as `::`. */
export function readEndpoint(reader: Reader, encoding: AddressEncoding): NetworkEndpoint {
  const address = readAddress(reader, encoding) ?? UNSPECIFIED_ADDRESS;
  return { address, port: reader.uint16BigEndian() };
}

export function writeEndpoint(writer: Writer, endpoint: NetworkEndpoint, encoding: AddressEncoding): void {
  writeAddress(writer, endpoint.address, encoding);
  writer.uint16BigEndian(endpoint.port);
}

/** An entry of `addr` or `addrv2`; `undefined` where its address is none to keep, with the reader behind the entry. */
export function readGossipAddress(reader: Reader, encoding: AddressEncoding): GossipAddress | undefined {
  const timeSeconds = reader.uint32();
  const services = encoding === "v1" ? reader.uint64() : reader.compactSizeUnbounded();
  const address = readAddress(reader, encoding);
  const port = reader.uint16BigEndian();
  if (address === undefined || address.network === "internal") return undefined;
  return { address, port, services, timeSeconds };
}

export function writeGossipAddress(writer: Writer, entry: GossipAddress, encoding: AddressEncoding): void {
  writer.uint32(entry.timeSeconds);
  if (encoding === "v1") writer.uint64(entry.services);
  else writer.compactSize(entry.services);
  writeEndpoint(writer, entry, encoding);
}

/** The address that stands for a name, such as that of a DNS seed: the first bytes of the name's SHA-256. */
export function internalAddress(name: string): NetworkAddress {
  const hash = sha256(new TextEncoder().encode(name));
  return { network: "internal", bytes: hash.slice(0, ADDRESS_SIZES.internal) };
}

/** CJDNS has the IPv6 addresses that begin with 0xfc: such an address as one of CJDNS, any other as it is. For nodes that reach CJDNS. */
export function ipv6AsCjdns(address: NetworkAddress): NetworkAddress {
  const isInside = address.network === "ipv6" && address.bytes[0] === 0xfc;
  return isInside ? { network: "cjdns", bytes: address.bytes } : address;
}

/** Same network and bytes; the zone does not count. */
export function equalAddresses(a: NetworkAddress, b: NetworkAddress): boolean {
  return a.network === b.network && equalBytes(a.bytes, b.bytes);
}

export function equalEndpoints(a: NetworkEndpoint, b: NetworkEndpoint): boolean {
  return a.port === b.port && equalAddresses(a.address, b.address);
}

/** By network, then bytes: a fixed order for lists of addresses. */
export function compareAddresses(a: NetworkAddress, b: NetworkAddress): number {
  return NETWORK_ORDER.indexOf(a.network) - NETWORK_ORDER.indexOf(b.network) || compareBytes(a.bytes, b.bytes);
}

const NETWORK_ORDER: readonly NetworkKind[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns", "internal"];

/** The Map key of an address. Never shown, never stored. */
export function addressKey(address: NetworkAddress): string {
  return String.fromCharCode(NETWORK_ORDER.indexOf(address.network), ...address.bytes);
}

/** The Map key of an endpoint. Never shown, never stored. */
export function endpointKey(endpoint: NetworkEndpoint): string {
  return String.fromCharCode(endpoint.port) + addressKey(endpoint.address);
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

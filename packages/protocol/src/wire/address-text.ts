import { sha3_256 } from "@noble/hashes/sha3.js";
import { concatBytes, equalBytes } from "../bytes/bytes.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";
import { ADDRESS_SIZES, addressFromIpv6, type NetworkAddress, type NetworkEndpoint } from "./network-address.ts";

const ONION_SUFFIX = ".onion";
const I2P_SUFFIX = ".b32.i2p";

const TOR_VERSION = 3;
const TOR_CHECKSUM_SIZE = 2;
/** Public key, checksum and version. */
const TOR_NAME_SIZE = ADDRESS_SIZES.onion + TOR_CHECKSUM_SIZE + 1;
const TOR_NAME_LENGTH = (TOR_NAME_SIZE * 8) / 5;
const I2P_NAME_LENGTH = Math.ceil((ADDRESS_SIZES.i2p * 8) / 5);

const IPV6_GROUPS = 8;
const PORT_MAX = 0xffff;
const ZONE_MAX = 0xffffffff;

/** An address as people write it: IPv6 as RFC5952 has it, `….onion`, `….b32.i2p`, `….internal`. */
export function formatAddress(address: NetworkAddress): string {
  switch (address.network) {
    case "ipv4":
      return address.bytes.join(".");
    case "ipv6":
      return formatIpv6(address.bytes) + (address.zone ? `%${address.zone}` : "");
    case "cjdns":
      return formatIpv6(address.bytes);
    case "onion":
      return formatOnion(address.bytes);
    case "i2p":
      return encodeBase32(address.bytes) + I2P_SUFFIX;
    case "internal":
      return `${encodeBase32(address.bytes)}.internal`;
  }
}

/** Address and port; IPv6 and CJDNS in brackets: `1.2.3.4:8333`, `[::1]:8333`. */
export function formatEndpoint(endpoint: NetworkEndpoint): string {
  const text = formatAddress(endpoint.address);
  const isBracketed = endpoint.address.network === "ipv6" || endpoint.address.network === "cjdns";
  return `${isBracketed ? `[${text}]` : text}:${endpoint.port}`;
}

/**
 * The address that text means, in brackets or not: dotted IPv4, IPv6 with or without a numeric zone, Tor v3, I2P.
 * `undefined` for all else, host names too, and for IPv6 ranges that wrap Tor v2 or internal addresses. IPv6 that wraps
 * IPv4 is IPv4. CJDNS reads as IPv6, see {@link ipv6AsCjdns}.
 */
export function parseAddress(text: string): NetworkAddress | undefined {
  const host = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  return parseOnion(host) ?? parseI2p(host) ?? parseIpv4Address(host) ?? parseIpv6Address(host);
}

/**
 * IPv4 with fewer than four numbers, of which the last fills what is left: `127.1` is 127.0.0.1. System resolvers read it so; we do
 * only where two names of one node must be recognised. `undefined` for all else, numbers with leading zeros too.
 */
export function parseShortIpv4(text: string): NetworkAddress | undefined {
  const parts = text.split(".");
  if (parts.length >= ADDRESS_SIZES.ipv4 || !parts.every((part) => /^(0|[1-9]\d{0,9})$/.test(part))) return undefined;
  const head = parts.slice(0, -1).map(Number);
  const tailSize = ADDRESS_SIZES.ipv4 - head.length;
  const tail = Number(parts.at(-1));
  if (head.some((part) => part > 255) || tail >= 2 ** (8 * tailSize)) return undefined;
  const bytes = Array.from(
    { length: tailSize },
    (_, index) => Math.floor(tail / 2 ** (8 * (tailSize - 1 - index))) & 255,
  );
  return { network: "ipv4", bytes: Uint8Array.of(...head, ...bytes) };
}

/** The endpoint that `address` or `address:port` means; `undefined` where the address is none or the port no number up to 65535. */
export function parseEndpoint(text: string, defaultPort: number): NetworkEndpoint | undefined {
  const { host, port } = splitHostPort(text);
  const address = parseAddress(host);
  return address && { address, port: port ?? defaultPort };
}

export interface HostPort {
  /** Without brackets. The whole text where what follows the colon is no port. */
  readonly host: string;
  /** `undefined` where none is given. */
  readonly port: number | undefined;
  /** False for port 0 and for what cannot be a port. */
  readonly isValid: boolean;
}

/** Splits `host:port`. A colon separates only where it is the one colon, or follows a closing bracket: `::1` is a host. */
export function splitHostPort(text: string): HostPort {
  const colon = text.lastIndexOf(":");
  const isBracketed = text.startsWith("[") && text[colon - 1] === "]";
  const isSeparator = colon !== -1 && (colon === 0 || isBracketed || text.indexOf(":") === colon);
  if (!isSeparator) return { host: withoutBrackets(text), port: undefined, isValid: true };
  const port = parseDecimal(text.slice(colon + 1), PORT_MAX);
  if (port === undefined) return { host: withoutBrackets(text), port, isValid: false };
  return { host: withoutBrackets(text.slice(0, colon)), port, isValid: port !== 0 };
}

function withoutBrackets(text: string): string {
  return text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
}

/** Digits alone, up to `max`. */
function parseDecimal(text: string, max: number): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

function parseIpv4Address(text: string): NetworkAddress | undefined {
  const bytes = parseIpv4(text);
  return bytes && { network: "ipv4", bytes };
}

/** Four decimal numbers. Leading zeros, which some read as octal, are refused. */
function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== ADDRESS_SIZES.ipv4) return undefined;
  const bytes = new Uint8Array(ADDRESS_SIZES.ipv4);
  for (const [index, part] of parts.entries()) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[index] = Number(part);
  }
  return bytes;
}

function parseIpv6Address(text: string): NetworkAddress | undefined {
  const percent = text.indexOf("%");
  const zone = percent === -1 ? 0 : parseDecimal(text.slice(percent + 1), ZONE_MAX);
  const bytes = parseIpv6(percent === -1 ? text : text.slice(0, percent));
  if (bytes === undefined || zone === undefined) return undefined;
  const address = addressFromIpv6(bytes);
  if (address?.network === "internal") return undefined;
  return address?.network === "ipv6" && zone !== 0 ? { ...address, zone } : address;
}

/** RFC4291 text: groups of up to four hex digits, one run of zeros as `::`, the last 32 bits perhaps as dotted IPv4. */
function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = IPV6_GROUPS - head.length - tail.length;
  // RFC4291: `::` stands for one group or more.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(ADDRESS_SIZES.ipv6);
  const view = new DataView(bytes.buffer);
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  for (const [index, group] of groups.entries()) view.setUint16(2 * index, group);
  return bytes;
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const ipv4 = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4) groups.push((ipv4[0]! << 8) | ipv4[1]!, (ipv4[2]! << 8) | ipv4[3]!);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** RFC5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`. */
function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: IPV6_GROUPS }, (_, index) => (bytes[2 * index]! << 8) | bytes[2 * index + 1]!);
  let start = 0;
  let length = 1;
  for (let from = 0; from < IPV6_GROUPS; from++) {
    let to = from;
    while (groups[to] === 0) to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function formatOnion(publicKey: Uint8Array): string {
  return encodeBase32(concatBytes(publicKey, torChecksum(publicKey), Uint8Array.of(TOR_VERSION))) + ONION_SUFFIX;
}

function parseOnion(text: string): NetworkAddress | undefined {
  if (text.length !== TOR_NAME_LENGTH + ONION_SUFFIX.length || !text.endsWith(ONION_SUFFIX)) return undefined;
  const name = decodeBase32(text.slice(0, TOR_NAME_LENGTH));
  if (name === undefined || name[TOR_NAME_SIZE - 1] !== TOR_VERSION) return undefined;
  const bytes = name.slice(0, ADDRESS_SIZES.onion);
  const checksum = name.subarray(ADDRESS_SIZES.onion, TOR_NAME_SIZE - 1);
  return equalBytes(checksum, torChecksum(bytes)) ? { network: "onion", bytes } : undefined;
}

/** The first bytes of SHA3-256 over a label, the key and the version (Tor's rend-spec-v3). */
function torChecksum(publicKey: Uint8Array): Uint8Array {
  const label = new TextEncoder().encode(".onion checksum");
  return sha3_256(concatBytes(label, publicKey, Uint8Array.of(TOR_VERSION))).subarray(0, TOR_CHECKSUM_SIZE);
}

function parseI2p(text: string): NetworkAddress | undefined {
  if (text.length !== I2P_NAME_LENGTH + I2P_SUFFIX.length) return undefined;
  if (text.slice(I2P_NAME_LENGTH).toLowerCase() !== I2P_SUFFIX) return undefined;
  const bytes = decodeBase32(text.slice(0, I2P_NAME_LENGTH));
  return bytes && { network: "i2p", bytes };
}

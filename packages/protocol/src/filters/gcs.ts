import { equalBytes } from "../bytes/bytes.ts";
import { Reader, Writer } from "../bytes/cursor.ts";
import { SipHasher, type SipHashKey } from "../crypto/siphash.ts";
import { BitReader, BitWriter } from "./bit-stream.ts";

/**
 * Golomb-coded sets (BIP158): a set of byte strings in little more than two bytes each, that answers whether a string is in
 * it with a known rate of wrong yeses. Encoded: the count as CompactSize, then the differences of the sorted hashes, each as
 * a quotient in ones with a zero behind it and a remainder of `riceBits` bits.
 */
export interface GcsParams {
  readonly key: SipHashKey;
  /** Bits of the remainder: P of BIP158. */
  readonly riceBits: number;
  /** One in so many answers is a wrong yes: M of BIP158. With the count it bounds the hashes, which stay below 2⁵³. */
  readonly inverseFalsePositiveRate: number;
}

/** The encoded set of `elements`. One that comes twice counts once. */
export function encodeGcs(elements: Iterable<Uint8Array>, params: GcsParams): Uint8Array {
  const hashes = hashesOf(elements, params.key);
  const writer = new Writer(9 + 3 * hashes.length).compactSize(hashes.length);
  const bits = new BitWriter(writer);
  let last = 0;
  for (const value of inRange(hashes, hashes.length, params)) {
    writeGolombRice(bits, value - last, params.riceBits);
    last = value;
  }
  return bits.finish();
}

/** How many elements an encoded set has. Throws `DecodeError` where it is not an encoding of exactly as many. */
export function checkGcs(encoded: Uint8Array, params: Pick<GcsParams, "riceBits">): number {
  const reader = new Reader(encoded);
  const count = readCount(reader, params.riceBits);
  const bits = new BitReader(reader);
  for (let index = 0; index < count; index++) readGolombRice(bits, params.riceBits);
  reader.end();
  return count;
}

/**
 * Whether the set has any of `elements`; a yes is wrong at the set's rate, a no never. Throws `DecodeError` where the set ends
 * too early.
 */
export function gcsMatchesAny(encoded: Uint8Array, elements: Iterable<Uint8Array>, params: GcsParams): boolean {
  const reader = new Reader(encoded);
  const count = readCount(reader, params.riceBits);
  const wanted = inRange(hashesOf(elements, params.key), count, params);
  const bits = new BitReader(reader);
  let value = 0;
  let at = 0;
  for (let index = 0; index < count; index++) {
    value += readGolombRice(bits, params.riceBits);
    while (at < wanted.length && wanted[at]! < value) at++;
    if (at === wanted.length) return false;
    if (wanted[at] === value) return true;
  }
  return false;
}

/** {@link gcsMatchesAny} of one element. */
export function gcsMatches(encoded: Uint8Array, element: Uint8Array, params: GcsParams): boolean {
  return gcsMatchesAny(encoded, [element], params);
}

/** The count in front. One that the bytes behind it cannot hold is refused before anybody loops so often. */
function readCount(reader: Reader, riceBits: number): number {
  const count = reader.compactSize();
  if (count * (riceBits + 1) > reader.remaining * 8) {
    reader.fail(`${count} elements announced, ${reader.remaining} bytes left`);
  }
  return count;
}

/** The 64-bit hash of each different element. */
function hashesOf(elements: Iterable<Uint8Array>, key: SipHashKey): readonly bigint[] {
  const hasher = new SipHasher(key);
  const hashes: bigint[] = [];
  const seen = new Map<bigint, Uint8Array[]>();
  for (const element of elements) {
    const hash = hasher.hash(element);
    const alike = seen.get(hash);
    // Different strings may share a hash, and then both count.
    if (alike?.some((other) => equalBytes(other, element))) continue;
    if (alike === undefined) seen.set(hash, [element]);
    else alike.push(element);
    hashes.push(hash);
  }
  return hashes;
}

/** Spreads 64-bit hashes evenly over the numbers below `count` times the inverse rate, and sorts them. */
function inRange(hashes: readonly bigint[], count: number, params: GcsParams): Float64Array {
  const range = BigInt(count) * BigInt(params.inverseFalsePositiveRate);
  return Float64Array.from(hashes, (hash) => Number((hash * range) >> 64n)).sort();
}

function writeGolombRice(bits: BitWriter, value: number, riceBits: number): void {
  const divisor = 2 ** riceBits;
  for (let quotient = Math.floor(value / divisor); quotient > 0; quotient--) bits.bit(1);
  bits.bit(0);
  bits.bits(value % divisor, riceBits);
}

function readGolombRice(bits: BitReader, riceBits: number): number {
  let quotient = 0;
  while (bits.bit() === 1) quotient++;
  return quotient * 2 ** riceBits + bits.bits(riceBits);
}

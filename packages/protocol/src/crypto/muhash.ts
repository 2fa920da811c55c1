import { bigIntFromLittleEndian, littleEndianFromBigInt } from "../bytes/bytes.ts";
import { chaCha20Keystream } from "./chacha20.ts";
import { sha256 } from "./hash.ts";

const NUMBER_BITS = 3072;
const NUMBER_BITS_BIGINT = BigInt(NUMBER_BITS);
const NUMBER_SIZE = NUMBER_BITS / 8;
const KEYSTREAM_BLOCKS = NUMBER_SIZE / 64;

/** The modulus is 2^3072 less this: the largest safe prime of 3072 bits. */
const PRIME_DIFFERENCE = 1103717n;
const PRIME = (1n << NUMBER_BITS_BIGINT) - PRIME_DIFFERENCE;

/**
 * A hash of a set that does not depend on the order of its elements, and from which elements can be taken away again
 * (Bitcoin Core's MuHash3072: the UTXO set's hash of `gettxoutsetinfo muhash`). An element is a number modulo a prime;
 * the set is their product. Division is put off to {@link finalize} by collecting what is removed in a denominator.
 */
export class MuHash3072 {
  #numerator = 1n;
  #denominator = 1n;

  insert(element: Uint8Array): this {
    this.#numerator = multiply(this.#numerator, numberOf(element));
    return this;
  }

  remove(element: Uint8Array): this {
    this.#denominator = multiply(this.#denominator, numberOf(element));
    return this;
  }

  /** The union with `other`; with an element inserted here and removed there, it is gone. */
  combine(other: MuHash3072): this {
    this.#numerator = multiply(this.#numerator, other.#numerator);
    this.#denominator = multiply(this.#denominator, other.#denominator);
    return this;
  }

  /** SHA-256 of the quotient as 384 little-endian bytes. The set can grow further afterwards. */
  finalize(): Uint8Array {
    const quotient = (this.#numerator * inverse(this.#denominator % PRIME)) % PRIME;
    this.#numerator = quotient;
    this.#denominator = 1n;
    return sha256(littleEndianFromBigInt(quotient, NUMBER_SIZE));
  }

  /** Numerator and denominator, 384 little-endian bytes each: 768 bytes, as Core's coinstats index keeps them. */
  serialize(): Uint8Array {
    const bytes = new Uint8Array(2 * NUMBER_SIZE);
    bytes.set(littleEndianFromBigInt(this.#numerator % PRIME, NUMBER_SIZE));
    bytes.set(littleEndianFromBigInt(this.#denominator % PRIME, NUMBER_SIZE), NUMBER_SIZE);
    return bytes;
  }

  /** The set behind {@link serialize}'s 768 bytes. Throws `RangeError` on another size. */
  static deserialize(bytes: Uint8Array): MuHash3072 {
    if (bytes.length !== 2 * NUMBER_SIZE) throw new RangeError(`expected ${2 * NUMBER_SIZE} bytes of MuHash3072`);
    const hash = new MuHash3072();
    hash.#numerator = bigIntFromLittleEndian(bytes.subarray(0, NUMBER_SIZE));
    hash.#denominator = bigIntFromLittleEndian(bytes.subarray(NUMBER_SIZE));
    return hash;
  }
}

/** The element as a number: its SHA-256, stretched to 3072 bits by ChaCha20. */
function numberOf(element: Uint8Array): bigint {
  const keystream = chaCha20Keystream(sha256(element), KEYSTREAM_BLOCKS);
  const view = new DataView(keystream.buffer);
  // Joined pairwise: three times as fast as a detour over hex.
  let parts: bigint[] = [];
  for (let offset = 0; offset < NUMBER_SIZE; offset += 24) {
    const low = view.getBigUint64(offset, true);
    const middle = view.getBigUint64(offset + 8, true);
    const high = view.getBigUint64(offset + 16, true);
    parts.push((high << 128n) | (middle << 64n) | low);
  }
  for (let bits = 192n; parts.length > 1; bits *= 2n) {
    const joined: bigint[] = [];
    for (let index = 0; index < parts.length; index += 2) joined.push((parts[index + 1]! << bits) | parts[index]!);
    parts = joined;
  }
  return parts[0]!;
}

/**
 * a·b, congruent modulo the prime and at most a few bits longer than 3072. What lies above bit 3072 counts as many times
 * the difference to the prime: two such folds replace a division that would take twice as long as the product.
 */
function multiply(a: bigint, b: bigint): bigint {
  return fold(fold(a * b));
}

function fold(value: bigint): bigint {
  return BigInt.asUintN(NUMBER_BITS, value) + (value >> NUMBER_BITS_BIGINT) * PRIME_DIFFERENCE;
}

/** The inverse modulo the prime by Euclid's algorithm; of 0, which no set leads to, 0. */
function inverse(value: bigint): bigint {
  if (value === 1n) return 1n;
  let [remainder, nextRemainder] = [PRIME, value];
  let [factor, nextFactor] = [0n, 1n];
  while (nextRemainder !== 0n) {
    const quotient = remainder / nextRemainder;
    [remainder, nextRemainder] = [nextRemainder, remainder - quotient * nextRemainder];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return factor < 0n ? factor + PRIME : factor;
}

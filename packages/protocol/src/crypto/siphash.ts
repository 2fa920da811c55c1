/**
 * SipHash-2-4 (Aumasson and Bernstein), as BIP152 and BIP158 use it. The 64-bit lanes are kept as two 32-bit halves:
 * 64-bit BigInt arithmetic would cost tens of times as much.
 */

export interface SipHashKey {
  readonly k0: bigint;
  readonly k1: bigint;
}

const ROUNDS_OF_WORD = 2;
/** With the four at the end. */
const ROUNDS_OF_LAST_WORD = ROUNDS_OF_WORD + 4;

/** SipHash-2-4 of `bytes`: 64 bits. */
export function sipHash24(key: SipHashKey, bytes: Uint8Array): bigint {
  return new SipHasher(key).hash(bytes);
}

/** SipHash-2-4 under one key, for who hashes many strings with it. */
export class SipHasher {
  /** v0…v3 under the key before any input, low half before high half. */
  readonly #initial = new Int32Array(8);
  /** The halves of the last hash. */
  #low = 0;
  #high = 0;

  constructor(key: SipHashKey) {
    const lanes = [
      key.k0 ^ 0x736f6d6570736575n,
      key.k1 ^ 0x646f72616e646f6dn,
      key.k0 ^ 0x6c7967656e657261n,
      key.k1 ^ 0x7465646279746573n,
    ];
    lanes.forEach((lane, index) => {
      this.#initial[2 * index] = Number(BigInt.asIntN(32, lane));
      this.#initial[2 * index + 1] = Number(BigInt.asIntN(32, lane >> 32n));
    });
  }

  hash(bytes: Uint8Array): bigint {
    this.#run(bytes);
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }

  /** The low 48 bits of {@link hash}, as BIP152's short transaction ids have them: exact as a `number`. */
  hashLow48(bytes: Uint8Array): number {
    this.#run(bytes);
    return (this.#high & 0xffff) * 0x100000000 + (this.#low >>> 0);
  }

  /** Every round in one function whose variables are numbers of 32 bits: no memory is touched and nothing is a double. */
  #run(bytes: Uint8Array): void {
    const initial = this.#initial;
    let [l0, h0, l1, h1] = [initial[0]!, initial[1]!, initial[2]!, initial[3]!];
    let [l2, h2, l3, h3] = [initial[4]!, initial[5]!, initial[6]!, initial[7]!];
    const size = bytes.length;
    const wholeEnd = size & ~7;
    for (let offset = 0; offset <= size; offset += 8) {
      const isLast = offset === wholeEnd;
      // The last word: the bytes left over, and the length modulo 256 on top.
      const low = isLast ? tailInt32(bytes, offset) : littleEndianInt32(bytes, offset);
      const high = isLast ? tailInt32(bytes, offset + 4) | (size << 24) : littleEndianInt32(bytes, offset + 4);
      l3 ^= low;
      h3 ^= high;
      const roundCount = isLast ? ROUNDS_OF_LAST_WORD : ROUNDS_OF_WORD;
      for (let round = 0; round < roundCount; round++) {
        if (round === ROUNDS_OF_WORD) {
          // Behind the last word, before the final rounds.
          l0 ^= low;
          h0 ^= high;
          l2 ^= 0xff;
        }
        // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
        let sum = (l0 + l1) | 0;
        h0 = (h0 + h1 + (((l0 & l1) | ((l0 | l1) & ~sum)) >>> 31)) | 0;
        let turn = ((l1 << 13) | (h1 >>> 19)) ^ sum;
        h1 = ((h1 << 13) | (l1 >>> 19)) ^ h0;
        l1 = turn;
        l0 = h0;
        h0 = sum;
        // v2 += v3; v3 = rotl(v3, 16) ^ v2
        sum = (l2 + l3) | 0;
        h2 = (h2 + h3 + (((l2 & l3) | ((l2 | l3) & ~sum)) >>> 31)) | 0;
        l2 = sum;
        turn = ((l3 << 16) | (h3 >>> 16)) ^ l2;
        h3 = ((h3 << 16) | (l3 >>> 16)) ^ h2;
        l3 = turn;
        // v0 += v3; v3 = rotl(v3, 21) ^ v0
        sum = (l0 + l3) | 0;
        h0 = (h0 + h3 + (((l0 & l3) | ((l0 | l3) & ~sum)) >>> 31)) | 0;
        l0 = sum;
        turn = ((l3 << 21) | (h3 >>> 11)) ^ l0;
        h3 = ((h3 << 21) | (l3 >>> 11)) ^ h0;
        l3 = turn;
        // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
        sum = (l2 + l1) | 0;
        h2 = (h2 + h1 + (((l2 & l1) | ((l2 | l1) & ~sum)) >>> 31)) | 0;
        turn = ((l1 << 17) | (h1 >>> 15)) ^ sum;
        h1 = ((h1 << 17) | (l1 >>> 15)) ^ h2;
        l1 = turn;
        l2 = h2;
        h2 = sum;
      }
      if (!isLast) {
        l0 ^= low;
        h0 ^= high;
      }
    }
    this.#low = l0 ^ l1 ^ l2 ^ l3;
    this.#high = h0 ^ h1 ^ h2 ^ h3;
  }
}

function littleEndianInt32(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24);
}

/** The same of bytes that may end before: zeros stand for what is not there. */
function tailInt32(bytes: Uint8Array, offset: number): number {
  let word = 0;
  for (let index = Math.min(offset + 3, bytes.length - 1); index >= offset; index--) word = (word << 8) | bytes[index]!;
  return word;
}

/**
 * SipHash-2-4 (Aumasson and Bernstein), as BIP152 and BIP158 use it. The 64-bit lanes are kept as two 32-bit halves:
 * 64-bit BigInt arithmetic would cost tens of times as much.
 */

export interface SipHashKey {
  readonly k0: bigint;
  readonly k1: bigint;
}

/** SipHash-2-4 of `bytes`: 64 bits. */
export function sipHash24(key: SipHashKey, bytes: Uint8Array): bigint {
  return new SipHasher(key).hash(bytes);
}

/** SipHash-2-4 under one key, for who hashes many strings with it. */
export class SipHasher {
  /** v0…v3 under the key before any input, low half before high half. */
  readonly #initial = new Int32Array(8);
  readonly #state = new Int32Array(8);

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
    const state = this.#state;
    const low = (state[0]! ^ state[2]! ^ state[4]! ^ state[6]!) >>> 0;
    const high = (state[1]! ^ state[3]! ^ state[5]! ^ state[7]!) >>> 0;
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** The low 48 bits of {@link hash}, as BIP152's short transaction ids have them: exact as a `number`. */
  hashLow48(bytes: Uint8Array): number {
    this.#run(bytes);
    const state = this.#state;
    const low = (state[0]! ^ state[2]! ^ state[4]! ^ state[6]!) >>> 0;
    const high = (state[1]! ^ state[3]! ^ state[5]! ^ state[7]!) & 0xffff;
    return high * 0x100000000 + low;
  }

  #run(bytes: Uint8Array): void {
    const state = this.#state;
    state.set(this.#initial);
    const size = bytes.length;
    const wholeEnd = size - (size % 8);
    for (let offset = 0; offset < wholeEnd; offset += 8) {
      absorb(state, littleEndianInt32(bytes, offset), littleEndianInt32(bytes, offset + 4));
    }
    // The last word: the bytes left over, and the length modulo 256 on top.
    let low = 0;
    let high = size << 24;
    for (let index = wholeEnd; index < size; index++) {
      const position = index - wholeEnd;
      if (position < 4) low |= bytes[index]! << (8 * position);
      else high |= bytes[index]! << (8 * (position - 4));
    }
    absorb(state, low, high);
    state[4]! ^= 0xff;
    rounds(state, 4);
  }
}

function littleEndianInt32(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24);
}

function absorb(state: Int32Array, low: number, high: number): void {
  state[6]! ^= low;
  state[7]! ^= high;
  rounds(state, 2);
  state[0]! ^= low;
  state[1]! ^= high;
}

/** `count` SipRounds. `l` and `h` are the low and high halves of each lane. */
function rounds(state: Int32Array, count: number): void {
  let [l0, h0, l1, h1] = [state[0]!, state[1]!, state[2]!, state[3]!];
  let [l2, h2, l3, h3] = [state[4]!, state[5]!, state[6]!, state[7]!];
  let turn = 0;
  for (let round = 0; round < count; round++) {
    // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
    let sum = (l0 >>> 0) + (l1 >>> 0);
    h0 = (h0 + h1 + (sum > 0xffffffff ? 1 : 0)) | 0;
    l0 = sum | 0;
    turn = ((l1 << 13) | (h1 >>> 19)) ^ l0;
    h1 = ((h1 << 13) | (l1 >>> 19)) ^ h0;
    l1 = turn;
    turn = l0;
    l0 = h0;
    h0 = turn;
    // v2 += v3; v3 = rotl(v3, 16) ^ v2
    sum = (l2 >>> 0) + (l3 >>> 0);
    h2 = (h2 + h3 + (sum > 0xffffffff ? 1 : 0)) | 0;
    l2 = sum | 0;
    turn = ((l3 << 16) | (h3 >>> 16)) ^ l2;
    h3 = ((h3 << 16) | (l3 >>> 16)) ^ h2;
    l3 = turn;
    // v0 += v3; v3 = rotl(v3, 21) ^ v0
    sum = (l0 >>> 0) + (l3 >>> 0);
    h0 = (h0 + h3 + (sum > 0xffffffff ? 1 : 0)) | 0;
    l0 = sum | 0;
    turn = ((l3 << 21) | (h3 >>> 11)) ^ l0;
    h3 = ((h3 << 21) | (l3 >>> 11)) ^ h0;
    l3 = turn;
    // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
    sum = (l2 >>> 0) + (l1 >>> 0);
    h2 = (h2 + h1 + (sum > 0xffffffff ? 1 : 0)) | 0;
    l2 = sum | 0;
    turn = ((l1 << 17) | (h1 >>> 15)) ^ l2;
    h1 = ((h1 << 17) | (l1 >>> 15)) ^ h2;
    l1 = turn;
    turn = l2;
    l2 = h2;
    h2 = turn;
  }
  state[0] = l0;
  state[1] = h0;
  state[2] = l1;
  state[3] = h1;
  state[4] = l2;
  state[5] = h2;
  state[6] = l3;
  state[7] = h3;
}

/** What one block of the message holds. */
const BLOCK_SIZE = 16;
const LIMB_COUNT = 6;
const LIMB_MASK = 0x3fffff;
/** One limb, as a factor: 2^22 and its inverse. */
const LIMB = 0x400000;
const LIMB_INVERSE = 1 / LIMB;
/** 2^132 modulo 2^130 - 5: what a carry out of the sixth limb is worth in the first. */
const FOLD = 20;
/** Bit 128, which a whole block has on top of its own, in the sixth limb (bits 110 to 131). */
const WHOLE_BLOCK_BIT = 1 << 18;
/** Bits of the sixth limb below 2^130. */
const TOP_LIMB_MASK = 0xfffff;

export const POLY1305_TAG_SIZE = 16;

/**
 * Poly1305 (RFC 8439, 2.5), fed in pieces. Numbers modulo 2^130 - 5 are six limbs of 22 bits in doubles: a sum of products
 * that stand at one place stays below 2^52, so double arithmetic is exact, and 36 products a block take no bigint.
 */
export class Poly1305 {
  readonly #multiplier: Float64Array;
  readonly #accumulator = new Float64Array(LIMB_COUNT);
  readonly #key: DataView;

  /** `key` has 32 bytes and authenticates one message only. */
  constructor(key: Uint8Array) {
    this.#key = new DataView(key.buffer, key.byteOffset, key.byteLength);
    const clamped = new DataView(new ArrayBuffer(BLOCK_SIZE));
    for (let index = 0; index < 4; index++) {
      clamped.setUint32(
        4 * index,
        this.#key.getUint32(4 * index, true) & (index === 0 ? 0x0fffffff : 0x0ffffffc),
        true,
      );
    }
    this.#multiplier = limbsOf(clamped);
  }

  /** Adds whole blocks of `bytes`, then the rest as the message's last, shorter block. Only the last call may have a rest. */
  update(bytes: Uint8Array): this {
    const restSize = bytes.length % BLOCK_SIZE;
    this.#absorb(bytes.subarray(0, bytes.length - restSize), WHOLE_BLOCK_BIT);
    if (restSize > 0) {
      const block = new Uint8Array(BLOCK_SIZE);
      block.set(bytes.subarray(bytes.length - restSize));
      block[restSize] = 1;
      this.#absorb(block, 0);
    }
    return this;
  }

  /** Adds `bytes` and zeros up to a multiple of 16 bytes, as the AEAD of RFC 8439 has its parts. */
  updatePadded(bytes: Uint8Array): this {
    const restSize = bytes.length % BLOCK_SIZE;
    this.#absorb(bytes.subarray(0, bytes.length - restSize), WHOLE_BLOCK_BIT);
    if (restSize > 0) {
      const block = new Uint8Array(BLOCK_SIZE);
      block.set(bytes.subarray(bytes.length - restSize));
      this.#absorb(block, WHOLE_BLOCK_BIT);
    }
    return this;
  }

  /** The tag, 16 bytes. Nothing can be added afterwards. */
  finish(): Uint8Array {
    const limbs = reduce(this.#accumulator);
    const [h0, h1, h2, h3, h4, h5] = [limbs[0]!, limbs[1]!, limbs[2]!, limbs[3]!, limbs[4]!, limbs[5]!];
    const words = [
      h0 | (h1 << 22),
      (h1 >>> 10) | (h2 << 12),
      (h2 >>> 20) | (h3 << 2) | (h4 << 24),
      (h4 >>> 8) | (h5 << 14),
    ];
    const tag = new Uint8Array(POLY1305_TAG_SIZE);
    const view = new DataView(tag.buffer);
    let carry = 0;
    for (const [index, word] of words.entries()) {
      const sum = (word >>> 0) + this.#key.getUint32(BLOCK_SIZE + 4 * index, true) + carry;
      view.setUint32(4 * index, sum, true);
      carry = sum > 0xffffffff ? 1 : 0;
    }
    return tag;
  }

  /** Adds each block of `bytes`, `topBit` in its sixth limb, and multiplies. */
  #absorb(bytes: Uint8Array, topBit: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const r = this.#multiplier;
    const [r0, r1, r2, r3, r4, r5] = [r[0]!, r[1]!, r[2]!, r[3]!, r[4]!, r[5]!];
    const [f1, f2, f3, f4, f5] = [FOLD * r1, FOLD * r2, FOLD * r3, FOLD * r4, FOLD * r5];
    const h = this.#accumulator;
    let [h0, h1, h2, h3, h4, h5] = [h[0]!, h[1]!, h[2]!, h[3]!, h[4]!, h[5]!];
    for (let offset = 0; offset < bytes.length; offset += BLOCK_SIZE) {
      const w0 = view.getInt32(offset, true);
      const w1 = view.getInt32(offset + 4, true);
      const w2 = view.getInt32(offset + 8, true);
      const w3 = view.getInt32(offset + 12, true);
      h0 += w0 & LIMB_MASK;
      h1 += ((w0 >>> 22) | (w1 << 10)) & LIMB_MASK;
      h2 += ((w1 >>> 12) | (w2 << 20)) & LIMB_MASK;
      h3 += (w2 >>> 2) & LIMB_MASK;
      h4 += ((w2 >>> 24) | (w3 << 8)) & LIMB_MASK;
      h5 += (w3 >>> 14) | topBit;
      const p0 = h0 * r0 + h1 * f5 + h2 * f4 + h3 * f3 + h4 * f2 + h5 * f1;
      const p1 = h0 * r1 + h1 * r0 + h2 * f5 + h3 * f4 + h4 * f3 + h5 * f2;
      const p2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * f5 + h4 * f4 + h5 * f3;
      const p3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * f5 + h5 * f4;
      const p4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * f5;
      const p5 = h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0;
      // Carries: around once, then into the second limb, which is left a few bits too large at most.
      let carry = Math.floor(p0 * LIMB_INVERSE);
      h0 = p0 - carry * LIMB;
      h1 = p1 + carry;
      carry = Math.floor(h1 * LIMB_INVERSE);
      h1 -= carry * LIMB;
      h2 = p2 + carry;
      carry = Math.floor(h2 * LIMB_INVERSE);
      h2 -= carry * LIMB;
      h3 = p3 + carry;
      carry = Math.floor(h3 * LIMB_INVERSE);
      h3 -= carry * LIMB;
      h4 = p4 + carry;
      carry = Math.floor(h4 * LIMB_INVERSE);
      h4 -= carry * LIMB;
      h5 = p5 + carry;
      carry = Math.floor(h5 * LIMB_INVERSE);
      h5 -= carry * LIMB;
      h0 += FOLD * carry;
      carry = Math.floor(h0 * LIMB_INVERSE);
      h0 -= carry * LIMB;
      h1 += carry;
    }
    h.set([h0, h1, h2, h3, h4, h5]);
  }
}

/** RFC 8439, 2.5: the tag, 16 bytes, of `message` under a one-time `key` of 32 bytes. */
export function poly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Poly1305(key).update(message).finish();
}

/** A little-endian number of 128 bits as limbs. */
function limbsOf(view: DataView): Float64Array {
  const [w0, w1] = [view.getInt32(0, true), view.getInt32(4, true)];
  const [w2, w3] = [view.getInt32(8, true), view.getInt32(12, true)];
  return Float64Array.of(
    w0 & LIMB_MASK,
    ((w0 >>> 22) | (w1 << 10)) & LIMB_MASK,
    ((w1 >>> 12) | (w2 << 20)) & LIMB_MASK,
    (w2 >>> 2) & LIMB_MASK,
    ((w2 >>> 24) | (w3 << 8)) & LIMB_MASK,
    w3 >>> 14,
  );
}

/** The one representative below 2^130 - 5, each limb below 2^22. */
function reduce(accumulator: Float64Array): Int32Array {
  const limbs = Int32Array.from(accumulator);
  foldTop(limbs);
  foldTop(limbs);
  // With 5 added, a number of 2^130 - 5 or more reaches 2^130.
  const less = limbs.slice();
  less[0]! += 5;
  carryUp(less);
  if (less[LIMB_COUNT - 1]! <= TOP_LIMB_MASK) return limbs;
  less[LIMB_COUNT - 1]! &= TOP_LIMB_MASK;
  return less;
}

/** Brings what is at 2^130 and above back down, five times. */
function foldTop(limbs: Int32Array): void {
  carryUp(limbs);
  const above = limbs[LIMB_COUNT - 1]! >>> 20;
  limbs[LIMB_COUNT - 1]! &= TOP_LIMB_MASK;
  limbs[0]! += 5 * above;
}

/** Leaves less than 2^22 in every limb but the last. */
function carryUp(limbs: Int32Array): void {
  for (let index = 0; index < LIMB_COUNT - 1; index++) {
    limbs[index + 1]! += limbs[index]! >>> 22;
    limbs[index]! &= LIMB_MASK;
  }
}

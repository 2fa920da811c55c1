/** "expand 32-byte k" (RFC 8439). */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const BLOCK_WORDS = 16;

/** Bytes of keystream that one block gives. */
export const CHACHA20_BLOCK_SIZE = 64;
export const CHACHA20_KEY_SIZE = 32;
export const CHACHA20_NONCE_SIZE = 12;

const DOUBLE_ROUNDS = 10;
const ZERO_NONCE = new Uint8Array(CHACHA20_NONCE_SIZE);

/** RFC 8439: the ChaCha20 keystream of `key` (32 bytes) and `nonce` (12 bytes, else zeros) from block 0 on, 64 bytes a block. */
export function chaCha20Keystream(key: Uint8Array, blockCount: number, nonce: Uint8Array = ZERO_NONCE): Uint8Array {
  const keystream = new Uint8Array(blockCount * CHACHA20_BLOCK_SIZE);
  chaCha20Xor(key, nonce, 0, keystream);
  return keystream;
}

/**
 * RFC 8439: encrypts or decrypts `bytes` where they stand, with the keystream of `key` (32 bytes) and `nonce` (12 bytes)
 * from block `firstBlock` on. `bytes` are the caller's own.
 */
export function chaCha20Xor(key: Uint8Array, nonce: Uint8Array, firstBlock: number, bytes: Uint8Array): void {
  const initial = initialState(key, nonce);
  const keystream = new Int32Array(BLOCK_WORDS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wholeSize = bytes.length - (bytes.length % CHACHA20_BLOCK_SIZE);
  initial[12] = firstBlock;
  for (let start = 0; start < wholeSize; start += CHACHA20_BLOCK_SIZE) {
    block(initial, keystream);
    for (let index = 0; index < BLOCK_WORDS; index++) {
      const offset = start + 4 * index;
      view.setInt32(offset, view.getInt32(offset, true) ^ keystream[index]!, true);
    }
    initial[12]!++;
  }
  if (wholeSize === bytes.length) return;
  block(initial, keystream);
  for (let offset = wholeSize; offset < bytes.length; offset++) {
    const index = offset - wholeSize;
    bytes[offset]! ^= keystream[index >> 2]! >>> (8 * (index & 3));
  }
}

/** What the rounds begin with; word 12, the block's number, is zero. */
function initialState(key: Uint8Array, nonce: Uint8Array): Int32Array {
  const keyView = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const nonceView = new DataView(nonce.buffer, nonce.byteOffset, nonce.byteLength);
  const initial = new Int32Array(BLOCK_WORDS);
  initial.set(SIGMA);
  for (let index = 0; index < 8; index++) initial[4 + index] = keyView.getInt32(4 * index, true);
  for (let index = 0; index < 3; index++) initial[13 + index] = nonceView.getInt32(4 * index, true);
  return initial;
}

/** The block function: the sixteen words of keystream that `initial` gives. */
function block(initial: Int32Array, keystream: Int32Array): void {
  // In sixteen variables, which the engine keeps in registers, not in the array.
  let x0 = initial[0]!;
  let x1 = initial[1]!;
  let x2 = initial[2]!;
  let x3 = initial[3]!;
  let x4 = initial[4]!;
  let x5 = initial[5]!;
  let x6 = initial[6]!;
  let x7 = initial[7]!;
  let x8 = initial[8]!;
  let x9 = initial[9]!;
  let x10 = initial[10]!;
  let x11 = initial[11]!;
  let x12 = initial[12]!;
  let x13 = initial[13]!;
  let x14 = initial[14]!;
  let x15 = initial[15]!;
  for (let round = 0; round < DOUBLE_ROUNDS; round++) {
    // Columns.
    x0 = (x0 + x4) | 0;
    x12 = rotateLeft(x12 ^ x0, 16);
    x8 = (x8 + x12) | 0;
    x4 = rotateLeft(x4 ^ x8, 12);
    x0 = (x0 + x4) | 0;
    x12 = rotateLeft(x12 ^ x0, 8);
    x8 = (x8 + x12) | 0;
    x4 = rotateLeft(x4 ^ x8, 7);
    x1 = (x1 + x5) | 0;
    x13 = rotateLeft(x13 ^ x1, 16);
    x9 = (x9 + x13) | 0;
    x5 = rotateLeft(x5 ^ x9, 12);
    x1 = (x1 + x5) | 0;
    x13 = rotateLeft(x13 ^ x1, 8);
    x9 = (x9 + x13) | 0;
    x5 = rotateLeft(x5 ^ x9, 7);
    x2 = (x2 + x6) | 0;
    x14 = rotateLeft(x14 ^ x2, 16);
    x10 = (x10 + x14) | 0;
    x6 = rotateLeft(x6 ^ x10, 12);
    x2 = (x2 + x6) | 0;
    x14 = rotateLeft(x14 ^ x2, 8);
    x10 = (x10 + x14) | 0;
    x6 = rotateLeft(x6 ^ x10, 7);
    x3 = (x3 + x7) | 0;
    x15 = rotateLeft(x15 ^ x3, 16);
    x11 = (x11 + x15) | 0;
    x7 = rotateLeft(x7 ^ x11, 12);
    x3 = (x3 + x7) | 0;
    x15 = rotateLeft(x15 ^ x3, 8);
    x11 = (x11 + x15) | 0;
    x7 = rotateLeft(x7 ^ x11, 7);
    // Diagonals.
    x0 = (x0 + x5) | 0;
    x15 = rotateLeft(x15 ^ x0, 16);
    x10 = (x10 + x15) | 0;
    x5 = rotateLeft(x5 ^ x10, 12);
    x0 = (x0 + x5) | 0;
    x15 = rotateLeft(x15 ^ x0, 8);
    x10 = (x10 + x15) | 0;
    x5 = rotateLeft(x5 ^ x10, 7);
    x1 = (x1 + x6) | 0;
    x12 = rotateLeft(x12 ^ x1, 16);
    x11 = (x11 + x12) | 0;
    x6 = rotateLeft(x6 ^ x11, 12);
    x1 = (x1 + x6) | 0;
    x12 = rotateLeft(x12 ^ x1, 8);
    x11 = (x11 + x12) | 0;
    x6 = rotateLeft(x6 ^ x11, 7);
    x2 = (x2 + x7) | 0;
    x13 = rotateLeft(x13 ^ x2, 16);
    x8 = (x8 + x13) | 0;
    x7 = rotateLeft(x7 ^ x8, 12);
    x2 = (x2 + x7) | 0;
    x13 = rotateLeft(x13 ^ x2, 8);
    x8 = (x8 + x13) | 0;
    x7 = rotateLeft(x7 ^ x8, 7);
    x3 = (x3 + x4) | 0;
    x14 = rotateLeft(x14 ^ x3, 16);
    x9 = (x9 + x14) | 0;
    x4 = rotateLeft(x4 ^ x9, 12);
    x3 = (x3 + x4) | 0;
    x14 = rotateLeft(x14 ^ x3, 8);
    x9 = (x9 + x14) | 0;
    x4 = rotateLeft(x4 ^ x9, 7);
  }
  keystream[0] = x0 + initial[0]!;
  keystream[1] = x1 + initial[1]!;
  keystream[2] = x2 + initial[2]!;
  keystream[3] = x3 + initial[3]!;
  keystream[4] = x4 + initial[4]!;
  keystream[5] = x5 + initial[5]!;
  keystream[6] = x6 + initial[6]!;
  keystream[7] = x7 + initial[7]!;
  keystream[8] = x8 + initial[8]!;
  keystream[9] = x9 + initial[9]!;
  keystream[10] = x10 + initial[10]!;
  keystream[11] = x11 + initial[11]!;
  keystream[12] = x12 + initial[12]!;
  keystream[13] = x13 + initial[13]!;
  keystream[14] = x14 + initial[14]!;
  keystream[15] = x15 + initial[15]!;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

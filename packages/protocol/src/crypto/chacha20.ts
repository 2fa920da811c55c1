/** "expand 32-byte k" (RFC 8439). */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const BLOCK_WORDS = 16;

/** Word positions of the four column and the four diagonal quarter rounds. */
const QUARTER_ROUNDS = [
  ...[0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  ...[0, 5, 10, 15, 1, 6, 11, 12, 2, 7, 8, 13, 3, 4, 9, 14],
];
const DOUBLE_ROUNDS = 10;

/** RFC 8439: the ChaCha20 keystream of `key` (32 bytes) under a zero nonce from block 0 on, 64 bytes a block. */
export function chaCha20Keystream(key: Uint8Array, blockCount: number): Uint8Array {
  const keystream = new Uint8Array(blockCount * BLOCK_WORDS * 4);
  const output = new DataView(keystream.buffer);
  const keyView = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const initial = new Int32Array(BLOCK_WORDS);
  initial.set(SIGMA);
  for (let index = 0; index < 8; index++) initial[4 + index] = keyView.getInt32(4 * index, true);
  const state = new Int32Array(BLOCK_WORDS);
  for (let block = 0; block < blockCount; block++) {
    initial[12] = block;
    state.set(initial);
    permute(state);
    for (let index = 0; index < BLOCK_WORDS; index++) {
      output.setInt32(4 * (block * BLOCK_WORDS + index), state[index]! + initial[index]!, true);
    }
  }
  return keystream;
}

function permute(state: Int32Array): void {
  for (let round = 0; round < DOUBLE_ROUNDS; round++) {
    for (let position = 0; position < QUARTER_ROUNDS.length; position += 4) {
      const ia = QUARTER_ROUNDS[position]!;
      const ib = QUARTER_ROUNDS[position + 1]!;
      const ic = QUARTER_ROUNDS[position + 2]!;
      const id = QUARTER_ROUNDS[position + 3]!;
      let a = state[ia]!;
      let b = state[ib]!;
      let c = state[ic]!;
      let d = state[id]!;
      a = (a + b) | 0;
      d = rotateLeft(d ^ a, 16);
      c = (c + d) | 0;
      b = rotateLeft(b ^ c, 12);
      a = (a + b) | 0;
      d = rotateLeft(d ^ a, 8);
      c = (c + d) | 0;
      b = rotateLeft(b ^ c, 7);
      state[ia] = a;
      state[ib] = b;
      state[ic] = c;
      state[id] = d;
    }
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

import {
  type FunctionBuilder,
  I32_WORDS,
  I32X4_WORDS,
  i32,
  laneOf,
  lessThan,
  load32,
  load128,
  loadLanes,
  ModuleBuilder,
  shiftLeft,
  subtract,
  swapBytes,
  swapBytesOfLanes,
  type Value,
  type ValueType,
  type WordArithmetic,
} from "./emitter.ts";
import { INPUT_OFFSET, LANE_MESSAGE_OFFSET, LANE_STATE_OFFSET, MEMORY_PAGES, STATE_OFFSET } from "./layout.ts";
import { compressRipemd160, RIPEMD160_INITIAL_STATE } from "./ripemd160-code.ts";
import { blockOfDigest, compressSha256, paddingAfter64Bytes, SHA256_INITIAL_STATE } from "./sha256-code.ts";

const BLOCK_SIZE = 64;
const PAIR_LANES = 4;
const STATE = i32(STATE_OFFSET);
const LANE_STATE = i32(LANE_STATE_OFFSET);
const LANE_MESSAGE = i32(LANE_MESSAGE_OFFSET);
const INPUT = i32(INPUT_OFFSET);
const { add, constant } = I32_WORDS;
const ZERO = constant(0);

/**
 * The WebAssembly module behind `crypto/hash.ts`. Input lies at `INPUT_OFFSET`, the chaining state and afterwards the
 * digest at `STATE_OFFSET`. `npx tsx scripts/generate-hash-module.ts` writes its bytes to `crypto/generated`.
 *
 * - `reset()` sets SHA-256's initial state
 * - `update(blockCount)` compresses whole blocks of the input
 * - `finish(size, sizeBefore)` hashes the last `size` bytes, with what came before counted into the length
 * - `sha256(size)`, `sha256d(size)`, `hash160(size)`, `ripemd160(size)` hash the input whole
 * - `finishDouble(size, sizeBefore)` is `finish` and the second of the two hashes of sha256d
 * - `sha256dPairs(count)` replaces each 64 bytes of input by their sha256d, 32 bytes each, joined
 */
export function hashModule(): Uint8Array {
  const module = new ModuleBuilder(MEMORY_PAGES);

  const compress = module.function(undefined, 1, (fn, address) => {
    const message = wordsAt(address, 16).map(swapBytes);
    const chaining = wordsAt(STATE, 8).map((word) => fn.keep(word));
    store(fn, STATE, compressSha256(I32_WORDS, fn, message, chaining));
  });

  /** The state, as words of a digest, becomes the SHA-256 of that digest. */
  const compressDigest = module.function(undefined, 0, (fn) => {
    const message = blockOfDigest(I32_WORDS, wordsAt(STATE, 8));
    store(fn, STATE, compressSha256(I32_WORDS, fn, message, constants(I32_WORDS, SHA256_INITIAL_STATE)));
  });

  /** Big-endian words of the state to bytes, and back: the same exchange. */
  const swapState = module.function(undefined, 0, (fn) => store(fn, STATE, wordsAt(STATE, 8).map(swapBytes)));

  const reset = module.function("reset", 0, (fn) => store(fn, STATE, constants(I32_WORDS, SHA256_INITIAL_STATE)));

  const updateTo = module.function(undefined, 1, (fn, end) => {
    const address = fn.local("i32");
    fn.set(address, INPUT);
    fn.while(lessThan(address, end), () => {
      fn.call(compress, address);
      fn.set(address, add(address, constant(BLOCK_SIZE)));
    });
  });

  module.function("update", 1, (fn, blockCount) => fn.call(updateTo, add(INPUT, shiftLeft(blockCount, 6))));

  /** All but the exchange of bytes at the end. */
  const finishWords = module.function(undefined, 2, (fn, size, sizeBefore) => {
    const total = fn.keep(add(size, sizeBefore));
    const end = writePadding(fn, size, (lengthAddress) => {
      fn.store32(lengthAddress, 0, swapBytes(I32_WORDS.shiftRight(total, 29)));
      fn.store32(lengthAddress, 4, swapBytes(fn.keep(shiftLeft(total, 3))));
    });
    fn.call(updateTo, end);
  });

  const finish = module.function("finish", 2, (fn, size, sizeBefore) => {
    fn.call(finishWords, size, sizeBefore);
    fn.call(swapState);
  });

  const finishDouble = module.function("finishDouble", 2, (fn, size, sizeBefore) => {
    fn.call(finishWords, size, sizeBefore);
    fn.call(compressDigest);
    fn.call(swapState);
  });

  const sha256 = module.function("sha256", 1, (fn, size) => {
    fn.call(reset);
    fn.call(finish, size, ZERO);
  });

  module.function("sha256d", 1, (fn, size) => {
    fn.call(reset);
    fn.call(finishDouble, size, ZERO);
  });

  const compressRipemd = module.function(undefined, 1, (fn, address) => {
    const chaining = wordsAt(STATE, 5).map((word) => fn.keep(word));
    store(fn, STATE, compressRipemd160(fn, wordsAt(address, 16), chaining));
  });

  const ripemd160 = module.function("ripemd160", 1, (fn, size) => {
    store(fn, STATE, constants(I32_WORDS, RIPEMD160_INITIAL_STATE));
    const end = writePadding(fn, size, (lengthAddress) => {
      fn.store32(lengthAddress, 0, shiftLeft(size, 3));
      fn.store32(lengthAddress, 4, I32_WORDS.shiftRight(size, 29));
    });
    const address = fn.local("i32");
    fn.set(address, INPUT);
    fn.while(lessThan(address, end), () => {
      fn.call(compressRipemd, address);
      fn.set(address, add(address, constant(BLOCK_SIZE)));
    });
  });

  module.function("hash160", 1, (fn, size) => {
    fn.call(sha256, size);
    store(fn, INPUT, wordsAt(STATE, 8));
    fn.call(ripemd160, constant(32));
  });

  const compressPadding = module.function(undefined, 0, (fn) => {
    const chaining = wordsAt(STATE, 8).map((word) => fn.keep(word));
    store(fn, STATE, compressSha256(I32_WORDS, fn, paddingAfter64Bytes(I32_WORDS), chaining));
  });

  const pair = module.function(undefined, 2, (fn, from, to) => {
    fn.call(reset);
    fn.call(compress, from);
    fn.call(compressPadding);
    fn.call(compressDigest);
    store(fn, to, wordsAt(STATE, 8).map(swapBytes));
  });

  const compressLanes = module.function(undefined, 0, (fn) => {
    const chaining = vectorsAt(LANE_STATE, 8).map((word) => fn.keep(word));
    storeVectors(fn, LANE_STATE, compressSha256(I32X4_WORDS, fn, vectorsAt(LANE_MESSAGE, 16), chaining));
  });

  const fourPairs = module.function(undefined, 2, (fn, from, to) => {
    const initial = constants(I32X4_WORDS, SHA256_INITIAL_STATE);
    storeVectors(fn, LANE_STATE, initial);
    for (let word = 0; word < 16; word++) {
      const lanes = fn.keep(loadLanes(from, 4 * word, BLOCK_SIZE));
      fn.store128(LANE_MESSAGE, 16 * word, swapBytesOfLanes(lanes));
    }
    fn.call(compressLanes);
    storeVectors(fn, LANE_MESSAGE, paddingAfter64Bytes(I32X4_WORDS));
    fn.call(compressLanes);
    storeVectors(fn, LANE_MESSAGE, blockOfDigest(I32X4_WORDS, vectorsAt(LANE_STATE, 8)));
    storeVectors(fn, LANE_STATE, initial);
    fn.call(compressLanes);
    vectorsAt(LANE_STATE, 8).forEach((word, index) => {
      const bytes = fn.keep(swapBytesOfLanes(word));
      for (let lane = 0; lane < PAIR_LANES; lane++) fn.store32(to, 32 * lane + 4 * index, laneOf(bytes, lane));
    });
  });

  module.function("sha256dPairs", 1, (fn, count) => {
    // In place: a digest is written where pairs lie that have been read already.
    const from = fn.local("i32");
    const to = fn.local("i32");
    const end = fn.keep(add(INPUT, shiftLeft(count, 6)));
    fn.set(from, INPUT);
    fn.set(to, INPUT);
    const step = (callee: typeof pair, pairs: number) => () => {
      fn.call(callee, from, to);
      fn.set(from, add(from, constant(BLOCK_SIZE * pairs)));
      fn.set(to, add(to, constant(32 * pairs)));
    };
    fn.while(lessThan(add(from, constant(BLOCK_SIZE * PAIR_LANES - 1)), end), step(fourPairs, PAIR_LANES));
    fn.while(lessThan(from, end), step(pair, 1));
  });

  return module.encode();
}

function wordsAt(address: Value, count: number): Value[] {
  return Array.from({ length: count }, (_, index) => load32(address, 4 * index));
}

function vectorsAt(address: Value, count: number): Value<"v128">[] {
  return Array.from({ length: count }, (_, index) => load128(address, 16 * index));
}

function storeVectors(fn: FunctionBuilder, address: Value, values: readonly Value<"v128">[]): void {
  values.forEach((value, index) => {
    fn.store128(address, 16 * index, value);
  });
}

function constants<T extends ValueType>(words: WordArithmetic<T>, values: readonly number[]): Value<T>[] {
  return values.map((value) => words.constant(value));
}

function store(fn: FunctionBuilder, address: Value, values: readonly Value[]): void {
  values.forEach((value, index) => {
    fn.store32(address, 4 * index, value);
  });
}

/**
 * Puts the bit 1 and zeros behind `size` bytes of input up to a whole block whose last eight bytes `writeLength` fills.
 * Returns the address behind the block. The memory keeps room for it behind the largest input.
 */
function writePadding(fn: FunctionBuilder, size: Value, writeLength: (address: Value) => void): Value {
  const tail = fn.keep(add(INPUT, size));
  for (let offset = 0; offset < 2 * BLOCK_SIZE; offset += 8) fn.clear64(tail, offset);
  fn.store8(tail, 0, constant(0x80));
  // One byte for the bit, eight for the length, rounded up to whole blocks.
  const paddedSize = I32_WORDS.and(add(size, constant(1 + 8 + BLOCK_SIZE - 1)), constant(-BLOCK_SIZE));
  const end = fn.keep(add(INPUT, paddedSize));
  writeLength(fn.keep(subtract(end, constant(8))));
  return end;
}

import {
  anyLessOrEqual,
  I32_WORDS,
  I32X4_WORDS,
  i32,
  isZero,
  lanes,
  lessOrEqual,
  lessThan,
  load32,
  ModuleBuilder,
  spread,
  subtract,
  swapBytes,
  swapBytesOfLanes,
  type Value,
  type ValueType,
  type WordArithmetic,
} from "./emitter.ts";
import {
  FOUND_OFFSET,
  HEADER_OFFSET,
  MIDSTATE_OFFSET,
  MINING_MEMORY_PAGES,
  NEXT_NONCE_OFFSET,
  TAIL_OFFSET,
} from "./mining-layout.ts";
import { blockOfDigest, compressSha256, lastWordOfSha256, SHA256_INITIAL_STATE } from "./sha256-code.ts";

/** Bits of a header, as the padding of its hash counts them. */
const HEADER_BITS = 640;
const MESSAGE_WORDS = 16;
const TAIL_WORDS = 3;

/** What differs between the search with one nonce at a time and the one with four. */
interface Width<T extends ValueType> {
  readonly words: WordArithmetic<T>;
  readonly lanes: number;
  readonly spread: (word: Value) => Value<T>;
  /** What is added to a nonce for each lane. */
  readonly steps: Value<T>;
  readonly swapBytes: (value: Value<T>) => Value<T>;
  /** Not zero where any lane of the first is at most that of the second. */
  readonly anyAtMost: (a: Value<T>, b: Value<T>) => Value;
}

const ONE_LANE: Width<"i32"> = {
  words: I32_WORDS,
  lanes: 1,
  spread: (word) => word,
  steps: I32_WORDS.constant(0),
  swapBytes,
  anyAtMost: lessOrEqual,
};

const FOUR_LANES: Width<"v128"> = {
  words: I32X4_WORDS,
  lanes: 4,
  spread,
  steps: lanes(0, 1, 2, 3),
  swapBytes: swapBytesOfLanes,
  anyAtMost: anyLessOrEqual,
};

/**
 * The WebAssembly module that looks for nonces, with four lanes side by side or, for engines without SIMD, one at a time.
 *
 * - `begin()` hashes the first 64 bytes of the header at `HEADER_OFFSET`, which no nonce changes
 * - `search(nonce, groupCount, topTarget)` tries so many groups of nonces, one for each lane, from `nonce` on, and ends behind
 *   the first group in which the first 32 bits of a hash, read as a number, are at most `topTarget`: `FOUND_OFFSET` is then not 0
 */
export function miningModule(laneCount: 1 | 4): Uint8Array {
  const module = new ModuleBuilder(MINING_MEMORY_PAGES);
  module.function("begin", 0, (fn) => {
    const header = i32(HEADER_OFFSET);
    const message = wordsAt(header, 0, MESSAGE_WORDS).map(swapBytes);
    const initial = SHA256_INITIAL_STATE.map((word) => I32_WORDS.constant(word));
    const midstate = compressSha256(I32_WORDS, fn, message, initial);
    for (const [index, word] of midstate.entries()) fn.store32(i32(MIDSTATE_OFFSET), 4 * index, word);
    const tail = wordsAt(header, 4 * MESSAGE_WORDS, TAIL_WORDS).map((word) => swapBytes(fn.keep(word)));
    for (const [index, word] of tail.entries()) fn.store32(i32(TAIL_OFFSET), 4 * index, word);
  });
  if (laneCount === 1) addSearch(module, ONE_LANE);
  else addSearch(module, FOUR_LANES);
  return module.encode();
}

function addSearch<T extends ValueType>(module: ModuleBuilder, width: Width<T>): void {
  const { words } = width;
  module.function("search", 3, (fn, nonce, groupCount, topTarget) => {
    const midstate = wordsAt(i32(MIDSTATE_OFFSET), 0, 8).map((word) => fn.keep(width.spread(word)));
    const tail = wordsAt(i32(TAIL_OFFSET), 0, TAIL_WORDS).map((word) => fn.keep(width.spread(word)));
    const most = fn.keep(width.spread(topTarget));
    const found = fn.local("i32");
    fn.while(I32_WORDS.and(lessThan(i32(0), groupCount), isZero(found)), () => {
      const nonces = fn.keep(words.add(width.spread(nonce), width.steps));
      const padding = [0x80000000, ...Array.from({ length: 10 }, () => 0), HEADER_BITS].map(words.constant);
      const first = compressSha256(words, fn, [...tail, width.swapBytes(nonces), ...padding], midstate);
      const initial = SHA256_INITIAL_STATE.map(words.constant);
      const last = fn.keep(lastWordOfSha256(words, fn, blockOfDigest(words, first), initial));
      fn.set(found, width.anyAtMost(width.swapBytes(last), most));
      fn.set(nonce, I32_WORDS.add(nonce, i32(width.lanes)));
      fn.set(groupCount, subtract(groupCount, i32(1)));
    });
    fn.store32(i32(FOUND_OFFSET), 0, found);
    fn.store32(i32(NEXT_NONCE_OFFSET), 0, nonce);
  });
}

function wordsAt(address: Value, offset: number, count: number): Value[] {
  return Array.from({ length: count }, (_, index) => load32(address, offset + 4 * index));
}

import { murmur3 } from "./murmur3.ts";

const HASH_FUNCTIONS_MAX = 50;
/** Keeps the seeds of the two hash functions far apart, as in BIP37. */
const SEED_STEP = 0xfba4c795;
/** A position has two bits, in the same place of two neighbouring words, and generations are numbered 1 to 3. */
const GENERATION_LAST = 3;
const WORD_BITS = 32;

/**
 * Remembers at least the last `capacity` byte strings it was given, and at most half as many more, in fixed memory: what a
 * node already has, or has refused. It says yes wrongly at most at the given rate; to one of the last `capacity` never no.
 *
 * Strings are counted in generations of half the capacity. Where a string's hashes point, the number of its generation is
 * written; when a fourth would begin, the oldest is wiped and its number used again.
 */
export class RollingFilter {
  readonly #hashFunctionCount: number;
  readonly #generationSize: number;
  /** In pairs: the low bits of 32 positions, then their high bits. Not there before anything is inserted, as with most peers' filters. */
  #words: Uint32Array | undefined;
  readonly #pairCount: number;
  #tweak: number;
  #generation = 1;
  #generationCount = 0;

  /** `tweak` is any 32-bit number that others cannot guess, so that nobody can make strings that collide. */
  constructor(capacity: number, falsePositiveRate: number, tweak: number) {
    const logRate = Math.log(falsePositiveRate);
    const functionCount = Math.round(logRate / Math.log(0.5));
    this.#hashFunctionCount = Math.max(1, Math.min(functionCount, HASH_FUNCTIONS_MAX));
    this.#generationSize = Math.ceil(capacity / 2);
    const countMax = this.#generationSize * GENERATION_LAST;
    const share = 1 - Math.exp(logRate / this.#hashFunctionCount);
    const bits = Math.ceil((-this.#hashFunctionCount * countMax) / Math.log(share));
    this.#pairCount = Math.ceil(bits / WORD_BITS);
    this.#tweak = tweak;
  }

  /** Bytes of memory that it takes once anything was inserted. */
  get sizeBytes(): number {
    return 2 * this.#pairCount * Uint32Array.BYTES_PER_ELEMENT;
  }

  insert(bytes: Uint8Array): void {
    this.#words ??= new Uint32Array(2 * this.#pairCount);
    const words = this.#words;
    if (this.#generationCount === this.#generationSize) this.#beginGeneration(words);
    this.#generationCount++;
    const low = this.#generation & 1;
    const high = this.#generation >>> 1;
    const hashes = this.#hashes(bytes);
    for (let index = 0; index < this.#hashFunctionCount; index++) {
      const hash = hashes.next();
      const word = this.#wordOf(hash);
      const bit = hash % WORD_BITS;
      const others = ~(1 << bit);
      words[word] = (words[word]! & others) | (low << bit);
      words[word + 1] = (words[word + 1]! & others) | (high << bit);
    }
  }

  contains(bytes: Uint8Array): boolean {
    const words = this.#words;
    if (words === undefined) return false;
    const hashes = this.#hashes(bytes);
    for (let index = 0; index < this.#hashFunctionCount; index++) {
      const hash = hashes.next();
      const word = this.#wordOf(hash);
      if ((((words[word]! | words[word + 1]!) >>> (hash % WORD_BITS)) & 1) === 0) return false;
    }
    return true;
  }

  /** Forgets everything, under a new tweak. */
  reset(tweak: number): void {
    this.#tweak = tweak;
    this.#generation = 1;
    this.#generationCount = 0;
    this.#words = undefined;
  }

  #hashes(bytes: Uint8Array): HashSequence {
    return new HashSequence(murmur3(this.#tweak, bytes), murmur3((this.#tweak + SEED_STEP) | 0, bytes));
  }

  /** The pair of words by the hash's upper bits; its lower ones choose the bit. */
  #wordOf(hash: number): number {
    return 2 * Math.floor((hash * this.#pairCount) / 0x1_0000_0000);
  }

  /** Goes on to the next number and wipes what was written under it. */
  #beginGeneration(words: Uint32Array): void {
    this.#generationCount = 0;
    this.#generation = (this.#generation % GENERATION_LAST) + 1;
    const low = -(this.#generation & 1);
    const high = -(this.#generation >>> 1);
    for (let word = 0; word < words.length; word += 2) {
      const kept = (words[word]! ^ low) | (words[word + 1]! ^ high);
      words[word]! &= kept;
      words[word + 1]! &= kept;
    }
  }
}

/**
 * As many hashes of a string as are wanted, made of two (double hashing after Dillinger and Manolios, 2004): the false positives
 * are as rare as with independent ones, at a tenth of the time.
 */
class HashSequence {
  #hash: number;
  #step: number;
  #count = 0;

  constructor(hash: number, step: number) {
    this.#hash = hash | 0;
    this.#step = step | 0;
  }

  /** An unsigned 32-bit number. */
  next(): number {
    const hash = this.#hash >>> 0;
    this.#hash = (this.#hash + this.#step) | 0;
    this.#step = (this.#step + ++this.#count) | 0;
    return hash;
  }
}

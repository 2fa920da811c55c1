/** Where chance comes from. Whether it is good enough to hide what is change is up to whoever hands it in. */
export interface RandomSource {
  /** Uniform in [0, 1). */
  unit(): number;
}

/** A whole number in [0, bound). */
export function randomBelow(random: RandomSource, bound: number): number {
  return Math.floor(random.unit() * bound);
}

/** The same items in random order (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: RandomSource): Item[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = randomBelow(random, index + 1);
    const item = result[index]!;
    result[index] = result[other]!;
    result[other] = item;
  }
  return result;
}

const BITS_OF_A_WORD = 32;

/**
 * Many coin tosses from little chance: Marsaglia's xorshift, begun from `random`. For searches that take millions of them and keep
 * no secret with them.
 */
export function coinTosses(random: RandomSource): () => boolean {
  let state = randomBelow(random, 0xffff_ffff) + 1;
  let left = 0;
  let word = 0;
  return () => {
    if (left === 0) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      word = state;
      left = BITS_OF_A_WORD;
    }
    const isHeads = (word & 1) !== 0;
    word >>>= 1;
    left--;
    return isHeads;
  };
}

import type { FunctionBuilder, Value, ValueType, WordArithmetic } from "./emitter.ts";

/** FIPS 180-4, section 4.2.2: from the cube roots of the first 64 primes. */
const ROUND_CONSTANTS: readonly number[] = firstPrimes(64).map((prime) => fractionBits(prime, 3n));

/** FIPS 180-4, section 5.3.3: from the square roots of the first eight primes. */
export const SHA256_INITIAL_STATE: readonly number[] = firstPrimes(8).map((prime) => fractionBits(prime, 2n));

/** Rounds behind which the last of the eight words is what it will be: the rest of the rounds only hand it on. */
const ROUNDS_OF_LAST_WORD = 61;

/**
 * Writes the compression of one block: 64 unrolled rounds over the 16 words of `message`, and the feed-forward into
 * `chaining`. Returns the eight new words. What is constant in `message` (padding) costs nothing at run time.
 */
export function compressSha256<T extends ValueType>(
  words: WordArithmetic<T>,
  fn: FunctionBuilder,
  message: readonly Value<T>[],
  chaining: readonly Value<T>[],
): Value<T>[] {
  const working = writeRounds(words, fn, message, chaining, ROUND_CONSTANTS.length);
  return working.map((word, index) => words.add(word, chaining[index]!));
}

/** The last word alone of {@link compressSha256}, for whoever compares it first: a few rounds less. */
export function lastWordOfSha256<T extends ValueType>(
  words: WordArithmetic<T>,
  fn: FunctionBuilder,
  message: readonly Value<T>[],
  chaining: readonly Value<T>[],
): Value<T> {
  const working = writeRounds(words, fn, message, chaining, ROUNDS_OF_LAST_WORD);
  return words.add(working[7]!, chaining[7]!);
}

/** The eight working variables, in the places that they have after all rounds. */
function writeRounds<T extends ValueType>(
  words: WordArithmetic<T>,
  fn: FunctionBuilder,
  message: readonly Value<T>[],
  chaining: readonly Value<T>[],
  roundCount: number,
): Value<T>[] {
  const { add, xor, and, rotateRight, shiftRight } = words;
  const schedule = message.map((word) => fn.keep(word));
  // The working variables change places by name: no word is moved between rounds.
  const working = chaining.map((word) => {
    const local = fn.local(words.type);
    fn.set(local, word);
    return local;
  });
  for (let round = 0; round < roundCount; round++) {
    const variable = (position: number) => working[(position + 64 - round) % 8]!;
    const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(variable) as EightOf<T>;
    const word = round < 16 ? schedule[round]! : expandedWord(round);
    const choice = xor(g, and(e, xor(f, g)));
    const majority = xor(and(a, b), and(c, xor(a, b)));
    const sum1 = xor(rotateRight(e, 6), rotateRight(e, 11), rotateRight(e, 25));
    const sum0 = xor(rotateRight(a, 2), rotateRight(a, 13), rotateRight(a, 22));
    fn.set(h, add(h, add(words.constant(ROUND_CONSTANTS[round]!), word), choice, sum1));
    fn.set(d, add(d, h));
    fn.set(h, add(h, majority, sum0));
  }
  return working;

  /** Word `round` of the message schedule, in the place of the word sixteen rounds before it. */
  function expandedWord(round: number): Value<T> {
    const back = (distance: number) => schedule[(round - distance) % 16]!;
    const near = back(2);
    const far = back(15);
    const sigma1 = xor(rotateRight(near, 17), rotateRight(near, 19), shiftRight(near, 10));
    const sigma0 = xor(rotateRight(far, 7), rotateRight(far, 18), shiftRight(far, 3));
    const constants = [sigma1, back(7), sigma0, back(16)].filter((part) => part.constant !== undefined);
    const variables = [sigma1, back(7), sigma0, back(16)].filter((part) => part.constant === undefined);
    const word = add(words.constant(0), ...constants, ...variables);
    if (word.constant !== undefined) {
      schedule[round % 16] = word;
    } else {
      const old = schedule[round % 16]!;
      const local = old.constant === undefined ? old : fn.local(words.type);
      fn.set(local, word);
      schedule[round % 16] = local;
    }
    return schedule[round % 16]!;
  }
}

type EightOf<T extends ValueType> = [
  ...[Value<T>, Value<T>, Value<T>, Value<T>],
  ...[Value<T>, Value<T>, Value<T>, Value<T>],
];

/** The block that follows a 64-byte message: nothing but padding. */
export function paddingAfter64Bytes<T extends ValueType>(words: WordArithmetic<T>): Value<T>[] {
  return [0x80000000, ...Array.from({ length: 14 }, () => 0), 512].map((word) => words.constant(word));
}

/** The only block of a 32-byte message: the eight words of a digest, and padding. */
export function blockOfDigest<T extends ValueType>(words: WordArithmetic<T>, digest: readonly Value<T>[]): Value<T>[] {
  return [...digest, ...[0x80000000, 0, 0, 0, 0, 0, 0, 256].map((word) => words.constant(word))];
}

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let candidate = 2n; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate);
  }
  return primes;
}

/** The first 32 bits behind the point of the square (2n) or cube (3n) root of `value`. */
function fractionBits(value: bigint, degree: bigint): number {
  const scaled = value << (32n * degree);
  let root = 0n;
  for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) if ((root + bit) ** degree <= scaled) root += bit;
  return Number(BigInt.asUintN(32, root));
}

import { type FunctionBuilder, I32_WORDS, type Value } from "./emitter.ts";

/** The five constants of each line are the integer parts of 2^30 times square (left) and cube (right) roots of 2, 3, 5, 7. */
const LEFT_CONSTANTS = [0, ...[2n, 3n, 5n, 7n].map((prime) => rootBits(prime, 2n))];
const RIGHT_CONSTANTS = [...[2n, 3n, 5n, 7n].map((prime) => rootBits(prime, 3n)), 0];

/** ρ of the specification: how the left line permutes the message words from each round of 16 steps to the next. */
const RHO = [7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8];

/** Rotation of the step that uses each message word, by round. */
const SHIFTS = [
  [11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8],
  [12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7],
  [13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9],
  [14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6],
  [15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5],
];

export const RIPEMD160_INITIAL_STATE: readonly number[] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

type FiveValues = [Value, Value, Value, Value, Value];

const { add, xor, and, or, constant, rotateRight } = I32_WORDS;
const ALL_ONES = constant(-1);
const not = (value: Value): Value => xor(value, ALL_ONES);
const rotateLeft = (value: Value, bits: number): Value => rotateRight(value, 32 - bits);

/** The boolean functions of the five rounds; the right line uses them in opposite order. */
const ROUND_FUNCTIONS: readonly ((x: Value, y: Value, z: Value) => Value)[] = [
  (x, y, z) => xor(x, y, z),
  (x, y, z) => xor(z, and(x, xor(y, z))),
  (x, y, z) => xor(or(x, not(y)), z),
  (x, y, z) => xor(y, and(z, xor(x, y))),
  (x, y, z) => xor(x, or(y, not(z))),
];

/** Writes the compression of one block of 16 message words into `chaining`; returns the five new words. */
export function compressRipemd160(fn: FunctionBuilder, message: readonly Value[], chaining: readonly Value[]): Value[] {
  const words = message.map((word) => fn.keep(word));
  let leftOrder = Array.from({ length: 16 }, (_, index) => index);
  let rightOrder = leftOrder.map((index) => (9 * index + 5) % 16);
  const left = startLine();
  const right = startLine();
  for (let round = 0; round < 5; round++) {
    for (let step = 0; step < 16; step++) {
      writeStep(left, ROUND_FUNCTIONS[round]!, LEFT_CONSTANTS[round]!, leftOrder[step]!, round);
      writeStep(right, ROUND_FUNCTIONS[4 - round]!, RIGHT_CONSTANTS[round]!, rightOrder[step]!, round);
    }
    leftOrder = leftOrder.map((index) => RHO[index]!);
    rightOrder = rightOrder.map((index) => RHO[index]!);
  }
  return chaining.map((_, index) => add(chaining[(index + 1) % 5]!, left[(index + 2) % 5]!, right[(index + 3) % 5]!));

  function startLine(): FiveValues {
    return chaining.map((word) => {
      const local = fn.local("i32");
      fn.set(local, word);
      return local;
    }) as FiveValues;
  }

  function writeStep(
    line: FiveValues,
    mix: (typeof ROUND_FUNCTIONS)[number],
    roundConstant: number,
    wordIndex: number,
    round: number,
  ): void {
    const [a, b, c, d, e] = line;
    const sum = add(a, mix(b, c, d), add(words[wordIndex]!, constant(roundConstant)));
    fn.set(a, add(rotateLeft(sum, SHIFTS[round]![wordIndex]!), e));
    fn.set(c, rotateLeft(c, 10));
    // By name, not by moving words: (a, b, c, d, e) := (e, new a, b, c rotated, d).
    line.splice(0, 5, e, a, b, c, d);
  }
}

/** The integer part of 2^30 times the square (2n) or cube (3n) root of `value`. */
function rootBits(value: bigint, degree: bigint): number {
  const scaled = value << (30n * degree);
  let root = 0n;
  for (let bit = 1n << 32n; bit > 0n; bit >>= 1n) if ((root + bit) ** degree <= scaled) root += bit;
  return Number(root);
}

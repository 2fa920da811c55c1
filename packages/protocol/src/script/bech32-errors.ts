/**
 * Finds wrong characters by their bech32 checksum. The code is a BCH code: its generator has the roots e^997, e^998 and
 * e^999, e being a generator of GF(1024). Evaluated there, a text's residue is what the errors alone amount to; three
 * such values (syndromes) determine one or two errors.
 */

/** A text's remainder by the generator polynomial: six coefficients of five bits, the constant one lowest. */
export type Residue = number;

const ORDER = 1023;
const FIRST_ROOT = 997;

/** GF(32) = GF(2)[x] / (x⁵ + x³ + 1), elements as five bits. */
function multiply32(a: number, b: number): number {
  let product = 0;
  for (let bit = 4; bit >= 0; bit--) {
    product <<= 1;
    if (product & 32) product ^= 0b101001;
    if ((b >>> bit) & 1) product ^= a;
  }
  return product;
}

/** GF(1024) = GF(32)[e] / (e² + 9e + 23), elements as two elements of GF(32); powers of e and their logarithms. */
const { POWERS, LOGARITHMS } = (() => {
  const powers = new Uint16Array(ORDER);
  const logarithms = new Int16Array(ORDER + 1).fill(-1);
  let element = 1;
  for (let power = 0; power < ORDER; power++) {
    powers[power] = element;
    logarithms[element] = power;
    const high = element >>> 5;
    element = ((multiply32(high, 9) ^ (element & 31)) << 5) | multiply32(high, 23);
  }
  return { POWERS: powers, LOGARITHMS: logarithms };
})();

const power = (exponent: number): number => POWERS[((exponent % ORDER) + ORDER) % ORDER]!;
const logarithm = (element: number): number => LOGARITHMS[element]!;

/** `element` times e^exponent. */
const shift = (element: number, exponent: number): number => (element === 0 ? 0 : power(logarithm(element) + exponent));

/** a / b, b not zero. */
const divide = (a: number, b: number): number => shift(a, -logarithm(b));

/** Errors change a character by an element of GF(32): its nonzero elements are every 33rd power. */
const isOfGf32 = (element: number): boolean => element !== 0 && logarithm(element) % 33 === 0;

function syndromesOf(residue: Residue): readonly [number, number, number] {
  const at = (root: number): number => {
    let sum = 0;
    for (let degree = 0; degree < 6; degree++) sum ^= shift((residue >>> (5 * degree)) & 31, root * degree);
    return sum;
  };
  return [at(FIRST_ROOT), at(FIRST_ROOT + 1), at(FIRST_ROOT + 2)];
}

/**
 * Characters that are wrong, counted from the end of the text (0: the last), the leftmost first: one, two, or none where
 * no such pair explains the residue. `length` is the number of characters behind the separator.
 */
export function locateErrors(residue: Residue, length: number): number[] {
  const [s0, s1, s2] = syndromesOf(residue);
  // One error c at position p: s_j = c · e^((997 + j)·p), a geometric sequence.
  if (s0 !== 0 && s1 !== 0 && s2 !== 0 && divide(s1, s0) === divide(s2, s1)) {
    const position = logarithm(divide(s1, s0));
    return position < length && isOfGf32(shift(s0, -FIRST_ROOT * position)) ? [position] : [];
  }
  for (let first = 0; first < length; first++) {
    const second = secondError(s0, s1, s2, first, length);
    if (second !== undefined) return first > second ? [first, second] : [second, first];
  }
  return [];
}

/** The position that together with an error at `first` explains the syndromes. */
function secondError(s0: number, s1: number, s2: number, first: number, length: number): number | undefined {
  // Adding e^first times one syndrome to the next cancels the first error's part in it.
  const high = s2 ^ shift(s1, first);
  const low = s1 ^ shift(s0, first);
  if (high === 0 || low === 0) return undefined;
  const second = logarithm(divide(high, low));
  if (second >= length || second === first) return undefined;
  const lowOfFirst = s1 ^ shift(s0, second);
  if (lowOfFirst === 0) return undefined;
  const distance = power(first) ^ power(second);
  const isPlausible =
    isOfGf32(shift(divide(low, distance), -FIRST_ROOT * second)) &&
    isOfGf32(shift(divide(lowOfFirst, distance), -FIRST_ROOT * first));
  return isPlausible ? second : undefined;
}

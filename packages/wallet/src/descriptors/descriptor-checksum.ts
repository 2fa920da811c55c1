/** The checksum of output descriptors (BIP380). */

const INPUT_CHARSET =
  "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
const CHECKSUM_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM_SIZE = 8;

/** The checksum's state is 40 bits long, kept in two halves of 20. */
interface ChecksumState {
  high: number;
  low: number;
}

const HALF_BITS = 20;
/** Bits of a half without those of the symbol at its top. */
const REST_BITS = HALF_BITS - 5;
const REST_MASK = (1 << REST_BITS) - 1;

/** BIP380: the generator of the checksum's code over GF(32), for each bit that leaves the state at its top. */
const GENERATOR: readonly ChecksumState[] = [
  { high: 0xf5dee, low: 0x51989 },
  { high: 0xa9fdc, low: 0xa3312 },
  { high: 0x1bab1, low: 0x0e32d },
  { high: 0x3706b, low: 0x1677a },
  { high: 0x644d6, low: 0x26ffd },
];
/** The sum of the generators of each set of leaving bits. */
const REDUCTIONS: readonly ChecksumState[] = Array.from({ length: 32 }, (_, top) =>
  GENERATOR.reduce(
    (sum, term, bit) => ((top >> bit) & 1 ? { high: sum.high ^ term.high, low: sum.low ^ term.low } : sum),
    { high: 0, low: 0 },
  ),
);

/** Position in {@link INPUT_CHARSET} of each ASCII code, -1 where it is not there. */
const POSITIONS = Int8Array.from({ length: 128 }, (_, code) => INPUT_CHARSET.indexOf(String.fromCharCode(code)));

/** The eight characters behind `#` (BIP380); `undefined` where the text has characters that no descriptor has. */
export function descriptorChecksum(text: string): string | undefined {
  const state = { high: 0, low: 1 };
  let groups = 0;
  let groupCount = 0;
  for (let index = 0; index < text.length; index++) {
    const position = POSITIONS[text.charCodeAt(index)] ?? -1;
    if (position < 0) return undefined;
    step(state, position & 31);
    groups = groups * 3 + (position >> 5);
    if (++groupCount === 3) {
      step(state, groups);
      groups = 0;
      groupCount = 0;
    }
  }
  if (groupCount > 0) step(state, groups);
  for (let index = 0; index < CHECKSUM_SIZE; index++) step(state, 0);
  return symbols(state.high) + symbols(state.low ^ 1);
}

function step(state: ChecksumState, value: number): void {
  const { high, low } = state;
  const reduction = REDUCTIONS[high >> REST_BITS]!;
  state.high = (((high & REST_MASK) << 5) | (low >> REST_BITS)) ^ reduction.high;
  state.low = ((low & REST_MASK) << 5) ^ value ^ reduction.low;
}

/** The four characters of a half. */
function symbols(half: number): string {
  const at = (shift: number) => CHECKSUM_CHARSET[(half >> shift) & 31]!;
  return at(15) + at(10) + at(5) + at(0);
}

/** The descriptor `text`, which has none yet, with `#` and its checksum. */
export function withChecksum(text: string): string {
  return `${text}#${descriptorChecksum(text)}`;
}

/**
 * The descriptor without its checksum, and the checksum that belongs to it; an error, in Core's words, where the given one
 * is wrong, or where there is none and `required` asks for one.
 */
export function splitChecksum(
  descriptor: string,
  required: boolean,
): { readonly text: string; readonly checksum: string } | { readonly error: string } {
  const [text = "", given, ...more] = descriptor.split("#");
  if (more.length > 0) return { error: "Multiple '#' symbols" };
  if (given === undefined && required) return { error: "Missing checksum" };
  if (given !== undefined && given.length !== CHECKSUM_SIZE) {
    return { error: `Expected 8 character checksum, not ${given.length} characters` };
  }
  const checksum = descriptorChecksum(text);
  if (checksum === undefined) return { error: "Invalid characters in payload" };
  if (given !== undefined && given !== checksum) {
    return { error: `Provided checksum '${given}' does not match computed checksum '${checksum}'` };
  }
  return { text, checksum };
}

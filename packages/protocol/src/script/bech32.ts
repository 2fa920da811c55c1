import { locateErrors, type Residue } from "./bech32-errors.ts";

/** BIP173, and BIP350's repair of it: they differ in a constant alone. */
export type Bech32Encoding = "bech32" | "bech32m";

const CHECKSUM_CONSTANTS: Readonly<Record<Bech32Encoding, number>> = { bech32: 1, bech32m: 0x2bc830a3 };
const ENCODINGS: readonly Bech32Encoding[] = ["bech32", "bech32m"];

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const SEPARATOR = "1".charCodeAt(0);
const CHECKSUM_SIZE = 6;

/** Longest text whose checksum is sure to find four errors. */
export const BECH32_LENGTH_MAX = 90;

const VALUE_OF_CODE = new Int8Array(128).fill(-1);
for (let value = 0; value < ALPHABET.length; value++) {
  VALUE_OF_CODE[ALPHABET.charCodeAt(value)] = value;
  VALUE_OF_CODE[ALPHABET.toUpperCase().charCodeAt(value)] = value;
}

export interface Bech32 {
  readonly encoding: Bech32Encoding;
  /** The part before the separator, in lower case. */
  readonly prefix: string;
  /** Five bits each, without the checksum. */
  readonly values: Uint8Array;
}

/** The text of 5-bit `values` behind a lower-case prefix. */
export function encodeBech32(encoding: Bech32Encoding, prefix: string, values: Uint8Array): string {
  const all = new Uint8Array(values.length + CHECKSUM_SIZE);
  all.set(values);
  const checksum = residueOf(prefix, all) ^ CHECKSUM_CONSTANTS[encoding];
  for (let index = 0; index < CHECKSUM_SIZE; index++) {
    all[values.length + index] = (checksum >>> (5 * (CHECKSUM_SIZE - 1 - index))) & 31;
  }
  let text = `${prefix}1`;
  for (const value of all) text += ALPHABET[value];
  return text;
}

/** What the text carries; `undefined` where it is neither bech32 nor bech32m. {@link explainBech32} says why. */
export function decodeBech32(text: string): Bech32 | undefined {
  const parts = split(new TextEncoder().encode(text));
  if ("error" in parts) return undefined;
  const residue = residueOf(parts.prefix, parts.values);
  const encoding = ENCODINGS.find((one) => CHECKSUM_CONSTANTS[one] === residue);
  return encoding && { encoding, prefix: parts.prefix, values: parts.values.subarray(0, -CHECKSUM_SIZE) };
}

export interface Bech32Error {
  readonly error: string;
  /** Bytes of the text that are probably wrong. */
  readonly positions: readonly number[];
}

/**
 * What is wrong with text that {@link decodeBech32} refuses. Up to two wrong characters are found by the checksum; which
 * characters would be right is not said, lest somebody pays to a guess.
 */
export function explainBech32(text: string): Bech32Error {
  const bytes = new TextEncoder().encode(text);
  const parts = split(bytes);
  if ("error" in parts) return parts;
  let best: { encoding: Bech32Encoding; positions: readonly number[] } | undefined;
  for (const encoding of ENCODINGS) {
    const residue: Residue = residueOf(parts.prefix, parts.values) ^ CHECKSUM_CONSTANTS[encoding];
    if (residue === 0) return { error: "", positions: [] };
    const positions = locateErrors(residue, parts.values.length).map((fromEnd) => bytes.length - 1 - fromEnd);
    if (positions.length === 0 || (best && best.positions.length <= positions.length)) continue;
    best = { encoding, positions };
  }
  if (best === undefined) return { error: "Invalid checksum", positions: [] };
  const name = best.encoding === "bech32" ? "Bech32" : "Bech32m";
  return { error: `Invalid ${name} checksum`, positions: best.positions };
}

/** Prefix and values of text whose checksum is yet to be looked at. */
function split(bytes: Uint8Array): { readonly prefix: string; readonly values: Uint8Array } | Bech32Error {
  if (bytes.length > BECH32_LENGTH_MAX) {
    const surplus = Array.from({ length: bytes.length - BECH32_LENGTH_MAX }, (_, index) => BECH32_LENGTH_MAX + index);
    return { error: "Bech32 string too long", positions: surplus };
  }
  const misfits = misfitsOf(bytes);
  if (misfits.length > 0) return { error: "Invalid character or mixed case", positions: misfits };
  const separator = bytes.lastIndexOf(SEPARATOR);
  if (separator === -1) return { error: "Missing separator", positions: [] };
  if (separator === 0 || separator + CHECKSUM_SIZE >= bytes.length) {
    return { error: "Invalid separator position", positions: [separator] };
  }
  const values = bytes.subarray(separator + 1).map((code) => VALUE_OF_CODE[code]!);
  // -1 became 255 in an array of bytes.
  const unknown = values.indexOf(255);
  if (unknown !== -1) return { error: "Invalid Base 32 character", positions: [separator + 1 + unknown] };
  const prefix = String.fromCharCode(...bytes.subarray(0, separator)).toLowerCase();
  return { prefix, values };
}

/** Characters that are not printable ASCII, or in the other case than the first letter. */
function misfitsOf(bytes: Uint8Array): number[] {
  const misfits: number[] = [];
  let firstCase: "lower" | "upper" | undefined;
  bytes.forEach((code, index) => {
    const letterCase = code >= 97 && code <= 122 ? "lower" : code >= 65 && code <= 90 ? "upper" : undefined;
    firstCase ??= letterCase;
    if (letterCase === undefined ? code < 33 || code > 126 : letterCase !== firstCase) misfits.push(index);
  });
  return misfits;
}

/** What a character that leaves the six-value window adds to it: the generator polynomial times that bit. */
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** BIP173: remainder of prefix and values as a polynomial over GF(32), six coefficients of five bits, highest first. */
function residueOf(prefix: string, values: Uint8Array): Residue {
  let residue = 1;
  const append = (value: number) => {
    const top = residue >>> 25;
    residue = ((residue & 0x1ffffff) << 5) ^ value;
    for (let bit = 0; bit < 5; bit++) if ((top >>> bit) & 1) residue ^= GENERATOR[bit]!;
  };
  for (let index = 0; index < prefix.length; index++) append(prefix.charCodeAt(index) >> 5);
  append(0);
  for (let index = 0; index < prefix.length; index++) append(prefix.charCodeAt(index) & 31);
  for (const value of values) append(value);
  return residue;
}

/**
 * Regroups bits, highest first. `pad` fills the last group with zeros; without it, left-over bits must be zeros and fewer
 * than a group, else `undefined`.
 */
export function regroupBits(values: Uint8Array, from: 5 | 8, to: 5 | 8, pad: boolean): Uint8Array | undefined {
  const groups: number[] = [];
  let bits = 0;
  let buffer = 0;
  for (const value of values) {
    buffer = ((buffer << from) | value) & 0xfff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      groups.push((buffer >>> bits) & ((1 << to) - 1));
    }
  }
  const rest = buffer & ((1 << bits) - 1);
  if (pad && bits > 0) groups.push(rest << (to - bits));
  if (!pad && (bits >= from || rest !== 0)) return undefined;
  return Uint8Array.from(groups);
}

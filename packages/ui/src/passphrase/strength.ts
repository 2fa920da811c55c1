/**
 * How hard a passphrase is to guess, told honestly: what people commonly do (names with digits behind, dates, rows of keys, the same letter
 * again) is counted as what it costs somebody who tries such things first, and not by the kinds of characters in it.
 */

/** Of what is longer no more is looked at: it is strong, or it repeats itself. */
const LOOKED_AT_MAX = 128;
/** Guesses a second of somebody with a hundred graphics cards, against scrypt as vaults use it (64 MiB a guess). */
const GUESSES_PER_SECOND = 100_000;

export type StrengthLevel = "weak" | "fair" | "good" | "strong";

export interface Strength {
  readonly level: StrengthLevel;
  /** Half of all guesses that come before it, as a power of two. */
  readonly bits: number;
  /** How long somebody with this device's files and much equipment needs, on average. */
  readonly seconds: number;
}

/** From how many bits on a level begins. */
const LEVELS = [
  { level: "strong", bits: 64 },
  { level: "good", bits: 48 },
  { level: "fair", bits: 36 },
  { level: "weak", bits: 0 },
] as const;

/** The strength of a passphrase that somebody thought of. One that was drawn at random is stronger than is said here. */
export function strengthOf(passphrase: string): Strength {
  const text = passphrase.normalize("NFKD").slice(0, LOOKED_AT_MAX);
  const bits = Math.max(0, cheapest(text) - 1);
  const { level } = LEVELS.find((one) => bits >= one.bits) ?? LEVELS[LEVELS.length - 1]!;
  return { level, bits, seconds: 2 ** bits / GUESSES_PER_SECOND };
}

/** The cheapest way to put the text together of things that people use: a path through it, whose steps are those things. */
function cheapest(text: string): number {
  const costs: number[] = [0];
  for (let end = 1; end <= text.length; end++) {
    let best = costs[end - 1]! + characterBits(text[end - 1]!) + (isOtherKind(text, end - 1) ? 1 : 0);
    for (let start = Math.max(0, end - PART_LENGTH_MAX); start <= end - 2; start++) {
      const part = partBits(text.slice(start, end));
      if (part !== undefined) best = Math.min(best, costs[start]! + part);
    }
    costs.push(best);
  }
  return Math.min(costs[text.length]!, repetitionBits(text, costs));
}

const PART_LENGTH_MAX = 24;

function partBits(part: string): number | undefined {
  const lower = part.toLowerCase();
  // Which letters are capitals, where not only the first or all are.
  const isPlainCase = part === lower || part === part.toUpperCase() || part.slice(1) === lower.slice(1);
  const capitals = part === lower ? 0 : isPlainCase ? 1 : 3;
  const candidates = [
    commonBits(lower),
    /^(.)\1+$/su.test(part) ? characterBits(part[0]!) + Math.log2(part.length) : undefined,
    part.length >= 3 && isRow(lower) ? ROW_BITS + Math.log2(part.length) : undefined,
    /^(19|20)\d\d$/.test(part) ? YEAR_BITS : undefined,
    /^\d{6}$|^\d{8}$/.test(part) && isDate(part) ? DATE_BITS : undefined,
    /^\p{L}{3,}$/u.test(part) ? Math.min(WORD_BITS, part.length * LETTER_BITS) : undefined,
  ].filter((bits) => bits !== undefined);
  return candidates.length === 0 ? undefined : Math.min(...candidates) + capitals;
}

/** A word out of some ten thousand that people know: what is one cannot be told from letters at random, so all are taken for one. */
const WORD_BITS = 13;
const LETTER_BITS = Math.log2(26);
const YEAR_BITS = 6.5;
const DATE_BITS = 15;
const ROW_BITS = 5;

/** Whether a letter, digit or sign follows on one of another kind. */
function isOtherKind(text: string, at: number): boolean {
  return at > 0 && kindOf(text[at]!) !== kindOf(text[at - 1]!);
}

function kindOf(character: string): "digit" | "space" | "small" | "capital" | "sign" {
  if (/\d/.test(character)) return "digit";
  if (/\s/.test(character)) return "space";
  if (!/\p{L}/u.test(character)) return "sign";
  return character === character.toLowerCase() ? "small" : "capital";
}

function characterBits(character: string): number {
  return CHARACTER_BITS[kindOf(character)];
}

const CHARACTER_BITS = {
  digit: Math.log2(10),
  space: 0,
  small: LETTER_BITS,
  capital: LETTER_BITS + 1,
  sign: Math.log2(33),
} as const;

/** The same thing again and again costs as the thing and how often it is there. */
function repetitionBits(text: string, costs: readonly number[]): number {
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.length % length !== 0) continue;
    if (text === text.slice(0, length).repeat(text.length / length)) {
      return costs[length]! + Math.log2(text.length / length);
    }
  }
  return Number.POSITIVE_INFINITY;
}

const ROWS = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "azertyuiop",
];

function isRow(part: string): boolean {
  const backwards = [...part].reverse().join("");
  return ROWS.some((row) => row.includes(part) || row.includes(backwards));
}

function isDate(digits: string): boolean {
  const [a = 0, b = 0, c = 0, d = 0] = digits.match(/../g)?.map(Number) ?? [];
  const isDay = (day: number, month: number) => day >= 1 && day <= 31 && month >= 1 && month <= 12;
  if (digits.length === 6) return isDay(a, b) || isDay(b, a) || isDay(c, b);
  return isDay(a, b) || isDay(b, a) || isDay(d, c);
}

/** What is tried first, the most frequent first: what a place in the list costs is its logarithm. */
const COMMON =
  "password 123456 qwerty letmein welcome admin iloveyou monkey dragon master login princess sunshine football baseball superman batman " +
  "trustno1 shadow michael jordan hunter secret bitcoin satoshi nakamoto wallet hodl moon lambo changeme passphrase passwort summer winter " +
  "spring autumn freedom whatever hello flower charlie jessica ashley computer internet starwars pokemon cheese coffee killer soccer ginger " +
  "hannah daniel matthew jennifer thomas andrew joshua amanda nicole test guest user root default love money god sex correct horse battery staple";
const COMMON_PLACES: ReadonlyMap<string, number> = new Map(COMMON.split(" ").map((word, index) => [word, index + 1]));

/** Letters that look like what is put in their place. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "l",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

function commonBits(part: string): number | undefined {
  const place = COMMON_PLACES.get(part);
  if (place !== undefined) return Math.log2(place + 1);
  const plain = [...part].map((character) => LOOKALIKES[character] ?? character).join("");
  const disguised = plain === part ? undefined : COMMON_PLACES.get(plain);
  return disguised === undefined ? undefined : Math.log2(disguised + 1) + 2;
}

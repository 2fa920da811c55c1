import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

/** Words that stand for a seed (BIP39), of the English list. */

/** Bytes of randomness behind 12, 15, 18, 21 and 24 words. */
export const ENTROPY_SIZES = [16, 20, 24, 28, 32] as const;
const WORD_COUNTS = ENTROPY_SIZES.map((size) => (size * 3) / 4);

const WORDS: ReadonlySet<string> = new Set(wordlist);

/** Whether a word is of the list; in any case. */
export function isMnemonicWord(word: string): boolean {
  return WORDS.has(word.toLowerCase());
}

/** The words of the list that begin so, in its order, `max` at most. */
export function mnemonicWordsFrom(beginning: string, max: number): readonly string[] {
  const lower = beginning.toLowerCase();
  return wordlist.filter((word) => word.startsWith(lower)).slice(0, max);
}

/** Why words stand for no seed. */
export type MnemonicFault =
  | { readonly kind: "word-count"; readonly count: number }
  /** Counted from 1. The word itself is not here: it may be a right one with a slip, and errors are shown and logged. */
  | { readonly kind: "unknown-word"; readonly place: number }
  | { readonly kind: "checksum" };

/**
 * The words for `entropy`: 16 bytes for 12 words, up to 32 for 24. Whoever hands them in answers for their randomness. Throws
 * `RangeError` on another size.
 */
export function mnemonicOf(entropy: Uint8Array): string {
  if (!ENTROPY_SIZES.some((size) => size === entropy.length)) {
    throw new RangeError(`a mnemonic takes ${ENTROPY_SIZES.join(", ")} bytes of entropy, not ${entropy.length}`);
  }
  return entropyToMnemonic(entropy, wordlist);
}

/** The words in their usual form, single spaces between them, and the entropy they stand for; or why they are none. */
export function parseMnemonic(
  text: string,
): { readonly mnemonic: string; readonly entropy: Uint8Array } | { readonly fault: MnemonicFault } {
  const words = text
    .normalize("NFKD")
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== "");
  if (!WORD_COUNTS.includes(words.length)) return { fault: { kind: "word-count", count: words.length } };
  const unknown = words.findIndex((word) => !WORDS.has(word));
  if (unknown >= 0) return { fault: { kind: "unknown-word", place: unknown + 1 } };
  const mnemonic = words.join(" ");
  try {
    return { mnemonic, entropy: mnemonicToEntropy(mnemonic, wordlist) };
  } catch {
    // Count and words are right, so this is what the library throws for.
    return { fault: { kind: "checksum" } };
  }
}

/** One sentence for people. It names no word. */
export function mnemonicFaultText(fault: MnemonicFault): string {
  switch (fault.kind) {
    case "word-count":
      return `A recovery phrase has ${WORD_COUNTS.slice(0, -1).join(", ")} or ${WORD_COUNTS.at(-1)} words, not ${fault.count}.`;
    case "unknown-word":
      return `Word ${fault.place} is none of the word list.`;
    case "checksum":
      return "All words are known, but they do not fit together: one is another one, or two are swapped.";
  }
}

/**
 * The 64 bytes from which all keys come (BIP32), for words that {@link parseMnemonic} gave. Another passphrase is another seed; none
 * is wrong. Takes tenths of a second, on purpose.
 */
export function seedOfMnemonic(mnemonic: string, passphrase = ""): Uint8Array {
  return mnemonicToSeedSync(mnemonic, passphrase);
}

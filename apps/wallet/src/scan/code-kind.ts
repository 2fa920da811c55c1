import { isMnemonicWord } from "@bitfleet/wallet/keys/mnemonic.ts";
import { isDeviceFile } from "@bitfleet/wallet/self-custody/device-file.ts";
import { holdsPrivateKey } from "@bitfleet/wallet/self-custody/watched-text.ts";
import type { CodeContent } from "./read-code.ts";

/**
 * What a code is, by its looks. Phrases and private keys come first: nothing goes on with those but the word for what they are, and they are
 * better taken for one too often than not.
 */
export type CodeKind =
  | "phrase"
  | "private-key"
  /** One of several that belong together. */
  | "part"
  | "bytes"
  | "psbt"
  /** Signed and whole. */
  | "transaction"
  | "payment"
  | "address"
  | "watched"
  | "other";

/** BIP39; SLIP39 has 20 or 33 words, and some wallets have a word or two more. */
const PHRASE_WORDS_MIN = 12;
const PHRASE_WORDS_MAX = 33;
const WORD_LENGTH_MAX = 20;
/** So many words of the list do not stand in a row by chance. */
const KNOWN_WORDS_MIN = 8;
/** SeedQR: four digits for each word, its place in the list. */
const SEED_DIGITS = /^(?:\d{4}){12,24}$/u;
const WORDS_IN_LIST = 2_048;
/** CompactSeedQR: the entropy as it is. */
const ENTROPY_SIZES: ReadonlySet<number> = new Set([16, 20, 24, 28, 32]);

/** Keys that are no WIF and no xprv: BIP38, mini keys of coins, codex32 (BIP93), shares and seeds as UR. */
const OTHER_SECRETS = [
  /^6P[1-9A-HJ-NP-Za-km-z]{56}$/u,
  /^S[1-9A-HJ-NP-Za-km-z]{21,29}$/u,
  /^ms1[02-9ac-hj-np-z]{40,}$/iu,
  /^ur:(?:crypto-)?(?:seed|bip39|sskr|eckey)\//iu,
];

/** Codes that are shown one after the other: BBQr, UR, Specter's. */
const PARTS = [/^B\$[0-9A-Z]{6}/u, /^ur:[a-z0-9-]+\//iu, /^p\d+of\d+ /u];

/** Of descriptors (BIP380) and of keys with their origin; and what one of them has. */
const WATCHED_CHARACTERS = /^[[\]\w/'*<>;:#@&,{}()\s]+$/u;
const WATCHED_PART = /[xyztuv]pub[1-9A-HJ-NP-Za-km-z]{50,}|^\w+\(/iu;

/** "psbt" and 0xff in base64, and in hex. */
const PSBT_BEGINNING = /^(?:cHNidP|70736274[fF]{2}[0-9a-fA-F]*$)/u;
/** Version 1 or 2 in hex, and more than an address has. */
const TRANSACTION = /^0[12]000000[0-9a-f]{100,}$/iu;

export function kindOf(content: CodeContent): CodeKind {
  if (content.kind === "bytes") return ENTROPY_SIZES.has(content.size) ? "phrase" : "bytes";
  const text = content.text.trim();
  // Its label and message are words too.
  if (/^bitcoin:/iu.test(text)) return "payment";
  if (isPhrase(text)) return "phrase";
  if (holdsPrivateKey(text) || OTHER_SECRETS.some((pattern) => pattern.test(text))) return "private-key";
  if (PARTS.some((beginning) => beginning.test(text))) return "part";
  if (PSBT_BEGINNING.test(text)) return "psbt";
  if (TRANSACTION.test(text)) return "transaction";
  if (isDeviceFile(text)) return "watched";
  if (WATCHED_CHARACTERS.test(text) && WATCHED_PART.test(text)) return "watched";
  // Base58 and bech32, and what is written like them: Lightning, silent payments.
  return /^(?:lightning:)?[0-9a-z]{26,}$/iu.test(text) ? "address" : "other";
}

function isPhrase(text: string): boolean {
  if (SEED_DIGITS.test(text)) return (text.match(/\d{4}/gu) ?? []).every((digits) => Number(digits) < WORDS_IN_LIST);
  const plain = text.normalize("NFKD");
  const words = plain.split(/[^\p{L}\p{M}]+/u).filter((word) => word !== "");
  let inRow = 0;
  for (const word of words) {
    inRow = isMnemonicWord(word) ? inRow + 1 : 0;
    if (inRow >= KNOWN_WORDS_MIN) return true;
  }
  // Of any language's list: words and nothing else.
  const isCounted = words.length >= PHRASE_WORDS_MIN && words.length <= PHRASE_WORDS_MAX;
  return isCounted && /^[\p{L}\p{M}\s]+$/u.test(plain) && words.every(({ length }) => length <= WORD_LENGTH_MAX);
}

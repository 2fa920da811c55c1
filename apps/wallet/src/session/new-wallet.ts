import { mnemonicFaultText, mnemonicOf, parseMnemonic } from "@bitfleet/wallet/keys/mnemonic.ts";
import { phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { readWatchedText } from "@bitfleet/wallet/self-custody/watched-text.ts";
import type { SavedNetwork } from "./records.ts";
import type { NewPhraseWallet, NewWatchWallet, WatchedFacts } from "./session.ts";
import { prefixesOf, type SessionDependencies } from "./session-dependencies.ts";
import type { AddedWallet } from "./wallet-book.ts";

/** Wallets to add, out of what a person gives. Refusals are thrown as sentences. */

const ENTROPY_SIZE = { 12: 16, 24: 32 } as const;

/** A new phrase; nothing is kept of it. */
export function newPhrase(wordCount: 12 | 24, { randomBytes }: Pick<SessionDependencies, "randomBytes">): string {
  const entropy = randomBytes(ENTROPY_SIZE[wordCount]);
  const words = mnemonicOf(entropy);
  entropy.fill(0);
  return words;
}

export function phraseWallet(wallet: NewPhraseWallet, network: SavedNetwork, id: string): AddedWallet {
  const parsed = parseMnemonic(wallet.phrase);
  if ("fault" in parsed) throw new Error(mnemonicFaultText(parsed.fault));
  const phrase = { words: parsed.mnemonic, passphrase: wallet.phrasePassphrase };
  const descriptors = phraseDescriptors(phrase, 0, prefixesOf(network));
  const { name, networkId, scans, gapLimit } = wallet;
  return { id, name, networkId, scans, gapLimit, phrase, descriptors };
}

type Curve = Pick<SessionDependencies, "secp256k1">;

export function watchWallet(
  wallet: NewWatchWallet,
  network: SavedNetwork,
  id: string,
  { secp256k1 }: Curve,
): AddedWallet {
  const read = readWatchedText(wallet.text, { prefixes: prefixesOf(network), secp256k1 });
  if ("error" in read) throw new Error(read.error);
  const { name, networkId, gapLimit } = wallet;
  return { id, name, networkId, scans: true, gapLimit, phrase: undefined, descriptors: read.descriptors };
}

/** What a text would watch, or why it is nothing to watch. */
export function watchedFacts(
  text: string,
  network: SavedNetwork,
  { secp256k1 }: Curve,
): WatchedFacts | { readonly error: string } {
  const read = readWatchedText(text, { prefixes: prefixesOf(network), secp256k1 });
  if ("error" in read) return read;
  return { kind: read.kind, descriptors: read.descriptors.map((one) => one.text), firstAddress: read.firstAddress };
}

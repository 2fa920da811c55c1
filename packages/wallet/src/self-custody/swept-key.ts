import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { NETWORK_NAMES, networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type AddressPrefixes, decodeAddress, decodeWif, type WifKey } from "@bitfleet/protocol/script/address.ts";
import { decodeBase58Check } from "@bitfleet/protocol/script/base58.ts";
import { withChecksum } from "../descriptors/descriptor-checksum.ts";
import { isMnemonicWord } from "../keys/mnemonic.ts";
import { readSlip132 } from "../keys/slip132.ts";
import type { AccountDescriptor } from "./account-descriptors.ts";

/** A private key by itself, as paper wallets, faucets and tests hand it out: read, and where its coins may be. */

/** Electrum writes it before a key, for which kind of address it is. All kinds are looked at anyhow. */
const SCRIPT_PREFIX = /^p2(?:pkh|wpkh|wpkh-p2sh|pk|tr):/u;
const BIP38 = /^6P[1-9A-HJ-NP-Za-km-z]{56}$/u;
/** Casascius' coins have 22 or 30 characters. */
const MINI_KEY = /^S[1-9A-HJ-NP-Za-km-z]{21,29}$/u;
const HEX_KEY = /^(?:0x)?[0-9a-f]{64}$/iu;
/** BIP39: fewer words are no phrase. */
const PHRASE_WORDS_MIN = 12;
const WIF_SIZE_MAX = 34;
/** More is no text of a key, whatever it is. */
const TEXT_LENGTH_MAX = 1_000;

/** The key that a text in wallet import format (WIF) holds, or why it holds none: a sentence, which repeats nothing of it. */
export function readSweptKey(text: string, prefixes: AddressPrefixes): WifKey | { readonly error: string } {
  if (text.trim() === "") return { error: "Enter the private key." };
  if (text.length > TEXT_LENGTH_MAX) return { error: `${NO_WIF} This is far too long.` };
  const words = text.trim().split(/\s+/u);
  if (words.length >= PHRASE_WORDS_MIN && words.every(isMnemonicWord))
    return {
      error: "These are the words of a recovery phrase: restore them as a wallet, which finds all of its coins.",
    };
  const bare = words.join("").replace(SCRIPT_PREFIX, "");
  return decodeWif(bare, prefixes) ?? { error: whyNoKey(bare, prefixes) };
}

const NO_WIF = "This is no private key in wallet import format (WIF), which has 51 or 52 letters and digits.";

function whyNoKey(text: string, prefixes: AddressPrefixes): string {
  if (BIP38.test(text))
    return "This key is encrypted under a passphrase (BIP38), which this wallet does not read: decrypt it with the program that made it, and sweep the key that comes out.";
  if (readSlip132(text) !== undefined)
    return "This is an extended key, from which a whole wallet follows: one private key by itself (WIF) is wanted here.";
  if (MINI_KEY.test(text))
    return "This is a mini key, as coins of metal have it, which this wallet does not read: turn it into wallet import format (WIF) with a program that you trust.";
  if (HEX_KEY.test(text))
    return "This is a number in hex, which does not say how the key is used: give the key in wallet import format (WIF).";
  if (!("error" in decodeAddress(text, prefixes)))
    return "This is an address, to which anybody can pay: the private key of it is wanted here.";
  const bytes = decodeBase58Check(text, WIF_SIZE_MAX);
  if (bytes === undefined)
    return /^[1-9A-HJ-NP-Za-km-z]{51,52}$/u.test(text)
      ? "The checksum of this private key does not fit: a character is wrong. Compare it with what is written, one by one."
      : `${NO_WIF} Compare it with what is written: a character may be missing.`;
  const isKeySize = bytes.length === WIF_SIZE_MAX || bytes.length === WIF_SIZE_MAX - 1;
  if (!isKeySize) return NO_WIF;
  const ofOthers = NETWORK_NAMES.find((name) => networkByName(name)!.addressPrefixes.privateKey === bytes[0]);
  if (bytes[0] !== prefixes.privateKey)
    return ofOthers === undefined
      ? "This private key is of another coin, which this wallet does not have."
      : `This private key is of ${ofOthers === "main" ? "the main network, and this wallet is of a test network" : "a test network, and this wallet is of the main network"}.`;
  return "This text has the form of a private key, but the number in it is none.";
}

/** Kinds of outputs that a key by itself can spend. */
export type SweptKind = "p2pk" | "p2pkh" | "p2sh-p2wpkh" | "p2wpkh" | "p2tr";

/** Of an uncompressed key there are no segwit outputs that could be spent. */
const UNCOMPRESSED_KINDS = ["p2pkh", "p2pk"] as const satisfies readonly SweptKind[];
const COMPRESSED_KINDS = ["p2tr", "p2wpkh", "p2sh-p2wpkh", ...UNCOMPRESSED_KINDS] as const;

/** Which outputs a key may have; the newest kinds first. BIP86 for taproot. Public: nothing of the private key is in it. */
export function sweptKinds({ compressed }: Pick<WifKey, "compressed">): readonly SweptKind[] {
  return compressed ? COMPRESSED_KINDS : UNCOMPRESSED_KINDS;
}

/** One descriptor for each of {@link sweptKinds}, whose ids are their places, counted from 1. */
export function sweptDescriptors(key: WifKey, secp256k1: Pick<Secp256k1, "publicKeyOf">): readonly AccountDescriptor[] {
  const publicKey = toHex(secp256k1.publicKeyOf(key.privateKey, key.compressed));
  return sweptKinds(key).map((kind, place) => {
    const text = withChecksum(FORMS[kind](publicKey));
    return { id: place + 1, text, normalizedText: text, createdAt: 0, activeFor: undefined, isInternal: false };
  });
}

const FORMS: Readonly<Record<SweptKind, (publicKey: string) => string>> = {
  p2pk: (key) => `pk(${key})`,
  p2pkh: (key) => `pkh(${key})`,
  "p2sh-p2wpkh": (key) => `sh(wpkh(${key}))`,
  p2wpkh: (key) => `wpkh(${key})`,
  // Without its first byte, which tells an even y from an odd one.
  p2tr: (key) => `tr(${key.slice(2)})`,
};

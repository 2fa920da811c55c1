import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { decodeBase58Check } from "@bitfleet/protocol/script/base58.ts";
import { HDKey } from "@scure/bip32";
import { coinTypeOf, multisigAccountPath } from "../keys/accounts.ts";
import { decodeExtendedKey, extendedKeyVersions, formatKeyPath, HARDENED_OFFSET, type KeyPath } from "../keys/keys.ts";
import { isMnemonicWord } from "../keys/mnemonic.ts";
import { readSlip132, type Slip132Script } from "../keys/slip132.ts";
import { type Cosigner, EXTENDED_KEY_SIZE, ORIGIN_STEPS_MAX, pathOf } from "./shared-wallet.ts";
import { holdsPrivateKey } from "./watched-text.ts";

/** The key that somebody hands out for a shared wallet, out of what signing devices and other wallets write: `[fingerprint/path]xpub`, with the prefixes of SLIP132, or in JSON. */

export interface ReadCosigner {
  readonly cosigner: Cosigner;
  /** Sentences: it can be used, but may not be meant so. */
  readonly warnings: readonly string[];
}

export interface CosignerRefusal {
  readonly error: string;
  /** What was read is nothing that may be shown or kept. */
  readonly isSecret?: true;
}

/** Characters of a key with all that a device may write beside it. */
const TEXT_LENGTH_MAX = 20_000;

/** The key in a text, or why there is none that can be used: a sentence. No private key is ever shown or kept. */
export function readCosigner(text: string, prefixes: AddressPrefixes): ReadCosigner | CosignerRefusal {
  const trimmed = text.trim();
  if (trimmed === "") return { error: "Paste the key that this signer hands out: [fingerprint/path]xpub…" };
  if (holdsPrivateKey(trimmed)) return { error: PRIVATE_KEY, isSecret: true };
  if (isPhrase(trimmed)) return { error: PHRASE, isSecret: true };
  if (trimmed.length > TEXT_LENGTH_MAX) return { error: "This is longer than any key." };
  const plain = trimmed.startsWith("{") ? exportedKey(trimmed) : trimmed;
  if (typeof plain !== "string") return plain;
  if (plain.includes("("))
    return {
      error:
        "This is a whole descriptor. Of each signer the key alone is wanted; to watch what a descriptor says, choose “Watch without keys”.",
    };
  const { origin, key, steps } = partsOf(plain);
  const read = readSlip132(key);
  if (read === undefined) return { error: NO_KEY };
  if (read.isPrivate) return { error: PRIVATE_KEY, isSecret: true };
  if (decodeExtendedKey(read.text, prefixes) === undefined) return { error: otherNetwork(read.isMainnet) };
  if (steps !== "" && !BOTH_CHAINS.has(steps))
    return {
      error: `Behind the key stands ${steps}: give the key alone. What follows it is put there for receiving and change by itself.`,
    };
  const otherUse = OTHER_USES[read.script];
  if (otherUse !== undefined) return { error: otherUse };
  if (origin === undefined) return { error: NO_ORIGIN };
  if (!isPath(pathOf(origin.path))) return { error: NO_PATH };
  const path = formatKeyPath(pathOf(origin.path));
  const cosigner: Cosigner = { key: read.text, fingerprint: origin.fingerprint.toLowerCase(), path };
  return { cosigner, warnings: warningsOf(cosigner, prefixes) };
}

const PRIVATE_KEY =
  "This holds a private key. It is not shown and not kept: whoever has it can sign. Of each signer only the public key is wanted (xpub…).";
const PHRASE =
  "These are the words of a wallet. They are not shown and not kept: whoever has them can sign. Of each signer only the public key is wanted (xpub…).";

/** So many words of the list stand in no key and no file. */
const KNOWN_WORDS_MIN = 8;

function isPhrase(text: string): boolean {
  // Names of fields and kinds, which stand between others, are no phrase: "name", "account", "first".
  const isFile = text.startsWith("{");
  let known = 0;
  for (const word of text.slice(0, TEXT_LENGTH_MAX).split(/[^\p{L}]+/u)) {
    if (isMnemonicWord(word)) known++;
    else if (isFile) known = 0;
    if (known >= KNOWN_WORDS_MIN) return true;
  }
  return false;
}

const NO_KEY =
  "This is no extended public key: one or more of its characters are wrong, or something is missing. It looks like [fingerprint/path]xpub…";
const NO_ORIGIN =
  "This key does not say where it comes from. Without the fingerprint of its master key and the path no device knows it as its own, so that its owner could not sign: ask for it in the form [fingerprint/path]xpub….";

const NO_PATH =
  "At the path of this key no key can be: it has more steps than any wallet, or one with a number that is too high. Ask for the key once more.";

/** BIP32: steps of 32 bits. */
const isPath = (path: KeyPath) => path.length <= ORIGIN_STEPS_MAX && path.every((step) => step <= STEP_MAX);
const STEP_MAX = 2 ** 32 - 1;

const otherNetwork = (isMain: boolean) =>
  isMain
    ? "This key is of the main network, and the wallet of a test network: the signer's device has to be set to that one."
    : "This key is of a test network, and the wallet of the main network: the signer's device has to be set to that one.";

/** Receiving and change, as BIP389 and BIP388 write them. */
const BOTH_CHAINS: ReadonlySet<string> = new Set(["/<0;1>/*", "/**"]);

/** SLIP132: prefixes that say that a key is for something else. */
const OTHER_USES: Readonly<Partial<Record<Slip132Script, string>>> = {
  "sh-wsh":
    "This key is for shared addresses of an older kind (P2SH-P2WSH, Ypub or Upub): ask for the one for native segwit (P2WSH), whose path ends in 2h.",
  wpkh: "This key is for a wallet that one signs alone (zpub or vpub): ask for the one for shared wallets (P2WSH), whose path is m/48h/…/2h.",
  "sh-wpkh":
    "This key is for a wallet that one signs alone (ypub or upub): ask for the one for shared wallets (P2WSH), whose path is m/48h/…/2h.",
};

const PARTS = /^(?:\[([0-9a-f]{8})((?:\/\d+['h]?)*)\])?([1-9A-HJ-NP-Za-km-z]+)((?:\/\S*)?)$/iu;

function partsOf(text: string) {
  const [, fingerprint, path = "", key = "", steps = ""] = PARTS.exec(text.replace(/\s+/gu, "")) ?? [];
  return { origin: fingerprint === undefined ? undefined : { fingerprint, path }, key, steps };
}

/** A field of an exported file. */
const textIn = (fields: object, name: string): string | undefined => {
  const value: unknown = (fields as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
};

/** `[fingerprint/path]key` of what devices write in JSON: the exports of Coldcard, which others write too. */
function exportedKey(json: string): string | CosignerRefusal {
  let fields: unknown;
  try {
    fields = JSON.parse(json);
  } catch {
    return { error: NO_KEY };
  }
  if (typeof fields !== "object" || fields === null) return { error: NO_KEY };
  const of48: unknown = (fields as Record<string, unknown>).bip48_2;
  const nested = typeof of48 === "object" && of48 !== null ? of48 : {};
  const fingerprint = textIn(fields, "xfp") ?? textIn(nested, "xfp");
  const path = textIn(fields, "p2wsh_deriv") ?? textIn(nested, "deriv");
  const key = textIn(fields, "p2wsh") ?? textIn(nested, "xpub");
  if (fingerprint === undefined || path === undefined || key === undefined)
    return { error: "This file holds no key for shared wallets (P2WSH): have the device export one for multisig." };
  return `[${fingerprint}${path.replace(/^m/u, "")}]${key}`;
}

function warningsOf({ key, path }: Cosigner, prefixes: AddressPrefixes): readonly string[] {
  const steps = pathOf(path);
  const warnings: string[] = [];
  const unusual = unusualPath(steps, prefixes);
  if (unusual !== undefined) warnings.push(unusual);
  const { depth, index } = HDKey.fromExtendedKey(key, extendedKeyVersions(prefixes));
  if (depth !== steps.length || (depth > 0 && index !== steps.at(-1)))
    warnings.push(
      "The key says itself that it stands at another place than this path: one of the two may be wrong, and then its owner could not sign.",
    );
  return warnings;
}

/** BIP44, 49, 84, 86: of wallets that one signs alone. */
const SINGLE_PURPOSES: ReadonlySet<number> = new Set([44, 49, 84, 86].map((purpose) => purpose + HARDENED_OFFSET));
/** BIP87: for shared wallets of any kind, without the last step. */
const BIP87_PURPOSE = 87 + HARDENED_OFFSET;
const ACCOUNT_PLACE = 2;

function unusualPath(steps: KeyPath, prefixes: AddressPrefixes): string | undefined {
  const account = (steps[ACCOUNT_PLACE] ?? HARDENED_OFFSET) - HARDENED_OFFSET;
  const usual = multisigAccountPath("wsh", coinTypeOf(prefixes), Math.max(0, account));
  const isUsual = (wanted: KeyPath) => wanted.join() === steps.join();
  if (isUsual(usual) || isUsual([BIP87_PURPOSE, ...usual.slice(1, -1)])) return undefined;
  const at = `m${formatKeyPath(steps)}`;
  if (SINGLE_PURPOSES.has(steps[0] ?? -1))
    return `At ${at} are keys of a wallet that one signs alone. Shared wallets use m${formatKeyPath(usual)} (BIP48): some devices sign for nothing else.`;
  return `Shared wallets use the path m${formatKeyPath(usual)} (BIP48), and this key is at ${at}: some devices sign for nothing else.`;
}

/** What is to be heeded of keys together, or why they are no wallet: sentences. */
export function readCosigners(
  cosigners: readonly Cosigner[],
): { readonly warnings: readonly string[] } | CosignerRefusal {
  const placeOf = new Map<string, number>();
  for (const [place, { key }] of cosigners.entries()) {
    const name = publicKeyIn(key);
    const before = placeOf.get(name);
    if (before !== undefined)
      return { error: `Keys ${before + 1} and ${place + 1} are the same: each signer has a key of their own.` };
    placeOf.set(name, place);
  }
  const masters = cosigners.map(({ fingerprint }) => fingerprint);
  const isShared = masters.some((master, place) => master !== undefined && masters.indexOf(master) < place);
  const warnings = isShared ? ["Two of the keys come from one master key: whoever has its words signs for both."] : [];
  return { warnings };
}

/** Of an extended key's bytes: the same key may be written with another depth, parent or chain code beside it, and is one signer all the same. */
function publicKeyIn(text: string): string {
  const bytes = decodeBase58Check(text, EXTENDED_KEY_SIZE);
  return bytes === undefined ? text : toHex(bytes.subarray(PUBLIC_KEY_OFFSET));
}

const PUBLIC_KEY_OFFSET = 45;

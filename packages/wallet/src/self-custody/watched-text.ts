import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type AddressPrefixes, decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { type Descriptor, descriptorText, expandDescriptor, isRanged } from "../descriptors/descriptor.ts";
import { withChecksum } from "../descriptors/descriptor-checksum.ts";
import { isSelfExpanding } from "../descriptors/descriptor-forms.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import { excessOf } from "../descriptors/descriptor-work.ts";
import { addressTypeOf } from "../keychain/address-type.ts";
import { decodeExtendedKey } from "../keys/keys.ts";
import { readSlip132, type Slip132Script } from "../keys/slip132.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import type { AccountDescriptor } from "./account-descriptors.ts";
import { descriptorOfDeviceFile, isDeviceFile } from "./device-file.ts";

/** What a wallet without keys watches, from whatever its owner has: a descriptor, an extended public key, an address. */

export interface WatchedText {
  readonly kind: "descriptor" | "extended-key" | "address";
  readonly descriptors: readonly AccountDescriptor[];
  readonly firstAddress: string | undefined;
}

export interface WatchContext {
  readonly prefixes: AddressPrefixes;
  readonly secp256k1: Secp256k1;
}

/** Of any network, also where the rest cannot be read: what is said of that would repeat it. */
const PRIVATE_KEY_TEXT =
  /(?<![0-9A-Za-z])([A-Za-z]prv[1-9A-HJ-NP-Za-km-z]{50,}|[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51})(?![0-9A-Za-z])/u;

/** Whether a private key stands in a text, by itself or in a descriptor. */
export const holdsPrivateKey = (text: string): boolean => PRIVATE_KEY_TEXT.test(text);

/** Descriptors of one text: those of a multipath step count each. */
const DESCRIPTORS_MAX = 10;

/** What a text would watch, or why it is nothing to watch: a sentence. No private key is ever shown or kept. */
export function readWatchedText(text: string, context: WatchContext): WatchedText | { readonly error: string } {
  const trimmed = text.trim();
  if (trimmed === "") return { error: "Paste a descriptor, an extended public key or an address." };
  if (holdsPrivateKey(trimmed)) return { error: PRIVATE_KEY };
  const { origin, key } = originAndKey(trimmed);
  if (readSlip132(key) !== undefined) return extendedKey(key, origin, context);
  if (isDeviceFile(trimmed)) return deviceFile(trimmed, context);
  if (trimmed.includes("(")) return descriptors(trimmed, context);
  return address(trimmed, context);
}

/** A shared wallet as signing devices write it. */
function deviceFile(text: string, context: WatchContext): WatchedText | { readonly error: string } {
  const read = descriptorOfDeviceFile(text);
  return "error" in read ? read : descriptors(read.descriptor, context);
}

function address(text: string, context: WatchContext): WatchedText | { readonly error: string } {
  const decoded = decodeAddress(text, context.prefixes);
  if ("error" in decoded)
    return { error: `This is no descriptor, extended public key or address of this network: ${decoded.error}` };
  const all = [`addr(${encodeAddress(decoded.script, context.prefixes) ?? text})`];
  return watched("address", all.map(withChecksum), context);
}

/** Which scripts a key is for, the likeliest first: SLIP132 says it, but keys that begin with `xpub` or `tpub` are used for all of them. */
const WRAPPERS: Readonly<Partial<Record<Slip132Script, readonly ((key: string) => string)[]>>> = {
  wpkh: [(key) => `wpkh(${key})`],
  "sh-wpkh": [(key) => `sh(wpkh(${key}))`],
  pkh: [(key) => `wpkh(${key})`, (key) => `tr(${key})`, (key) => `sh(wpkh(${key}))`, (key) => `pkh(${key})`],
};

/** BIP44 and those after it: which scripts an account's key is for, by the first step of the path that leads to it. */
const SCRIPTS_BY_PURPOSE: Readonly<Record<string, (key: string) => string>> = {
  44: (key) => `pkh(${key})`,
  49: (key) => `sh(wpkh(${key}))`,
  84: (key) => `wpkh(${key})`,
  86: (key) => `tr(${key})`,
};

/** BIP44 and those after it: purpose, coin, account. Addresses follow from the key of an account, by two steps more. */
const ACCOUNT_PATH_LENGTH = 3;

/** BIP45, BIP48, BIP87: keys there are made for scripts of several. By themselves they would watch addresses that nobody pays. */
const COSIGNER_PURPOSES: ReadonlySet<string> = new Set(["45", "48", "87"]);

/** `[fingerprint/path]key`, as signers export it: with the origin they find their keys in PSBTs again. */
function originAndKey(text: string): { readonly origin: string; readonly key: string } {
  const [, origin = "", key = text] = /^(\[[0-9a-f]{8}(?:\/\d+['hH]?)*\])(\S+)$/iu.exec(text) ?? [];
  return { origin, key };
}

function extendedKey(text: string, origin: string, context: WatchContext): WatchedText | { readonly error: string } {
  const read = readSlip132(text)!;
  if (read.isPrivate) return { error: PRIVATE_KEY };
  if (decodeExtendedKey(read.text, context.prefixes) === undefined)
    return { error: "This extended key is of another network." };
  const purpose = /^\[\w+\/(\d+)/u.exec(origin)?.[1] ?? "";
  const pathLength = origin.split("/").length - 1;
  // Further down, or less far, the addresses would be others than those of whoever made the key.
  if (SCRIPTS_BY_PURPOSE[purpose] !== undefined && pathLength !== ACCOUNT_PATH_LENGTH)
    return {
      error: `The path before this key is not that of an account (${purpose}h/coin/account): give a descriptor, which says what addresses follow from it.`,
    };
  const byPurpose = read.script === "pkh" ? SCRIPTS_BY_PURPOSE[purpose] : undefined;
  const wrappers = COSIGNER_PURPOSES.has(purpose) ? undefined : byPurpose ? [byPurpose] : WRAPPERS[read.script];
  if (wrappers === undefined)
    return { error: "This key is one of several cosigners: give the descriptor that names all of them." };
  const texts = wrappers.flatMap((wrap) =>
    [0, 1].map((chain) => withChecksum(wrap(`${origin}${read.text}/${chain}/*`))),
  );
  const guesses = watched("extended-key", texts, context);
  if ("error" in guesses || wrappers.length === 1) return guesses;
  // Only the first guess gives addresses, until one is found in use.
  const descriptors = guesses.descriptors.map((descriptor): AccountDescriptor => {
    const activeFor = descriptor.id <= 2 ? descriptor.activeFor : undefined;
    return { ...descriptor, activeFor, doubt: "guess" };
  });
  return { ...guesses, descriptors };
}

const PRIVATE_KEY =
  "This holds a private key. To watch, give the public form (xpub, or a descriptor with it); to spend, restore the recovery phrase, or sweep a single key into a wallet that has one (Receive, Sweep a key).";

/** One for each line; of one with a multipath step the second value is for change, and so is the second of two lines. */
function descriptors(text: string, context: WatchContext): WatchedText | { readonly error: string } {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const all: string[] = [];
  for (const line of lines) {
    const excess = excessOf(line);
    if (excess !== undefined) return { error: `The descriptor cannot be read: ${excess}.` };
    const foreign = foreignKeyOf(line);
    if (foreign !== undefined) return { error: foreign };
    const parsed = parseDescriptor(line, context);
    if ("error" in parsed)
      return { error: `The descriptor cannot be read: ${parsed.error || "it has no known form"}.` };
    if (parsed.secrets.privateKeys.size > 0) return { error: PRIVATE_KEY };
    if (!parsed.descriptors.every(isSelfExpanding))
      return {
        error:
          "The descriptor has a hardened step that only its private key can derive: give the key behind that step.",
      };
    all.push(...parsed.descriptors.map((one) => descriptorText(one)));
  }
  if (all.length > DESCRIPTORS_MAX) return { error: `A wallet watches ${DESCRIPTORS_MAX} descriptors at most.` };
  if (new Set(all).size < all.length) return { error: "The same descriptor is there twice." };
  return watched("descriptor", all, context);
}

/** An extended key's length, whatever its prefix. */
const EXTENDED_KEY_TEXT = /[1-9A-HJ-NP-Za-km-z]{111,112}/gu;

/** Of a descriptor with a key in a form of SLIP132: where it is, and what to write in its place. Core's words for it are that the key is not valid. */
function foreignKeyOf(line: string): string | undefined {
  for (const { 0: text, index } of line.matchAll(EXTENDED_KEY_TEXT)) {
    const read = readSlip132(text);
    if (read === undefined || read.text === text) continue;
    const leaveOut = line.includes("#") ? ", without the checksum (#…), which is of the old one" : "";
    return `The key at character ${index + 1}, ${text.slice(0, 8)}…, has a form that descriptors do not know (SLIP132). Write the same key as ${read.text}${leaveOut}.`;
  }
  return undefined;
}

/** Of two with the same kind of addresses the second is for change. The first of a kind gives addresses. */
function watched(
  kind: WatchedText["kind"],
  texts: readonly string[],
  context: WatchContext,
): WatchedText | { readonly error: string } {
  const seen = new Map<string, number>();
  const records = texts.map((text, place): AccountDescriptor => {
    const descriptor = parsed(text, context);
    const addressType = addressTypeOf(descriptor);
    const before = seen.get(addressType ?? "") ?? 0;
    seen.set(addressType ?? "", before + 1);
    const isInternal = before === 1;
    const gives = addressType !== undefined && isRanged(descriptor) && before < 2;
    const activeFor = gives ? { addressType, isInternal } : undefined;
    return { id: place + 1, text, normalizedText: text, createdAt: 0, activeFor, isInternal };
  });
  const { scripts } = expandDescriptor(parsed(texts[0]!, context), 0, {
    secp256k1: context.secp256k1,
    secrets: new SigningMaterial(),
  }) ?? { scripts: [] };
  const firstAddress = scripts[0] && encodeAddress(scripts[0], context.prefixes);
  return { kind, descriptors: records, firstAddress };
}

function parsed(text: string, context: WatchContext): Descriptor {
  const read = parseDescriptor(text, context);
  if ("error" in read) throw new Error(`a descriptor made here cannot be read: ${read.error}`);
  return read.descriptors[0];
}

import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { decodeBase58Check } from "@bitfleet/protocol/script/base58.ts";
import { HDKey } from "@scure/bip32";
import { withChecksum } from "../descriptors/descriptor-checksum.ts";
import { type AccountKey, accountKeyOf, coinTypeOf, masterKeyOf, multisigAccountPath } from "../keys/accounts.ts";
import {
  type DerivationCurve,
  extendedKeyVersions,
  fingerprintOf,
  formatKeyPath,
  HARDENED_OFFSET,
  type KeyPath,
} from "../keys/keys.ts";
import { seedOfMnemonic } from "../keys/mnemonic.ts";
import { xpubName } from "../psbt/global-keys.ts";
import type { GlobalXpub, Psbt } from "../psbt/psbt.ts";
import type { SigningMaterial } from "../signing/signing-material.ts";
import type { Phrase } from "./account-descriptors.ts";

/** Wallets that several keys share: so many of them must sign. What one is made of, what a descriptor says of it, and which of its keys a phrase has. */

/** Fewer are no wallet of several; more than 15 are known to few signing devices, though scripts have room for 20. */
export const COSIGNERS_MIN = 2;
export const COSIGNERS_MAX = 15;

/** One key of a shared wallet, as its descriptor names it. */
export interface Cosigner {
  /** As BIP32 writes it: `xpub…`, `tpub…`. */
  readonly key: string;
  /** Of the master key, in hex; `undefined` where the descriptor does not say. */
  readonly fingerprint: string | undefined;
  /** From the master key: `/48h/1h/0h/2h`; empty for none. */
  readonly path: string;
}

export interface SharedFacts {
  readonly required: number;
  /** In the order of the descriptor. */
  readonly cosigners: readonly Cosigner[];
}

const SHARED_TEXT = /^(?:sh\()?(?:wsh\()?(?:sorted)?multi\((\d{1,2}),([^(){}]+)\)+(?:#\w{8})?$/u;
const KEY_TEXT =
  /^(?:\[(?<fingerprint>[0-9a-f]{8})(?<path>(?:\/\d+['hH]?)*)\])?(?<key>[xt]pub[1-9A-HJ-NP-Za-km-z]{107,108})\/\S+$/iu;

/** What a descriptor of extended keys with a threshold says of who signs; `undefined` for every other descriptor. */
export function sharedFacts(descriptor: string): SharedFacts | undefined {
  const [, required, list] = SHARED_TEXT.exec(descriptor) ?? [];
  if (required === undefined || list === undefined) return undefined;
  const cosigners: Cosigner[] = [];
  for (const text of list.split(",")) {
    const groups = KEY_TEXT.exec(text)?.groups;
    if (groups === undefined) return undefined;
    const { key, fingerprint, path = "" } = groups as Record<"key" | "fingerprint" | "path", string | undefined>;
    cosigners.push({ key: key!, fingerprint: fingerprint?.toLowerCase(), path: path.replace(/['H]/gu, "h") });
  }
  return { required: Number(required), cosigners };
}

/** What all descriptors of a wallet say of who signs: those to receive by and those for change are of the same keys. `undefined` where not. */
export function sharedFactsOf(descriptors: readonly string[]): SharedFacts | undefined {
  const [first, ...others] = descriptors.map(sharedFacts);
  const named = (facts: SharedFacts | undefined) =>
    facts && [facts.required, ...facts.cosigners.map(({ key }) => key)].join();
  return others.every((one) => named(one) === named(first)) ? first : undefined;
}

const CHAIN_STEP = /\/(\d+)\/\*/gu;

/** The descriptors of a wallet as they are handed to other signers: to receive by and for change in one (BIP389) where they differ in nothing else, else each in a line. */
export function handedOutDescriptor(descriptors: readonly string[]): string {
  const [receive = "", change = "", ...others] = descriptors.map((text) => text.replace(/#\w{8}$/u, ""));
  const stepsOf = (text: string) => new Set([...text.matchAll(CHAIN_STEP)].map(([, step]) => step));
  const [from, to] = [stepsOf(receive), stepsOf(change)];
  const shape = (text: string) => text.replace(CHAIN_STEP, "/_/*");
  const isPair = others.length === 0 && from.size === 1 && to.size === 1 && shape(receive) === shape(change);
  if (!isPair) return descriptors.join("\n");
  return withChecksum(receive.replace(CHAIN_STEP, `/<${[...from][0]};${[...to][0]}>/*`));
}

/** Whether a descriptor has the form of those that are made here, which signing devices know. */
export function isUsualShared(descriptor: string, { cosigners }: SharedFacts): boolean {
  const ends = [...descriptor.matchAll(/\/<(\d+;\d+)>\/\*/gu)].map(([, steps]) => steps);
  return (
    /^wsh\(sortedmulti\(/u.test(descriptor) &&
    cosigners.length <= COSIGNERS_MAX &&
    ends.length === cosigners.length &&
    ends.every((steps) => steps === "0;1") &&
    cosigners.every(({ fingerprint }) => fingerprint !== undefined)
  );
}

/** `[fingerprint/path]key`, as it is handed from one to another. */
export const cosignerText = ({ key, fingerprint, path }: Cosigner): string =>
  fingerprint === undefined ? key : `[${fingerprint}${path}]${key}`;

/**
 * The descriptor of a shared wallet, to receive by and for change in one (BIP389), with its checksum. Its addresses do not depend on the order of its keys (BIP67);
 * they stand in the order of their texts, so that all who make it of the same keys have the same descriptor.
 */
export function sharedDescriptor(required: number, cosigners: readonly Cosigner[]): string {
  const keys = [...cosigners].sort((a, b) => (a.key < b.key ? -1 : 1)).map((one) => `${cosignerText(one)}/<0;1>/*`);
  return withChecksum(`wsh(sortedmulti(${[required, ...keys].join(",")}))`);
}

/** A phrase's key for shared wallets (BIP48, P2WSH), to hand out. Takes tenths of a second, as all that needs the seed. */
export function phraseCosigner(phrase: Phrase, account: number, prefixes: AddressPrefixes): Cosigner {
  const path = multisigAccountPath("wsh", coinTypeOf(prefixes), account);
  const key = withMaster(phrase, prefixes, (master) => accountKeyOf({ master }, path, prefixes));
  if ("error" in key) throw new Error(`the key of a phrase cannot be derived: ${key.error}`);
  return cosignerOf(key);
}

function cosignerOf({ publicKey, origin }: AccountKey): Cosigner {
  return { key: publicKey, fingerprint: toHex(origin!.fingerprint), path: formatKeyPath(origin!.path) };
}

/** Those of the keys that a phrase has: what a fingerprint of four bytes claims is derived and compared. Takes tenths of a second. */
export function ownCosigners(
  phrase: Phrase,
  cosigners: readonly Cosigner[],
  prefixes: AddressPrefixes,
): readonly Cosigner[] {
  const own: Cosigner[] = [];
  forOwnKeys(phrase, cosigners, prefixes, (cosigner) => own.push(cosigner));
  return own;
}

/** Adds the private halves of those keys that a phrase has to `found`. Whoever asks wipes it. */
export function addCosignerKeys(
  phrase: Phrase,
  cosigners: readonly Cosigner[],
  found: SigningMaterial,
  { prefixes, secp256k1 }: { readonly prefixes: AddressPrefixes; readonly secp256k1: DerivationCurve },
): void {
  forOwnKeys(phrase, cosigners, prefixes, (_, { privateKey }) => {
    found.addPrivateKey({ privateKey: privateKey!.slice(), compressed: true }, secp256k1);
  });
}

function forOwnKeys(
  phrase: Phrase,
  cosigners: readonly Cosigner[],
  prefixes: AddressPrefixes,
  take: (cosigner: Cosigner, key: HDKey) => void,
): void {
  const versions = extendedKeyVersions(prefixes);
  withMaster(phrase, prefixes, (text) => {
    const master = HDKey.fromExtendedKey(text, versions);
    const name = toHex(fingerprintOf(master.publicKey!));
    for (const cosigner of cosigners) {
      const path = pathOf(cosigner.path);
      if (cosigner.fingerprint !== name || path.length > ORIGIN_STEPS_MAX) continue;
      const key = master.derive(`m${formatKeyPath(path, true)}`);
      if (isSameKey(key, HDKey.fromExtendedKey(cosigner.key, versions))) take(cosigner, key);
      key.wipePrivateData();
    }
    master.wipePrivateData();
  });
}

/** No wallet has longer ones; somebody's made-up descriptor may have thousands of steps. */
export const ORIGIN_STEPS_MAX = 10;

/** Of the key and what is derived from it: where it stands in its tree says less than the origin that it was found by. */
function isSameKey(a: HDKey, b: HDKey): boolean {
  const bytes = ({ publicKey, chainCode }: HDKey) => [...publicKey!, ...chainCode!].join();
  return bytes(a) === bytes(b);
}

/** The steps of a path as descriptors write it. */
export function pathOf(text: string): KeyPath {
  const steps = text.split("/").slice(1);
  return steps.map((step) => Number.parseInt(step, 10) + (/[hH']$/u.test(step) ? HARDENED_OFFSET : 0));
}

function withMaster<Result>(
  { words, passphrase }: Phrase,
  prefixes: AddressPrefixes,
  use: (master: string) => Result,
): Result {
  const seed = seedOfMnemonic(words, passphrase);
  try {
    return use(masterKeyOf(seed, prefixes));
  } finally {
    seed.fill(0);
  }
}

/** Of an extended key's bytes. */
export const EXTENDED_KEY_SIZE = 78;
const DEPTH_OFFSET = 4;

/** A PSBT with the keys of the wallet (BIP174): a signing device that was not told of the wallet before knows its change by them. */
export function withSharedKeys(psbt: Psbt, { cosigners }: SharedFacts): Psbt {
  const xpubs = new Map(psbt.xpubs);
  for (const { key: text, fingerprint, path } of cosigners) {
    const key = decodeBase58Check(text, EXTENDED_KEY_SIZE);
    const steps = pathOf(path);
    // One that does not fit its path has no place there.
    if (key === undefined || fingerprint === undefined || key[DEPTH_OFFSET] !== steps.length) continue;
    const xpub: GlobalXpub = { key, origin: { fingerprint: fromHex(fingerprint), path: steps } };
    xpubs.set(xpubName(key, xpub.origin), xpub);
  }
  return { ...psbt, xpubs };
}

import { equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { HDKey } from "@scure/bip32";
import { masterKeyOf } from "../keys/accounts.ts";
import {
  type DerivationCurve,
  deriveStep,
  type ExtendedKey,
  extendedKeyVersions,
  fingerprintOf,
  type KeyOrigin,
  type KeyPath,
  keyIdOf,
} from "../keys/keys.ts";
import { seedOfMnemonic } from "../keys/mnemonic.ts";
import type { Psbt, PsbtInput } from "../psbt/psbt.ts";
import type { SigningMaterial } from "../signing/signing-material.ts";
import type { Steps } from "../steps.ts";
import type { Phrase } from "./account-descriptors.ts";

/** What a recovery phrase signs of a PSBT: whatever says that its keys come from there, so that it can be one of several cosigners. */

/** Keys of one PSBT that are derived for it: more inputs than a transaction that is relayed has. */
const KEYS_MAX = 2_000;
/** Steps of their paths, of which most have all but the last in common: somebody else's PSBT may name thousands of long ones. */
const STEPS_MAX = 20_000;

interface NamedKey {
  readonly origin: KeyOrigin;
  /** 33 bytes, or 32 where only x is told. */
  readonly key: Uint8Array;
}

/** Of each input: the keys that it names, and where they come from. */
export function namedKeysOf(input: PsbtInput): readonly NamedKey[] {
  return [
    ...[...input.derivations.values()].map(({ publicKey: key, origin }) => ({ key, origin })),
    ...[...input.taprootDerivations.values()].map(({ xOnlyKey: key, origin }) => ({ key, origin })),
  ];
}

/** Whether an input names a key of the master key with this fingerprint, in hex. */
export function namesFingerprint(input: PsbtInput, fingerprint: string): boolean {
  return namedKeysOf(input).some(({ origin }) => toHex(origin.fingerprint) === fingerprint);
}

/** Adds the private keys of a phrase that a PSBT asks for to `found`, a step for each. Whoever asks wipes them. */
export function* addPhraseKeys(
  psbt: Psbt,
  { words, passphrase }: Phrase,
  found: SigningMaterial,
  { prefixes, secp256k1 }: { readonly prefixes: AddressPrefixes; readonly secp256k1: DerivationCurve },
): Steps<void> {
  const seed = seedOfMnemonic(words, passphrase);
  const master = HDKey.fromExtendedKey(masterKeyOf(seed, prefixes), extendedKeyVersions(prefixes));
  seed.fill(0);
  const own = fingerprintOf(master.publicKey!);
  const paths = new DerivedPaths(master, secp256k1);
  try {
    for (const [index, input] of psbt.inputs.entries()) {
      for (const { key, origin } of namedKeysOf(input)) {
        if (!equalBytes(origin.fingerprint, own)) continue;
        if (found.privateKeys.size >= KEYS_MAX || paths.stepCount >= STEPS_MAX) return;
        const { publicKey, privateKey } = paths.keyAt(origin.path) ?? {};
        if (publicKey === undefined || privateKey === undefined) continue;
        // A fingerprint is four bytes: another's may be the same.
        const isSo = equalBytes(publicKey, key) || equalBytes(publicKey.subarray(1), key);
        if (isSo) found.addKeyPair(publicKey, { privateKey: privateKey.slice(), compressed: true });
        yield { work: "check", done: index + 1, total: psbt.inputs.length };
      }
    }
  } finally {
    paths.wipe();
    master.wipePrivateData();
  }
}

/** Adds those of the private keys that an input names to `found`, as copies. */
export function addNamedKeys(input: PsbtInput, keys: SigningMaterial, found: SigningMaterial): void {
  if (keys.privateKeys.size === 0) return;
  for (const { key } of namedKeysOf(input)) {
    const full = key.length === X_SIZE ? [2, 3].map((first) => Uint8Array.of(first, ...key)) : [key];
    for (const publicKey of full) {
      const known = keys.privateKeys.get(keyIdOf(publicKey));
      if (known !== undefined) found.addKeyPair(publicKey, { ...known, privateKey: known.privateKey.slice() });
    }
  }
}

const X_SIZE = 32;

/** Keys behind paths from a master key. Most paths begin alike, as those of one account do: each beginning is derived once. */
class DerivedPaths {
  readonly #master: ExtendedKey;
  readonly #curve: DerivationCurve;
  /** By their paths. */
  readonly #keys = new Map<string, ExtendedKey>();

  constructor({ publicKey, privateKey, chainCode }: HDKey, curve: DerivationCurve) {
    this.#master = { publicKey: publicKey!, privateKey: privateKey!, chainCode: chainCode!, depth: 0 };
    this.#curve = curve;
  }

  /** How many steps were derived. */
  get stepCount(): number {
    return this.#keys.size;
  }

  keyAt(path: KeyPath): ExtendedKey | undefined {
    let key: ExtendedKey | undefined = this.#master;
    for (let length = 1; length <= path.length && key !== undefined; length++) {
      const name = path.slice(0, length).join("/");
      const derived: ExtendedKey | undefined = this.#keys.get(name) ?? deriveStep(key, path[length - 1]!, this.#curve);
      if (derived !== undefined) this.#keys.set(name, derived);
      key = derived;
    }
    return key;
  }

  wipe(): void {
    for (const { privateKey } of this.#keys.values()) privateKey?.fill(0);
    this.#keys.clear();
  }
}

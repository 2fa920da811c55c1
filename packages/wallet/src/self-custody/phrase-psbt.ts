import { equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { HDKey } from "@scure/bip32";
import { masterKeyOf } from "../keys/accounts.ts";
import { extendedKeyVersions, fingerprintOf, formatKeyPath, type KeyOrigin } from "../keys/keys.ts";
import { seedOfMnemonic } from "../keys/mnemonic.ts";
import type { Psbt, PsbtInput } from "../psbt/psbt.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import type { Phrase } from "./account-descriptors.ts";

/** What a recovery phrase signs of a PSBT: whatever says that its keys come from there, so that it can be one of several cosigners. */

/** Keys of one PSBT that are derived for it: each takes milliseconds. */
const KEYS_MAX = 500;

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

/** The private keys of a phrase that a PSBT asks for. Whoever asks wipes them. */
export function phraseKeysFor(
  psbt: Psbt,
  { words, passphrase }: Phrase,
  { prefixes, secp256k1 }: { readonly prefixes: AddressPrefixes; readonly secp256k1: Pick<Secp256k1, "publicKeyOf"> },
): SigningMaterial {
  const seed = seedOfMnemonic(words, passphrase);
  const master = HDKey.fromExtendedKey(masterKeyOf(seed, prefixes), extendedKeyVersions(prefixes));
  seed.fill(0);
  const own = fingerprintOf(master.publicKey!);
  const found = new SigningMaterial();
  for (const { key, origin } of psbt.inputs.flatMap(namedKeysOf)) {
    if (!equalBytes(origin.fingerprint, own)) continue;
    if (found.privateKeys.size >= KEYS_MAX) break;
    const derived = master.derive(`m${formatKeyPath(origin.path, true)}`);
    // A fingerprint is four bytes: another's may be the same.
    const isSo = equalBytes(derived.publicKey!, key) || equalBytes(derived.publicKey!.subarray(1), key);
    if (isSo) found.addPrivateKey({ privateKey: derived.privateKey!.slice(), compressed: true }, secp256k1);
    derived.wipePrivateData();
  }
  master.wipePrivateData();
  return found;
}

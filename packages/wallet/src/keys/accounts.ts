import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { HDKey } from "@scure/bip32";
import { withChecksum } from "../descriptors/descriptor-checksum.ts";
import {
  decodeExtendedKey,
  extendedKeyVersions,
  fingerprintOf,
  formatKeyPath,
  HARDENED_OFFSET,
  type KeyOrigin,
  type KeyPath,
} from "./keys.ts";
import { readSlip132 } from "./slip132.ts";

/**
 * Accounts of a wallet by the paths that wallets agree on (BIP43 and those that follow it), as descriptors in the form that Core
 * writes: `wpkh([d34db33f/84h/1h/0h]tpub…/0/*)#checksum`.
 */

/** One key: P2PKH (BIP44), P2WPKH in P2SH (BIP49), P2WPKH (BIP84), taproot (BIP86). */
export type AccountPurpose = 44 | 49 | 84 | 86;
/** Several keys (BIP48): P2WSH, bare or in P2SH. */
export type MultisigScript = "sh-wsh" | "wsh";

const MULTISIG_PURPOSE = 48;
/** BIP48: the last step of the path. */
const SCRIPT_TYPES: Readonly<Record<MultisigScript, number>> = { "sh-wsh": 1, wsh: 2 };

/** BIP32: `xpub`, whose coin type is Bitcoin's. */
const MAIN_PUBLIC_VERSION = 0x0488b21e;

const hardened = (step: number) => HARDENED_OFFSET + step;

/** SLIP44: 0 for bitcoin, 1 for coins of every test network. */
export function coinTypeOf({ extPublicKey }: AddressPrefixes): 0 | 1 {
  return extPublicKey === MAIN_PUBLIC_VERSION ? 0 : 1;
}

/** BIP44: from the master key to account number `account`: `/84h/0h/0h`. */
export function accountPath(purpose: AccountPurpose, coinType: number, account: number): KeyPath {
  return [purpose, coinType, account].map(hardened);
}

/** BIP48: from the master key to a cosigner's key of account number `account`: `/48h/0h/0h/2h`. */
export function multisigAccountPath(script: MultisigScript, coinType: number, account: number): KeyPath {
  return [MULTISIG_PURPOSE, coinType, account, SCRIPT_TYPES[script]].map(hardened);
}

/** BIP32: the master key of a seed (16 to 64 bytes) as text (`xprv…`). Throws on another size. */
export function masterKeyOf(seed: Uint8Array, prefixes: AddressPrefixes): string {
  return HDKey.fromMasterSeed(seed, extendedKeyVersions(prefixes)).privateExtendedKey;
}

/** What an account is made of. */
export type AccountSource =
  /** A private master key, `xprv…`: from it the path is derived. */
  | { readonly master: string }
  /** The account's own key, private or public, with any prefix of SLIP132; and where it comes from, if that is known. */
  | { readonly key: string; readonly origin?: KeyOrigin };

/** An account's key, from which `/0/*` and `/1/*` are derived. */
export interface AccountKey {
  /** With its origin in front: `[d34db33f/84h/1h/0h]tpub…`. */
  readonly expression: string;
  readonly publicKey: string;
  readonly origin: KeyOrigin | undefined;
}

/** Descriptors of addresses to receive by and of those for change. */
export interface AccountDescriptors {
  readonly external: string;
  readonly internal: string;
}

/** The account's public key behind `path`, or why there is none in one sentence. The path is the origin where there is a master key. */
export function accountKeyOf(
  source: AccountSource,
  path: KeyPath,
  prefixes: AddressPrefixes,
): AccountKey | { readonly error: string } {
  const isMaster = "master" in source;
  const text = readableKey(isMaster ? source.master : source.key, prefixes);
  if (text === undefined) return { error: "The key is no extended key of this network." };
  const key = HDKey.fromExtendedKey(text, extendedKeyVersions(prefixes));
  if (!isMaster) return named(key, source.origin);
  if (key.privateKey === null)
    return { error: "The master key is public: it takes the private one to derive an account." };
  if (key.depth !== 0) return { error: "The key is no master key: it was derived from another one." };
  const origin = { fingerprint: fingerprintOf(key.publicKey!), path };
  return named(key.derive(`m${formatKeyPath(path, true)}`), origin);
}

/** As BIP32 writes it; `undefined` where it is no key, or one of another network. */
function readableKey(text: string, prefixes: AddressPrefixes): string | undefined {
  const read = readSlip132(text);
  return read !== undefined && decodeExtendedKey(read.text, prefixes) !== undefined ? read.text : undefined;
}

function named(key: HDKey, origin: KeyOrigin | undefined): AccountKey {
  const publicKey = key.publicExtendedKey;
  const start = origin === undefined ? "" : `[${toHex(origin.fingerprint)}${formatKeyPath(origin.path)}]`;
  return { expression: start + publicKey, publicKey, origin };
}

/** The scripts of an account of one key around the key expression. */
const WRAPPERS: Readonly<Record<AccountPurpose, (key: string) => string>> = {
  44: (key) => `pkh(${key})`,
  49: (key) => `sh(wpkh(${key}))`,
  84: (key) => `wpkh(${key})`,
  86: (key) => `tr(${key})`,
};

export interface AccountOptions {
  readonly purpose: AccountPurpose;
  /** {@link coinTypeOf} of the network. */
  readonly coinType: number;
  readonly account: number;
}

/** The descriptors of an account of one key, public, as Core lists those of its wallets; or why there are none, in one sentence. */
export function accountDescriptors(
  source: AccountSource,
  { purpose, coinType, account }: AccountOptions,
  prefixes: AddressPrefixes,
): AccountDescriptors | { readonly error: string } {
  const key = accountKeyOf(source, accountPath(purpose, coinType, account), prefixes);
  if ("error" in key) return key;
  return bothChains((chain) => WRAPPERS[purpose](`${key.expression}/${chain}/*`));
}

/** The same with the private master key in place of the account's, as Core lists them where private keys are asked for. */
export function privateAccountDescriptors(
  master: string,
  { purpose, coinType, account }: AccountOptions,
): AccountDescriptors {
  const path = formatKeyPath(accountPath(purpose, coinType, account));
  return bothChains((chain) => WRAPPERS[purpose](`${master}${path}/${chain}/*`));
}

/** Descriptors of an account of several people, of whom `required` must sign. The order of their keys does not count (BIP67). */
export function multisigDescriptors(
  required: number,
  cosigners: readonly AccountKey[],
  script: MultisigScript,
): AccountDescriptors {
  return bothChains((chain) => {
    const keys = cosigners.map(({ expression }) => `${expression}/${chain}/*`);
    const inner = `wsh(sortedmulti(${[required, ...keys].join(",")}))`;
    return script === "wsh" ? inner : `sh(${inner})`;
  });
}

/** BIP44: addresses to receive by are chain 0, those for change chain 1. */
const bothChains = (text: (chain: 0 | 1) => string): AccountDescriptors => ({
  external: withChecksum(text(0)),
  internal: withChecksum(text(1)),
});

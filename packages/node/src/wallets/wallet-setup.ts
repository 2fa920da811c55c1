import type { Descriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { descriptorText } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { normalizedText } from "@bitfleet/wallet/descriptors/descriptor-forms.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import type { AddressType, DescriptorUse } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import {
  type AccountPurpose,
  coinTypeOf,
  masterKeyOf,
  privateAccountDescriptors,
} from "@bitfleet/wallet/keys/accounts.ts";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import type { DescriptorId } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { Random } from "../ports.ts";
import type { NodeWallet } from "./node-wallet.ts";
import { WalletFlag } from "./wallet-flags.ts";

/** A descriptor that becomes part of a wallet. */
export interface NewDescriptor {
  readonly descriptor: Descriptor;
  /** Those of its private keys that are to be kept. */
  readonly secrets: SigningMaterial;
  /** Seconds: no transaction that pays to it is older. */
  readonly createdAt: number;
  readonly activeFor: DescriptorUse | undefined;
  /** First index that is watched, the one behind the last, and the next to give out. */
  readonly rangeStart: number;
  readonly rangeEnd: number;
  readonly nextIndex: number;
}

const PURPOSES: readonly (readonly [AddressType, AccountPurpose])[] = [
  ["legacy", 44],
  ["p2sh-segwit", 49],
  ["bech32", 84],
  ["bech32m", 86],
];
export const ADDRESS_TYPES: readonly AddressType[] = PURPOSES.map(([type]) => type);

/** BIP32: bytes of a seed. */
export const SEED_SIZE = 32;

/** Makes a master key, and of it descriptors for every kind of address, which new addresses come from. The wallet must be unlocked. */
export function setUpNewKeys(wallet: NodeWallet, random: Pick<Random, "bytes">): void {
  const seed = random.bytes(SEED_SIZE);
  const master = masterKeyOf(seed, wallet.deps.prefixes);
  seed.fill(0);
  setUpKeysOf(wallet, master, ADDRESS_TYPES, [false, true]);
}

/**
 * Descriptors of the given kinds from an extended private key, which take the place of those that addresses came from before. No
 * transaction that pays to them is older than `createdAt`, in seconds.
 */
export function setUpKeysOf(
  wallet: NodeWallet,
  master: string,
  types: readonly AddressType[],
  internals: readonly boolean[],
  createdAt = wallet.nowSeconds,
): readonly DescriptorId[] {
  return wallet.database.transaction(() => {
    if (wallet.has(WalletFlag.blank)) wallet.setFlags(wallet.flags & ~WalletFlag.blank);
    return types.flatMap((addressType) =>
      internals.map((isInternal) => {
        const activeFor = { addressType, isInternal };
        const { descriptor, secrets } = accountDescriptorOf(wallet, master, activeFor);
        const range = { rangeStart: 0, rangeEnd: 0, nextIndex: 0 };
        return addDescriptor(wallet, { descriptor, secrets, createdAt, activeFor, ...range });
      }),
    );
  });
}

/** The descriptor of the first account for a kind of address, from an extended private key. */
export function accountDescriptorOf(
  { deps }: NodeWallet,
  master: string,
  { addressType, isInternal }: DescriptorUse,
): { readonly descriptor: Descriptor; readonly secrets: SigningMaterial } {
  const purpose = PURPOSES.find(([type]) => type === addressType)![1];
  const texts = privateAccountDescriptors(master, { purpose, coinType: coinTypeOf(deps.prefixes), account: 0 });
  const parsed = parseDescriptor(isInternal ? texts.internal : texts.external, deps);
  if ("error" in parsed) throw new Error(`a descriptor made here cannot be read: ${parsed.error}`);
  const { secrets, descriptors } = parsed;
  return { descriptor: descriptors[0], secrets };
}

/** Core's words where scripts behind hardened steps would take private keys that nobody has. */
export const CANNOT_EXPAND = "Could not generate scriptPubKeys (cache is empty)";

/**
 * Adds a descriptor, with the private keys that are given, or brings the one that is there with the same text to the new range. Throws
 * {@link DescriptorRefused}; `WalletStorageError`: `locked` where private keys cannot be kept.
 */
export function addDescriptor(wallet: NodeWallet, added: NewDescriptor): DescriptorId {
  const { keychain, database, secrets, deps } = wallet;
  try {
    return database.transaction(() => put());
  } catch (error) {
    secrets.refresh();
    throw error;
  }

  function put(): DescriptorId {
    for (const key of added.secrets.privateKeys.values()) secrets.add(key);
    const known = findDescriptor(wallet, added.descriptor);
    const text = descriptorText(added.descriptor);
    const fields = {
      text,
      normalizedText:
        known?.record.normalizedText ?? normalizedText(added.descriptor, { secrets: secrets.unlocked, ...deps }),
      createdAt: added.createdAt,
      activeFor: added.activeFor,
    };
    if (added.activeFor !== undefined) deactivate(wallet, added.activeFor);
    const id = known?.record.id ?? keychain.nextId;
    const record = { id, ...fields };
    database.descriptors.put(record);
    const { rangeStart, rangeEnd, nextIndex } = added;
    const changes = keychain.put(record, { id, rangeStart, rangeEnd, nextIndex });
    if (changes === undefined) throw new DescriptorRefused(CANNOT_EXPAND);
    wallet.apply(EMPTY_CHANGE_SET, [changes]);
    return id;
  }
}

export class DescriptorRefused extends Error {
  override readonly name = "DescriptorRefused";
}

/** The wallet's descriptor that says the same. */
export function findDescriptor(wallet: NodeWallet, descriptor: Descriptor) {
  const wanted = bareText(descriptorText(descriptor));
  return [...wallet.keychain.sources].find(({ record }) => bareText(record.text) === wanted);
}

/** Without checksum, and hardened steps written in one of the two ways. */
const bareText = (text: string) => text.slice(0, text.indexOf("#")).replaceAll("'", "h");

/** From now on no addresses of this kind are given out, until another descriptor is there for them. */
export function deactivate(wallet: NodeWallet, use: DescriptorUse): void {
  const source = wallet.keychain.activeSource(use);
  if (source === undefined) return;
  const record = { ...source.record, activeFor: undefined };
  wallet.database.descriptors.put(record);
  wallet.keychain.replaceRecord(record);
}

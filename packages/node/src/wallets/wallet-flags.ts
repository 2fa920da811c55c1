/** What a wallet is for good or for now, as bits with the names that Core gives them (`getwalletinfo`, `setwalletflag`). */
export const WalletFlag = {
  /** Coins of addresses that were spent from before are set apart. */
  avoidReuse: 1n << 0n,
  keyOriginMetadata: 1n << 1n,
  /** Scripts behind hardened steps are found without private keys. */
  lastHardenedKeyCached: 1n << 2n,
  /** Watches only: no private key can be added. */
  disablePrivateKeys: 1n << 32n,
  /** Was made without keys, and gets none by itself. */
  blank: 1n << 33n,
  descriptors: 1n << 34n,
  externalSigner: 1n << 35n,
} as const;

const NAMES: readonly (readonly [bit: bigint, name: string])[] = [
  [WalletFlag.avoidReuse, "avoid_reuse"],
  [WalletFlag.keyOriginMetadata, "key_origin_metadata"],
  [WalletFlag.lastHardenedKeyCached, "last_hardened_xpub_cached"],
  [WalletFlag.disablePrivateKeys, "disable_private_keys"],
  [WalletFlag.blank, "blank"],
  [WalletFlag.descriptors, "descriptor_wallet"],
  [WalletFlag.externalSigner, "external_signer"],
];

/** Flags that may change in the life of a wallet. */
export const MUTABLE_FLAGS = WalletFlag.avoidReuse;

/** Names of the flags that are set, lowest bit first. */
export function flagNames(flags: bigint): readonly string[] {
  return NAMES.filter(([bit]) => (flags & bit) !== 0n).map(([, name]) => name);
}

/** The flag of that name. */
export function flagByName(name: string): bigint | undefined {
  return NAMES.find(([, known]) => known === name)?.[0];
}

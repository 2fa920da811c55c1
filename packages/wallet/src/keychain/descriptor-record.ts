import type { DescriptorId } from "../ledger/wallet-coin.ts";

/** The kinds of addresses that wallets give out, in the order in which Core lists them. */
export const ADDRESS_TYPES = ["legacy", "p2sh-segwit", "bech32", "bech32m"] as const;
export type AddressType = (typeof ADDRESS_TYPES)[number];

/** What a descriptor gives addresses for. */
export interface DescriptorUse {
  readonly addressType: AddressType;
  /** For change; else to receive by. */
  readonly isInternal: boolean;
}

/** A descriptor as a wallet keeps it. Its private keys are kept apart; how far it has come is `DescriptorProgress`. A plain value. */
export interface DescriptorRecord {
  readonly id: DescriptorId;
  /** As it was given, without private keys, with its checksum. */
  readonly text: string;
  /** In the form that finds its scripts without private keys; `undefined` where the last step is hardened for each index. */
  readonly normalizedText: string | undefined;
  /** Seconds: no transaction that pays to it is older. */
  readonly createdAt: number;
  /** `undefined` where addresses are given out of it no longer, or never were. */
  readonly activeFor: DescriptorUse | undefined;
}

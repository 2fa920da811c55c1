import type { Sats } from "@bitfleet/protocol/primitives/types.ts";

/** What stands in the vault, as screens see it. */

export type AddressChoice = "bech32m" | "bech32";

export interface WalletSettings {
  /** Minutes without touch until it locks; 0 for never. */
  readonly autoLockMinutes: number;
  /** What `receive` gives first: taproot, or segwit version 0. */
  readonly addressType: AddressChoice;
  /** What was told once and is not to be told again. */
  readonly noticesSeen: readonly NoticeName[];
}

/** `backup`: that coins have come, and no backup was saved. */
export const NOTICES = ["backup"] as const;
export type NoticeName = (typeof NOTICES)[number];

export const AUTO_LOCK_MINUTES_MAX = 24 * 60;
export const SETTINGS_DEFAULT: WalletSettings = { autoLockMinutes: 10, addressType: "bech32m", noticesSeen: [] };

export interface SavedNetwork {
  readonly id: string;
  readonly name: string;
  /** "" for the server that the page came from. */
  readonly url: string;
  readonly apiKey: string;
  /** "regtest", "signet" …: wallets of this network give addresses of it, and no server of another is taken. */
  readonly chain: string;
  /** Hash of block 1, hex, once it is known: tells one development network from another. */
  readonly firstBlock: string | undefined;
}

export interface WalletSummary {
  readonly id: string;
  readonly name: string;
  readonly kind: "phrase" | "watch";
  readonly networkId: string;
  /** Addresses in a row that were never used, behind which nobody looks further. */
  readonly gapLimit: number;
  /** Accounts that were removed here, which no search brings back by itself. */
  readonly removedCount: number;
  /** Of one that several keys share: who signs. It is one that watches, and its phrases, where some are here, are of other wallets. */
  readonly shared: SharedSummary | undefined;
  readonly accounts: readonly AccountSummary[];
}

export interface SharedSummary {
  /** So many of the keys must sign. */
  readonly required: number;
  readonly cosigners: readonly CosignerSummary[];
  /** What it watches, to be handed to the others: receiving and change in one where that can be. */
  readonly descriptor: string;
  /** Whether that has the form of those that are made here, which signing devices know. */
  readonly isUsual: boolean;
}

export interface CosignerSummary {
  /** `xpub…`, `tpub…`: names it. */
  readonly key: string;
  /** Of its master key, in hex, where that is known. */
  readonly fingerprint: string | undefined;
  /** From the master key: `/48h/1h/0h/2h`. */
  readonly path: string;
  /** `[fingerprint/path]key` */
  readonly text: string;
  /** "" where nobody gave one. */
  readonly name: string;
  /** The wallet of this device whose words the key comes from; `undefined` of others' keys. */
  readonly owner: string | undefined;
  readonly ownerId: string | undefined;
}

export interface AccountSummary {
  readonly id: string;
  readonly walletId: string;
  readonly name: string;
  /** BIP44's number; `undefined` for what is watched. */
  readonly index: number | undefined;
  /** All that is its, confirmed or not, as of when it was last looked at. */
  readonly total: Sats;
}

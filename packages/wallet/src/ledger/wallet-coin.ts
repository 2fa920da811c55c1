import { COINBASE_MATURITY } from "@bitfleet/protocol/consensus/check-transaction.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";

/** Outputs that are the wallet's, and the scripts that make them so. */

/** A descriptor's number within its wallet: given once, never again. */
export type DescriptorId = number;

/** Which descriptor a script comes from, and at which index. */
export interface ScriptOwner {
  readonly descriptorId: DescriptorId;
  /** 0 for a descriptor that is not ranged. */
  readonly index: number;
}

/** Answers whose a script is: `undefined` where it is not the wallet's. */
export type OwnerLookup = (script: Uint8Array) => ScriptOwner | undefined;

/** An output of a wallet transaction that pays one of the wallet's scripts, spent or not. A plain value. */
export interface WalletCoin extends ScriptOwner {
  readonly outPoint: OutPoint;
  readonly value: Sats;
  readonly script: Uint8Array;
  readonly isCoinbase: boolean;
  /** Of the block that its transaction is confirmed in; `undefined` while it is in none. */
  readonly height: number | undefined;
  /** Height of the block in which it is spent; `undefined` while no confirmed transaction spends it. */
  readonly spentHeight: number | undefined;
  /** Whether its transaction spends coins of the wallet. */
  readonly isFromMe: boolean;
  /** Seconds: the time shown for its transaction. */
  readonly time: number;
}

/** Blocks until a coinbase output may be spent in the next one; 0 for what may. Core waits for one block more than the rule. */
export function blocksToMaturity(coin: { readonly isCoinbase: boolean }, depth: number): number {
  return coin.isCoinbase ? Math.max(0, COINBASE_MATURITY + 1 - depth) : 0;
}

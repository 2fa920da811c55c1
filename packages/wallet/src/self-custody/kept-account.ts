import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { DerivedScript, DescriptorProgress } from "../ledger/change-set.ts";
import type { BlockReference, WalletTransaction } from "../ledger/wallet-transaction.ts";
import type { AccountDescriptor } from "./account-descriptors.ts";
import type { ConfirmationProof } from "./confirmation-proofs.ts";
import type { LookedEnds } from "./looked-indexes.ts";
import type { FarPlace } from "./script-ranges.ts";

/** How far one of an account's descriptors has come. */
export interface DescriptorState extends DescriptorProgress, LookedEnds {
  /** Of the address that is shown to be paid to: those before it were shown. */
  readonly shownIndex: number;
}

/** All of an account but for transactions and scripts, which are many and kept each by itself. */
export interface AccountState {
  readonly descriptors: readonly AccountDescriptor[];
  readonly progress: readonly DescriptorState[];
  readonly bestBlock: BlockReference | undefined;
  readonly frozen: readonly OutPoint[];
  readonly farNext?: FarPlace | undefined;
}

/** What is kept of an account. */
export interface KeptAccount extends AccountState {
  readonly scripts: readonly DerivedScript[];
  /** In any order. */
  readonly transactions: readonly WalletTransaction[];
  /** What was found of their blocks. */
  readonly proofs?: readonly (readonly [txid: Txid, proof: ConfirmationProof])[] | undefined;
}

/** An account that nobody has looked for yet. */
export function newAccount(descriptors: readonly AccountDescriptor[]): KeptAccount {
  const progress = descriptors.map(({ id }) => ({ ...NO_PROGRESS, id }));
  return { descriptors, progress, bestBlock: undefined, frozen: [], scripts: [], transactions: [] };
}

const NO_PROGRESS = { nextIndex: 0, rangeStart: 0, rangeEnd: 0, shownIndex: 0, lookedEnd: 0 } as const;

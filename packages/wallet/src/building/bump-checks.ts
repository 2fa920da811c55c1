import { formatMoney } from "@bitfleet/protocol/consensus/amount.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { BumpableTransaction, BumpError, BumpErrorKind } from "./bump-request.ts";
import { requiredFee } from "./fee-policy.ts";
import type { SpendingWallet } from "./spending-wallet.ts";

export function bumpError(kind: BumpErrorKind, error: string): BumpError {
  return { error, kind };
}

/** Why a transaction cannot be replaced: others build on it, it is settled, or nobody knows what its inputs are worth. */
export function preconditionFailure(
  old: BumpableTransaction,
  requiresOwnInputs: boolean,
  wallet: Pick<SpendingWallet, "coin">,
): BumpError | undefined {
  if (old.hasWalletDescendants) return bumpError("invalid-parameter", "Transaction has descendants in the wallet");
  if (old.hasMempoolDescendants) return bumpError("invalid-parameter", "Transaction has descendants in the mempool");
  if (old.depth !== 0)
    return bumpError("wallet", "Transaction has been mined, or is conflicted with a mined transaction");
  if (old.replacedBy !== undefined) {
    const [own, other] = [displayHash(old.tx.txid), displayHash(old.replacedBy)];
    return bumpError("wallet", `Cannot bump transaction ${own} which was already bumped by transaction ${other}`);
  }
  const areOwn = old.tx.inputs.every(({ previousOutput }) => wallet.coin(previousOutput) !== undefined);
  if (requiresOwnInputs && !areOwn)
    return bumpError("wallet", "Transaction contains inputs that don't belong to this wallet");
  return undefined;
}

/** A replacement at a feerate that the user asks for. */
export interface AskedReplacement {
  readonly feerateSatPerKvb: Sats;
  /** Vbytes with the old inputs, when signed. */
  readonly virtualSize: number;
  readonly oldFee: Sats;
  readonly outPoints: readonly OutPoint[];
}

/** Why the feerate does not do: for the mempool, for a replacement (BIP125, rules 3 and 4), for the wallet, or as it is too high. */
export function feeShortfall(
  { feerateSatPerKvb, virtualSize, oldFee, outPoints }: AskedReplacement,
  wallet: Pick<SpendingWallet, "settings" | "node" | "combinedBumpFee">,
): BumpError | undefined {
  const { settings, node } = wallet;
  const least = node.mempoolMinFeerateSatPerKvb;
  if (feerateSatPerKvb < least)
    return bumpError(
      "wallet",
      `New fee rate (${formatMoney(feerateSatPerKvb)}) is lower than the minimum fee rate (${formatMoney(least)}) to get into the mempool -- `,
    );
  const bumpFee = wallet.combinedBumpFee(outPoints, feerateSatPerKvb);
  if (bumpFee === undefined)
    return bumpError(
      "wallet",
      "Failed to calculate bump fees, because unconfirmed UTXOs depend on an enormous cluster of unconfirmed transactions.",
    );
  const fee = feeFor(feerateSatPerKvb, virtualSize) + bumpFee;
  const increment = feeFor(node.incrementalFeerateSatPerKvb, virtualSize);
  if (fee < oldFee + increment)
    return bumpError(
      "invalid-parameter",
      `Insufficient total fee ${formatMoney(fee)}, must be at least ${formatMoney(oldFee + increment)} (oldFee ${formatMoney(oldFee)} + incrementalFee ${formatMoney(increment)})`,
    );
  const required = requiredFee(settings, node, virtualSize);
  if (fee < required)
    return bumpError(
      "invalid-parameter",
      `Insufficient total fee (cannot be less than required fee ${formatMoney(required)})`,
    );
  if (fee > settings.feeMax)
    return bumpError(
      "wallet",
      `Specified or calculated fee ${formatMoney(fee)} is too high (cannot be higher than -maxtxfee ${formatMoney(settings.feeMax)})`,
    );
  return undefined;
}

import { dustThreshold } from "@bitfleet/protocol/policy/dust.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import type { TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { type RandomSource, randomBelow } from "./random.ts";

/** Change that is aimed at lies between these. */
export const CHANGE_TARGET_MIN: Sats = 50_000n;
export const CHANGE_TARGET_MAX: Sats = 1_000_000n;

/**
 * What is to be left for change, its fee included: a random amount of the size of the payment, so that neither amount nor the wallet's
 * habits tell which output it is. `payment` is the mean over the recipients.
 */
export function randomChangeTarget(payment: Sats, changeFee: Sats, random: RandomSource): Sats {
  if (payment <= CHANGE_TARGET_MIN / 2n) return changeFee + CHANGE_TARGET_MIN;
  const upper = 2n * payment < CHANGE_TARGET_MAX ? 2n * payment : CHANGE_TARGET_MAX;
  return changeFee + CHANGE_TARGET_MIN + BigInt(randomBelow(random, Number(upper - CHANGE_TARGET_MIN)));
}

/** The least change that is worth an output: no dust, and more than spending it costs, both at the discard feerate. */
export function minViableChange(output: TxOutput, spendVirtualSize: number, discardFeerateSatPerKvb: Sats): Sats {
  const dust = dustThreshold(output, discardFeerateSatPerKvb);
  const worthSpending = feeFor(discardFeerateSatPerKvb, spendVirtualSize) + 1n;
  return worthSpending > dust ? worthSpending : dust;
}

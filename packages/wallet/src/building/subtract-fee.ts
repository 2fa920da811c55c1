import { dustThreshold } from "@bitfleet/protocol/policy/dust.ts";
import type { TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { BuildError, Recipient } from "./build-request.ts";

/**
 * The recipients' outputs with `fee` taken from those that pay it: the same from each, and what does not divide from the first. Where
 * more was selected than needed, `fee` is below 0 and they get more. Fails where one would be left with dust.
 */
export function subtractFee(
  recipients: readonly Recipient[],
  fee: Sats,
  dustFeerateSatPerKvb: Sats,
): readonly TxOutput[] | BuildError {
  const payers = BigInt(recipients.filter(({ subtractsFee }) => subtractsFee).length);
  const outputs: TxOutput[] = [];
  let remainder = payers === 0n ? 0n : fee % payers;
  for (const { scriptPubKey, amount, subtractsFee } of recipients) {
    const output = { value: amount, scriptPubKey };
    if (subtractsFee) {
      output.value -= fee / payers + remainder;
      remainder = 0n;
      if (output.value < dustThreshold(output, dustFeerateSatPerKvb)) return { error: tooSmall(output) };
    }
    outputs.push(output);
  }
  return outputs;
}

function tooSmall({ value }: TxOutput): string {
  return value < 0n
    ? "The transaction amount is too small to pay the fee"
    : "The transaction amount is too small to send after the fee has been deducted";
}

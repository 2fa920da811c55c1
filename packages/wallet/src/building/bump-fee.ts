import { totalValue } from "@bitfleet/protocol/consensus/amount.ts";
import { feerateSatPerKvb } from "@bitfleet/protocol/policy/feerate.ts";
import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import { isWitnessProgram } from "@bitfleet/protocol/script/script.ts";
import { isError, type PreselectedInput, type Recipient } from "./build-request.ts";
import { buildTransaction } from "./build-transaction.ts";
import { bumpError, feeShortfall, preconditionFailure } from "./bump-checks.ts";
import type { BumpError, BumpedTransaction, BumpingWallet, BumpRequest } from "./bump-request.ts";
import { externalInputWeight } from "./external-input-weight.ts";
import { minimumFeerate } from "./fee-policy.ts";
import { maxSignedSize, type SignedInputSize } from "./transaction-size.ts";

/** What the wallet adds to the feerate at least, in case the network's increment grows; satoshis a thousand vbytes. */
export const WALLET_INCREMENTAL_FEERATE: Sats = 5000n;

/**
 * Builds the transaction that replaces one of the wallet's and pays more (BIP125): all its inputs, so that the two can never both
 * confirm, its outputs or others, and confirmed coins beside where they do not suffice.
 */
export function bumpFee(request: BumpRequest, wallet: BumpingWallet): BumpedTransaction | BumpError {
  const { outputs = [], originalChangeIndex } = request;
  if (outputs.length > 0 && originalChangeIndex !== undefined)
    return bumpError(
      "invalid-parameter",
      "The options 'outputs' and 'original_change_index' are incompatible. You can only either specify a new set of outputs, or designate a change output to be recycled.",
    );
  const old = wallet.bumpable(request.txid);
  if (old === undefined) return bumpError("invalid-address-or-key", "Invalid or non-wallet transaction id");
  if (originalChangeIndex !== undefined && originalChangeIndex >= old.tx.outputs.length)
    return bumpError("invalid-parameter", "Change position is out of range");
  const spent = spentOutputs(old.tx, wallet);
  if (isError(spent)) return spent;
  const failure = preconditionFailure(old, request.requiresOwnInputs, wallet);
  if (failure !== undefined) return failure;

  const oldFee = totalValue(spent) - totalValue(old.tx.outputs);
  const newOutputs = outputs.length > 0 ? outputs : old.tx.outputs;
  const payments = paymentsOf(newOutputs, originalChangeIndex, wallet);
  if (isError(payments)) return payments;
  const preselected = preselectedOf(old.tx, spent, wallet);
  const feerate = raisedFeerate(request, old.tx, oldFee, { outputs: newOutputs, preselected }, wallet);
  if (isError(feerate)) return feerate;
  const { replaceable } = request;
  // New inputs have to be confirmed (BIP125, rule 2).
  const rules = { feerateSatPerKvb: feerate.feerateSatPerKvb, replaceable, allowsOtherInputs: true, depthMin: 1 };
  const built = buildTransaction({ ...rules, ...payments, preselected }, wallet);
  return isError(built) ? bumpError("wallet", `Unable to create transaction. ${built.error}`) : { ...built, oldFee };
}

function spentOutputs(tx: Transaction, wallet: BumpingWallet): readonly TxOutput[] | BumpError {
  const outputs: TxOutput[] = [];
  for (const { previousOutput } of tx.inputs) {
    const output = wallet.unspentOutput(previousOutput);
    if (output === undefined)
      return bumpError("misc", `${displayHash(previousOutput.txid)}:${previousOutput.index} is already spent`);
    outputs.push(output);
  }
  return outputs;
}

/** All inputs again; those of others weigh what they weigh now, with signatures at their largest. */
function preselectedOf(
  tx: Transaction,
  spent: readonly TxOutput[],
  wallet: BumpingWallet,
): readonly PreselectedInput[] {
  return tx.inputs.map(({ previousOutput }, index) => {
    if (wallet.coin(previousOutput) !== undefined) return { outPoint: previousOutput };
    const output = spent[index]!;
    const external = { output, isSegwit: isWitnessProgram(output.scriptPubKey) };
    const weight = externalInputWeight(tx, index, spent, wallet.secp256k1);
    return { outPoint: previousOutput, external, weight };
  });
}

interface Payments {
  readonly recipients: readonly Recipient[];
  readonly changeScript: Uint8Array | undefined;
}

/** Recipients, and where change goes. Where all is change, it is paid to itself and bears the fee. */
function paymentsOf(
  outputs: readonly TxOutput[],
  changeIndex: number | undefined,
  wallet: BumpingWallet,
): Payments | BumpError {
  const isChange = (output: TxOutput, index: number) =>
    changeIndex === undefined ? wallet.isChange(output) : changeIndex === index;
  const changes = outputs.filter(isChange);
  const changeScript = changes.at(-1)?.scriptPubKey;
  const recipients = outputs
    .filter((output, index) => !isChange(output, index))
    .map(({ value, scriptPubKey }) => ({ amount: value, scriptPubKey }));
  if (recipients.length > 0) return { recipients, changeScript };
  if (changeScript === undefined)
    return bumpError("invalid-parameter", "Unable to create transaction. Transaction must have at least one recipient");
  const all = { amount: totalValue(outputs), scriptPubKey: changeScript, subtractsFee: true };
  return { recipients: [all], changeScript: undefined };
}

/** The feerate of the replacement: as asked for, where that suffices; else enough above the old one, and as high as any other. */
function raisedFeerate(
  request: BumpRequest,
  old: Transaction,
  oldFee: Sats,
  replacement: { readonly outputs: readonly TxOutput[]; readonly preselected: readonly PreselectedInput[] },
  wallet: BumpingWallet,
): { readonly feerateSatPerKvb: Sats } | BumpError {
  const asked = request.feerateSatPerKvb;
  if (asked !== undefined) {
    const inputs = replacement.preselected.map((input) => sizeOfInput(input, wallet));
    const size = maxSignedSize(inputs, replacement.outputs)?.virtualSize ?? 0;
    const outPoints = old.inputs.map(({ previousOutput }) => previousOutput);
    return (
      feeShortfall({ feerateSatPerKvb: asked, virtualSize: size, oldFee, outPoints }, wallet) ?? {
        feerateSatPerKvb: asked,
      }
    );
  }
  const { incrementalFeerateSatPerKvb } = wallet.node;
  const increment =
    incrementalFeerateSatPerKvb > WALLET_INCREMENTAL_FEERATE ? incrementalFeerateSatPerKvb : WALLET_INCREMENTAL_FEERATE;
  // The old feerate was rounded down; a satoshi more makes sure that this one is higher.
  const raised = feerateSatPerKvb(oldFee, old.virtualSize) + 1n + increment;
  const minimum = minimumFeerate(request, wallet.settings, wallet.node).feerateSatPerKvb;
  return { feerateSatPerKvb: raised > minimum ? raised : minimum };
}

function sizeOfInput({ outPoint, external, weight }: PreselectedInput, wallet: BumpingWallet): SignedInputSize {
  const coin = wallet.coin(outPoint) ?? external;
  return {
    inputWeight: weight ?? coin?.inputWeight,
    isSegwit: coin?.isSegwit ?? false,
    isGiven: weight !== undefined,
  };
}

import type { FinalizedPsbt, PsbtInputState } from "@bitfleet/api/rest/watch-psbt.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { analyzePsbt, type InputAnalysis, PSBT_ROLES, type PsbtRole } from "@bitfleet/wallet/psbt/analyze.ts";
import { isFinalInput } from "@bitfleet/wallet/psbt/codec.ts";
import type { Psbt, PsbtInput } from "@bitfleet/wallet/psbt/psbt.ts";
import { spentOutputOf } from "@bitfleet/wallet/psbt/sign-input.ts";
import { unsignedTransactionOf } from "@bitfleet/wallet/psbt/unsigned-transaction.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import { coinsFor } from "./find-transaction.ts";
import { decodedTransaction, type SpentOutput } from "./transaction-view.ts";

type Progress = Pick<FinalizedPsbt, "decoded" | "estimated_virtual_size" | "inputs" | "next" | "problem">;
type Node = Pick<RunningWebNode, "chain" | "indexes" | "mempool" | "secp256k1">;

/** What a PSBT would do, and how far it has come. `transaction`: what it makes, where it is complete. */
export async function psbtProgress(node: Node, psbt: Psbt, transaction: Transaction | undefined): Promise<Progress> {
  const tx = transaction ?? unsignedTransactionOf(psbt);
  const { addressPrefixes } = node.chain.network;
  const decoded = tx === undefined ? null : decodedTransaction(tx, await coinsOf(node, psbt, tx), addressPrefixes);
  if (transaction !== undefined) {
    const inputs = psbt.inputs.map((input) => stateOf(input, undefined));
    return { decoded, next: "extractor", problem: null, estimated_virtual_size: transaction.virtualSize, inputs };
  }
  const analysis = analyzePsbt(psbt, node.mempool.options.bytesPerSigop, node.secp256k1);
  const inputs = psbt.inputs.map((input, index) => stateOf(input, analysis.inputs[index]));
  return {
    decoded,
    next: PSBT_ROLES.find((role) => inputs.some(({ next }) => next === role)) ?? null,
    problem: analysis.error ?? null,
    estimated_virtual_size: analysis.estimatedVsize ?? null,
    inputs,
  };
}

/** What the chain and the mempool know, and what the PSBT itself says of the others. */
async function coinsOf(node: Node, { inputs }: Psbt, tx: Transaction): Promise<readonly (SpentOutput | undefined)[]> {
  const known = await coinsFor(node, tx);
  return inputs.map((input, index) => {
    const output = spentOutputOf(input);
    return known?.[index] ?? (output && { output, height: undefined, isCoinbase: false });
  });
}

function stateOf(input: PsbtInput, analysis: InputAnalysis | undefined): PsbtInputState {
  // One that is final but does not hold is not what it says it is.
  const isFinal = analysis?.isFinal ?? isFinalInput(input);
  const { partialSignatures, taprootScriptSignatures, taprootKeySignature } = input;
  const count = partialSignatures.size + taprootScriptSignatures.size + (taprootKeySignature === undefined ? 0 : 1);
  const missing = analysis?.missing;
  return {
    is_final: isFinal,
    next: isFinal ? "extractor" : analysis === undefined ? null : roleOf(input, analysis),
    signature_count: isFinal ? 0 : count,
    missing_signatures: [...(missing?.signatures ?? [])],
    missing_public_keys: [...(missing?.publicKeys ?? [])],
    is_script_missing: missing?.redeemScript !== undefined || missing?.witnessScript !== undefined,
  };
}

/** Of taproot no signature is ever named as missing: what has its keys or scripts is the signer's all the same. */
function roleOf(input: PsbtInput, { next, hasUtxo }: InputAnalysis): PsbtRole {
  const { taprootInternalKey, taprootDerivations, taprootScripts } = input;
  const isFilled = taprootInternalKey !== undefined || taprootDerivations.size > 0 || taprootScripts.size > 0;
  return next === "updater" && hasUtxo && isFilled ? "signer" : next;
}

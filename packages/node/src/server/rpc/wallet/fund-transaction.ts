import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import type { TransactionFields, TxInput, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import {
  type BuiltTransaction,
  type ExternalOutput,
  isError,
  type PreselectedInput,
  type Recipient,
} from "@bitfleet/wallet/building/build-request.ts";
import { spendingOfDescriptor } from "@bitfleet/wallet/building/wallet-coins.ts";
import { inferredDescriptor } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { buildPayment, lockInMemory } from "../../../wallets/spending/payments.ts";
import { findOutputs } from "../../../wallets/spending/spending-node.ts";
import type { RpcCallContext, RpcDependencies } from "../rpc-dependencies.ts";
import { type FundOptions, type FundSettings, fundOptions } from "./fund-options.ts";
import { requestedWallet } from "./requested-wallet.ts";
import { invalid, spendingNode } from "./spending-params.ts";

/** A transaction that lacks coins: its inputs are spent in any case. */
export type TransactionDraft = Pick<TransactionFields, "inputs" | "lockTime" | "version">;

/**
 * Adds coins of the wallet to a transaction until it pays for its outputs and the fee, and change. Locks what is spent where the options
 * say so. The wallet is looked for anew behind every wait. Throws `RpcError` in Core's words.
 */
export async function fundTransaction(
  draft: TransactionDraft,
  recipients: readonly Recipient[],
  options: JsonObject,
  settings: Omit<FundSettings, "recipientCount">,
  context: RpcCallContext,
  deps: RpcDependencies,
): Promise<BuiltTransaction> {
  const fund = fundOptions(options, { ...settings, recipientCount: recipients.length }, deps);
  if (recipients.length === 0) throw invalid("TX must have at least one output");
  const outPoints = draft.inputs.map(({ previousOutput }) => previousOutput);
  const outputs = await findOutputs(outPoints, deps);
  const wallet = requestedWallet(context, deps);
  const preselected = draft.inputs.map((input) =>
    preselectedInput(input, outputs.get(outPointKey(input.previousOutput)), fund, wallet),
  );
  // A coin whose weight is told is spent, whether it stands in the transaction or not.
  const keys = new Set(outPoints.map(outPointKey));
  const weighed = [...fund.weights.values()].filter(({ outPoint }) => !keys.has(outPointKey(outPoint)));
  const { version, lockTime } = draft;
  const request = { ...fund.request, recipients, preselected: [...preselected, ...weighed], version, lockTime };
  const built = buildPayment(request, wallet, spendingNode(deps), { solving: fund.solving });
  if (isError(built)) throw new RpcError(RpcErrorCode.WALLET_ERROR, built.error);
  if (fund.locksUnspents)
    lockInMemory(
      wallet,
      built.fields.inputs.map(({ previousOutput }) => previousOutput),
    );
  return built;
}

function preselectedInput(
  { previousOutput: outPoint, sequence, scriptSig, witness }: TxInput,
  output: TxOutput | undefined,
  { weights, solving }: FundOptions,
  wallet: NodeWallet,
): PreselectedInput {
  const weight = weights.get(outPointKey(outPoint))?.weight;
  const given = { outPoint, sequence, scriptSig, witness, weight };
  if (wallet.ledger.coin(outPoint) !== undefined) return given;
  if (output === undefined) throw new RpcError(RpcErrorCode.WALLET_ERROR, "Unable to find UTXO for external input");
  return { ...given, external: externalOutput(output, solving ?? new SigningMaterial(), wallet) };
}

function externalOutput(output: TxOutput, solving: SigningMaterial, { deps }: NodeWallet): ExternalOutput {
  const descriptor = inferredDescriptor(output.scriptPubKey, deps, solving);
  const { inputWeight, isSegwit } = spendingOfDescriptor(descriptor, { useMaxSig: true });
  return { output, inputWeight, isSegwit };
}

/** The options with the weights that a caller gave with the inputs. */
export function withInputWeights(options: JsonObject, inputs: readonly JsonValue[]): JsonObject {
  if (options.get("input_weights") !== undefined) {
    throw invalid("Input weights should be specified in inputs rather than in options.");
  }
  const weighed = inputs.filter((input) => input instanceof JsonObject && input.get("weight") !== undefined);
  return inputs.length === 0 ? options : new JsonObject([...options.members, ["input_weights", weighed]]);
}

import { type RpcErrorCode as Code, RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonNumber, JsonObject, type JsonValue, type RpcValue } from "@bitfleet/api/json.ts";
import { integerOf } from "@bitfleet/api/rpc/rpc-params.ts";
import type { TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { isError } from "@bitfleet/wallet/building/build-request.ts";
import type { SendAllErrorKind } from "@bitfleet/wallet/building/send-all.ts";
import { psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { againstFeeSniping, buildSweep, lockInMemory } from "../../../wallets/spending/payments.ts";
import { signAsPsbt } from "../../../wallets/spending/wallet-psbt.ts";
import { commitTransaction } from "../../../wallets/wallet-payments.ts";
import { hexOf } from "../../hex.ts";
import { createTransaction, outputsParam } from "../create-transaction.ts";
import { fillRefused } from "../psbt-text.ts";
import type { RpcCallContext, RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { feeOptions, firstOf, integerMember, listOf, maxConfirmations } from "./fund-options.ts";
import { fundTransaction, withInputWeights } from "./fund-transaction.ts";
import { requestedWallet, walletsOf } from "./requested-wallet.ts";
import { feePayersParam, invalid, recipientsOf, spendingNode } from "./spending-params.ts";

/** The calls that answer what they could not sign as a PSBT: `send` and `sendall`. */
export function walletSendHandlers(deps: RpcDependencies) {
  const prefixes = deps.chain.network.addressPrefixes;

  return {
    send: async ({ outputs, version, options: given }, context) => {
      requestedWallet(context, deps);
      const options = withFeeParams(given ?? new JsonObject([]), context);
      requireNoOldNames(options);
      const replaceable = isReplaceable(options, deps);
      const named = outputsParam(outputs, prefixes);
      const names = named.map(({ name }) => name);
      const recipients = recipientsOf(named, feePayersParam(listOf(options, "subtract_fee_from_outputs"), names));
      const inputs = listOf(options, "inputs") ?? [];
      const lockTime = lockTimeOf(options) ?? 0;
      const draft = createTransaction({ inputs, outputs, lockTime, replaceable, version }, prefixes);
      const settings = { allowsOtherInputs: inputs.length === 0, overridesMinimum: false };
      const all = withInputWeights(options, inputs);
      const { fields } = await fundTransaction(draft, recipients, all, settings, context, deps);
      const wallet = requestedWallet(context, deps);
      const isFixed = options.get("locktime") !== undefined;
      return finish(isFixed ? fields : againstFeeSniping(fields, wallet, spendingNode(deps)), options, wallet, deps);
    },

    sendall: async ({ recipients, options: given }, context) => {
      const wallet = requestedWallet(context, deps);
      const options = withFeeParams(given ?? new JsonObject([]), context);
      requireNoOldNames(options);
      const shares = new Set(recipients.filter((recipient) => typeof recipient === "string"));
      if (shares.size === 0) throw invalid("Must provide at least one address without a specified amount");
      const fee = feeOptions(options, deps);
      const depthMin = integerMember(options, "minconf");
      if (depthMin !== undefined && depthMin < 0) {
        throw invalid(`Invalid minconf (minconf cannot be negative): ${depthMin}`);
      }
      const depthMax = maxConfirmations(options, depthMin);
      const version = versionOf(options);
      const replaceable = isReplaceable(options, deps);
      const pairs = recipients.map((one) => (typeof one === "string" ? new JsonObject([[one, ZERO]]) : one));
      const lockTime = lockTimeOf(options);
      const inputs = listOf(options, "inputs");
      const request = { inputs: inputs ?? [], outputs: pairs, lockTime: lockTime ?? 0, replaceable, version };
      const draft = createTransaction(request, prefixes);
      requireNoContradiction(options);
      const outputs = outputsParam(pairs, prefixes).map(({ name, output }) => ({
        name,
        scriptPubKey: output.scriptPubKey,
        amount: shares.has(name) ? undefined : output.value,
      }));
      const chosen = draft.inputs.map(({ previousOutput: outPoint, sequence }) => ({ outPoint, sequence }));
      const sweep = buildSweep(
        {
          ...{ ...fee, replaceable, outputs, depthMin, depthMax, version, lockTime },
          inputs: inputs === undefined ? undefined : chosen,
          sendsMost: firstOf(options, ["send_max"]) as boolean | undefined,
        },
        wallet,
        spendingNode(deps),
      );
      if (isError(sweep)) throw new RpcError(CODES[sweep.kind], sweep.error);
      if (firstOf(options, ["lock_unspents"]) === true) {
        lockInMemory(
          wallet,
          sweep.fields.inputs.map(({ previousOutput }) => previousOutput),
        );
      }
      return finish(sweep.fields, options, wallet, deps);
    },
  } satisfies Partial<RpcHandlers>;
}

const ZERO = new JsonNumber("0");

const CODES: Readonly<Record<SendAllErrorKind, Code>> = {
  "invalid-parameter": RpcErrorCode.INVALID_PARAMETER,
  wallet: RpcErrorCode.WALLET_ERROR,
  "insufficient-funds": RpcErrorCode.WALLET_INSUFFICIENT_FUNDS,
};

/** Signs what the wallet can, and sends a transaction that has all signatures, unless the caller only wants to have it. */
async function finish(
  fields: TransactionFields,
  options: JsonObject,
  wallet: NodeWallet,
  deps: RpcDependencies,
): Promise<RpcValue> {
  const signed = signAsPsbt(fields, wallet);
  if ("error" in signed) throw fillRefused(signed.error);
  const { psbt, tx } = signed;
  const wantsPsbt = firstOf(options, ["psbt"]) === true;
  const isKept = (firstOf(options, ["add_to_wallet"]) ?? true) === true;
  const isSent = tx !== undefined && isKept && !wantsPsbt;
  if (isSent) await commitTransaction(wallet, tx, {}, walletsOf(deps));
  return {
    psbt: isSent ? undefined : psbtToBase64(psbt),
    txid: tx && displayHash(tx.txid),
    hex: tx && !isSent ? hexOf(tx.bytes) : undefined,
    complete: tx !== undefined,
  };
}

/** The options with what a caller gave as parameters: each in one place only. */
function withFeeParams(options: JsonObject, { positional }: RpcCallContext): JsonObject {
  const [, confirmationTarget = null, estimateMode = null, feerate = null] = positional;
  const added: (readonly [string, JsonValue])[] = [];
  const has = (name: string) => options.get(name) !== undefined;
  if (has("conf_target") || has("estimate_mode")) {
    if (confirmationTarget !== null || estimateMode !== null) throw invalid(TARGET_TWICE);
  } else added.push(["conf_target", confirmationTarget], ["estimate_mode", estimateMode]);
  if (has("fee_rate")) {
    if (feerate !== null) throw invalid(FEERATE_TWICE);
  } else added.push(["fee_rate", feerate]);
  const all = new JsonObject([...options.members, ...added]);
  const mode = firstOf(all, ["estimate_mode"]);
  if (firstOf(all, ["conf_target"]) !== undefined && (mode === undefined || mode === "unset")) {
    throw invalid("Specify estimate_mode");
  }
  return all;
}

const TARGET_TWICE = "Pass conf_target and estimate_mode either as arguments or in the options object, but not both";
const FEERATE_TWICE = "Pass the fee_rate either as an argument, or in the options object, but not both";

const OLD_NAMES: readonly (readonly [old: string, now: string])[] = [
  ["feeRate", "fee_rate (sat/vB)"],
  ["changeAddress", "change_address"],
  ["changePosition", "change_position"],
  ["lockUnspents", "lock_unspents"],
  ["subtractFeeFromOutputs", "subtract_fee_from_outputs"],
];

function requireNoOldNames(options: JsonObject): void {
  for (const [old, now] of OLD_NAMES) {
    if (options.get(old) !== undefined) throw invalid(`Use ${now} instead of ${old}`);
  }
}

function requireNoContradiction(options: JsonObject): void {
  const has = (name: string) => options.get(name) !== undefined;
  if (!has("inputs")) return;
  if (has("send_max")) throw invalid("Cannot combine send_max with specific inputs.");
  if (has("minconf") || has("maxconf")) throw invalid("Cannot combine minconf or maxconf with specific inputs.");
}

function isReplaceable(options: JsonObject, deps: RpcDependencies): boolean {
  const given = firstOf(options, ["replaceable"]) as boolean | undefined;
  return given ?? spendingNode(deps).policy.signalsReplaceability;
}

function lockTimeOf(options: JsonObject): number | undefined {
  const given = firstOf(options, ["locktime"]);
  return given === undefined ? undefined : integerOf(given, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

const UINT32_MAX = 2 ** 32 - 1;
const VERSION_DEFAULT = 2;

function versionOf(options: JsonObject): number {
  const given = firstOf(options, ["version"]);
  return given === undefined ? VERSION_DEFAULT : integerOf(given, 0, UINT32_MAX);
}

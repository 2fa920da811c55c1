import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject } from "@bitfleet/api/json.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BuiltTransaction } from "@bitfleet/wallet/building/build-request.ts";
import { psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { createPsbt } from "@bitfleet/wallet/psbt/psbt.ts";
import { fillFromWallet } from "../../../wallets/spending/wallet-psbt.ts";
import { hexOf } from "../../hex.ts";
import { createTransaction, outputsParam } from "../create-transaction.ts";
import { decodeTransactionText } from "../decode-transaction.ts";
import { fillRefused } from "../psbt-text.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { firstOf, listOf } from "./fund-options.ts";
import { fundTransaction, withInputWeights } from "./fund-transaction.ts";
import { requestedWallet } from "./requested-wallet.ts";
import { feePayersParam, psbtVersionParam, recipientsOf, spendingNode } from "./spending-params.ts";

/** Calls that add coins of a wallet to transactions of others' making. */
export function walletFundHandlers(deps: RpcDependencies) {
  const prefixes = deps.chain.network.addressPrefixes;

  return {
    fundrawtransaction: async ({ hexstring, options: given, iswitness }, context) => {
      requestedWallet(context, deps);
      const form = iswitness === undefined ? "either" : iswitness ? "witness" : "plain";
      const tx = decodeTransactionText(hexstring, form);
      if (tx === undefined) throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, "TX decode failed");
      // It once was a boolean, which now says nothing.
      const options = given instanceof JsonObject ? given : NO_OPTIONS;
      const outputs = tx.outputs.map((output) => ({ name: "dummy", output }));
      const payers = feePayersParam(
        listOf(options, "subtractFeeFromOutputs"),
        outputs.map(({ name }) => name),
      );
      const settings = { allowsOtherInputs: true, overridesMinimum: true };
      const built = await fundTransaction(tx, recipientsOf(outputs, payers), options, settings, context, deps);
      return { hex: hexOf(new Transaction(built.fields).bytes), ...feeAndChange(built) };
    },

    walletcreatefundedpsbt: async (params, context) => {
      requestedWallet(context, deps);
      const { inputs = [], outputs, locktime: lockTime, version } = params;
      const options = params.options ?? NO_OPTIONS;
      const replaceable =
        (firstOf(options, ["replaceable"]) as boolean | undefined) ?? spendingNode(deps).policy.signalsReplaceability;
      const draft = createTransaction({ inputs, outputs, lockTime, replaceable, version }, prefixes);
      const named = outputsParam(outputs, prefixes);
      const payers = feePayersParam(
        listOf(options, "subtractFeeFromOutputs"),
        named.map(({ name }) => name),
      );
      const settings = { allowsOtherInputs: inputs.length === 0, overridesMinimum: true };
      const all = withInputWeights(options, inputs);
      const built = await fundTransaction(draft, recipientsOf(named, payers), all, settings, context, deps);
      const blank = createPsbt(built.fields, { version: psbtVersionParam(params.psbt_version) });
      const filled = fillFromWallet(blank, requestedWallet(context, deps), {
        sign: false,
        bip32Derivs: params.bip32derivs,
      });
      if (filled.error !== undefined) throw fillRefused(filled.error);
      return { psbt: psbtToBase64(filled.psbt), ...feeAndChange(built) };
    },
  } satisfies Partial<RpcHandlers>;
}

const NO_OPTIONS = new JsonObject([]);

function feeAndChange({ fee, changeIndex }: BuiltTransaction) {
  return { fee: amountNumber(fee), changepos: changeIndex ?? -1 };
}

import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { extractTransaction } from "@bitfleet/wallet/psbt/finalize.ts";
import { findOutputs } from "../../../wallets/spending/spending-node.ts";
import { fillFromWallet } from "../../../wallets/spending/wallet-psbt.ts";
import { signWithWallet } from "../../../wallets/wallet-payments.ts";
import { hexOf } from "../../hex.ts";
import { decodeTransactionText } from "../decode-transaction.ts";
import { takePreviousOutputs } from "../previous-outputs.ts";
import { checkablePsbtParam, fillRefused } from "../psbt-text.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { hashTypeParam } from "../sighash-names.ts";
import { signedJson } from "../signed-json.ts";
import { requestedWallet, requireUnlocked } from "./requested-wallet.ts";

/** Calls that sign with the keys of a wallet what others made. */
export function walletSignHandlers(deps: RpcDependencies) {
  return {
    signrawtransactionwithwallet: async ({ hexstring, prevtxs, sighashtype }, context) => {
      const wallet = requestedWallet(context, deps);
      const tx = decodeTransactionText(hexstring, "either");
      if (tx === undefined) {
        const message = "TX decode failed. Make sure the tx has at least one input.";
        throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, message);
      }
      requireUnlocked(wallet);
      const outPoints = tx.inputs.map(({ previousOutput }) => previousOutput);
      const outputs = await findOutputs(outPoints, deps);
      takePreviousOutputs(prevtxs ?? [], outputs);
      const hashType = sighashtype === undefined ? SighashType.DEFAULT : hashTypeParam(sighashtype);
      const spent = outPoints.map((outPoint) => outputs.get(outPointKey(outPoint)));
      return signedJson(signWithWallet(wallet, tx, spent, hashType), spent);
    },

    walletprocesspsbt: ({ psbt: text, sign, sighashtype, bip32derivs, finalize }, context) => {
      const wallet = requestedWallet(context, deps);
      const psbt = checkablePsbtParam(text, deps.secp256k1);
      const sighashType = sighashtype === undefined ? undefined : hashTypeParam(sighashtype);
      if (sign) requireUnlocked(wallet);
      const filled = fillFromWallet(psbt, wallet, { sign, sighashType, bip32Derivs: bip32derivs, finalize });
      if (filled.error !== undefined) throw fillRefused(filled.error);
      const { complete } = filled;
      const tx = complete ? extractTransaction(filled.psbt, deps.secp256k1) : undefined;
      return { psbt: psbtToBase64(filled.psbt), complete, hex: tx && hexOf(tx.bytes) };
    },
  } satisfies Partial<RpcHandlers>;
}

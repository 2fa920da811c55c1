import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { decodeWif } from "@bitfleet/protocol/script/address.ts";
import { combineTransactions, signTransaction } from "@bitfleet/wallet/signing/signer.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { findOutputs } from "../../wallets/spending/spending-node.ts";
import { hexOf } from "../hex.ts";
import { decodeTransactionText } from "./decode-transaction.ts";
import { takePreviousOutputs } from "./previous-outputs.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { hashTypeParam } from "./sighash-names.ts";
import { signedJson } from "./signed-json.ts";

/** Calls that sign transactions with keys that the caller gives. */
export function signingHandlers(deps: Pick<RpcDependencies, "chain" | "mempool" | "secp256k1">) {
  const { chain, secp256k1 } = deps;
  const { addressPrefixes } = chain.network;

  return {
    signrawtransactionwithkey: async ({ hexstring, privkeys, prevtxs, sighashtype }) => {
      const tx = decodeTransactionText(hexstring, "either");
      if (tx === undefined) {
        const message = "TX decode failed. Make sure the tx has at least one input.";
        throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, message);
      }
      const material = new SigningMaterial();
      for (const text of privkeys) {
        const key = decodeWif(text, addressPrefixes);
        if (key === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Invalid private key");
        material.addPrivateKey(key, secp256k1);
      }
      const coins = await findOutputs(outPointsOf(tx), deps);
      takePreviousOutputs(prevtxs ?? [], coins, material);
      const hashType = hashTypeParam(sighashtype ?? "DEFAULT");
      const spent = tx.inputs.map(({ previousOutput }) => coins.get(outPointKey(previousOutput)));
      return signedJson(signTransaction(tx, spent, hashType, material, secp256k1), spent);
    },

    combinerawtransaction: async ({ txs }) => {
      if (txs.length < 2) {
        const message = "Missing transactions. At least two transactions required.";
        throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, message);
      }
      const [first, ...others] = txs.map((text, index) => {
        const tx = decodeTransactionText(text, "either");
        if (tx !== undefined) return tx;
        const message = `TX decode failed for tx ${index}. Make sure the tx has at least one input.`;
        throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, message);
      });
      const variants = [first!, ...others] as const;
      requireVariants(variants);
      const coins = await findOutputs(outPointsOf(variants[0]), deps);
      const spent = variants[0].inputs.map(({ previousOutput }) => {
        const coin = coins.get(outPointKey(previousOutput));
        if (coin === undefined) throw new RpcError(RpcErrorCode.VERIFY_ERROR, "Input not found or already spent");
        return coin;
      });
      return hexOf(combineTransactions(variants, spent, secp256k1).bytes);
    },
  } satisfies Partial<RpcHandlers>;
}

const outPointsOf = ({ inputs }: Transaction) => inputs.map(({ previousOutput }) => previousOutput);

/** Throws where transactions differ in more than their signatures. */
function requireVariants(transactions: readonly Transaction[]): void {
  const [first, ...others] = transactions.map(unsigned);
  const stranger = others.findIndex((tx) => !equalBytes(tx.txid, first!.txid));
  if (stranger < 0) return;
  const message = `Transaction number ${stranger + 2} not compatible with first transaction`;
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
}

function unsigned({ version, inputs, outputs, lockTime }: Transaction): Transaction {
  const blank = inputs.map((input) => ({ ...input, scriptSig: new Uint8Array(0), witness: [] }));
  return new Transaction({ version, inputs: blank, outputs, lockTime });
}

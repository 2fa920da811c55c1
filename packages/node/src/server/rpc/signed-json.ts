import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { TxInput, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { MISSING_AMOUNT, type SignedTransaction } from "@bitfleet/wallet/signing/signer.ts";
import { hexOf } from "../hex.ts";
import { outputText } from "./previous-outputs.ts";

/** What calls that sign answer: the transaction, and what is wrong with its inputs. -3 where an amount is needed that nobody told. */
export function signedJson(
  { transaction, errors }: SignedTransaction,
  spent: readonly (TxOutput | undefined)[],
): RpcValue {
  for (const [index, error] of errors) {
    if (error !== MISSING_AMOUNT) continue;
    throw new RpcError(RpcErrorCode.TYPE_ERROR, `Missing amount for ${outputText(spent[index]!)}`);
  }
  return {
    hex: hexOf(transaction.bytes),
    complete: errors.size === 0,
    errors:
      errors.size === 0 ? undefined : [...errors].map(([index, error]) => inputJson(transaction.inputs[index]!, error)),
  };
}

function inputJson({ previousOutput, witness, scriptSig, sequence }: TxInput, error: string): RpcValue {
  return {
    txid: displayHash(previousOutput.txid),
    vout: previousOutput.index,
    witness: witness.map(toHex),
    scriptSig: toHex(scriptSig),
    sequence,
    error,
  };
}

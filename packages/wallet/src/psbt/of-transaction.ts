import { DecodeError, Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { createPsbt, type Psbt } from "./psbt.ts";

/**
 * A signed transaction, as some signers hand it back, as a PSBT (version 0) whose inputs are final. What they spend it does not say; who knows it adds it.
 * `undefined` where the bytes are no transaction.
 */
export function psbtOfTransaction(bytes: Uint8Array): Psbt | undefined {
  const transaction = transactionOf(bytes);
  if (transaction === undefined) return undefined;
  const psbt = createPsbt(transaction, { version: 0 });
  const inputs = psbt.inputs.map((input, index) => {
    const { scriptSig, witness } = transaction.inputs[index]!;
    return {
      ...input,
      finalScriptSig: scriptSig.length > 0 ? scriptSig : undefined,
      finalWitness: witness.length > 0 ? witness : undefined,
    };
  });
  return { ...psbt, inputs };
}

function transactionOf(bytes: Uint8Array): Transaction | undefined {
  try {
    const reader = new Reader(bytes);
    const transaction = decodeTransaction(reader);
    reader.end();
    return transaction;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

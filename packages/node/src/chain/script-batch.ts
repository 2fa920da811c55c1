import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import {
  decodeTransaction,
  decodeTxOutput,
  type TxOutput,
  writeTxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { SighashCache } from "@bitfleet/protocol/script/sighash.ts";
import { verifyInput } from "@bitfleet/protocol/script/verify.ts";
import type { ScriptFailure, TransactionScripts } from "../ports.ts";

/** Some inputs, in a row, of one transaction whose scripts are to be checked. */
export interface ScriptPart extends TransactionScripts {
  /** Position of the transaction in the whole list, for the failure. */
  readonly transactionIndex: number;
  readonly inputFirst: number;
  /** Behind the last. */
  readonly inputEnd: number;
}

/** The first failure among `parts`, which stand in block order. */
export function verifyParts(
  parts: readonly ScriptPart[],
  flags: number,
  secp256k1: Secp256k1,
): ScriptFailure | undefined {
  for (const { tx, spentOutputs, transactionIndex, inputFirst, inputEnd } of parts) {
    const cache = new SighashCache(tx, spentOutputs);
    for (let inputIndex = inputFirst; inputIndex < inputEnd; inputIndex++) {
      const error = verifyInput(tx, inputIndex, cache, flags, secp256k1);
      if (error !== undefined) return { transactionIndex, inputIndex, error };
    }
  }
  return undefined;
}

/**
 * Cuts the inputs of `transactions` into runs of about `inputsPerBatch`, in block order. A transaction with many more inputs
 * than that is cut too, so that no batch takes far longer than the others.
 */
export function batchesOf(transactions: readonly TransactionScripts[], inputsPerBatch: number): ScriptPart[][] {
  const batches: ScriptPart[][] = [];
  let batch: ScriptPart[] = [];
  let inputCount = 0;
  transactions.forEach(({ tx, spentOutputs }, transactionIndex) => {
    for (let inputFirst = 0; inputFirst < tx.inputs.length; ) {
      const inputEnd = Math.min(tx.inputs.length, inputFirst + inputsPerBatch);
      batch.push({ tx, spentOutputs, transactionIndex, inputFirst, inputEnd });
      inputCount += inputEnd - inputFirst;
      inputFirst = inputEnd;
      if (inputCount < inputsPerBatch) continue;
      batches.push(batch);
      batch = [];
      inputCount = 0;
    }
  });
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** A batch as it travels to a worker: one buffer, moved and not copied. */
export function encodeBatch(parts: readonly ScriptPart[], flags: number): Uint8Array<ArrayBuffer> {
  const writer = new Writer(64 * 1024);
  writer.uint32(flags).compactSize(parts.length);
  for (const { tx, spentOutputs, transactionIndex, inputFirst, inputEnd } of parts) {
    writer.uint32(transactionIndex).uint32(inputFirst).uint32(inputEnd);
    writer.bytes(tx.bytes);
    for (const output of spentOutputs) writeTxOutput(writer, output);
  }
  return writer.finish() as Uint8Array<ArrayBuffer>;
}

export function decodeBatch(bytes: Uint8Array): { readonly parts: readonly ScriptPart[]; readonly flags: number } {
  const reader = new Reader(bytes);
  const flags = reader.uint32();
  const partCount = reader.compactSize();
  const parts: ScriptPart[] = [];
  for (let index = 0; index < partCount; index++) {
    const transactionIndex = reader.uint32();
    const inputFirst = reader.uint32();
    const inputEnd = reader.uint32();
    const tx = decodeTransaction(reader);
    const spentOutputs: TxOutput[] = tx.inputs.map(() => decodeTxOutput(reader));
    parts.push({ tx, spentOutputs, transactionIndex, inputFirst, inputEnd });
  }
  reader.end();
  return { parts, flags };
}

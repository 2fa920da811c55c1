import { compactSizeLength } from "@bitfleet/protocol/bytes/cursor.ts";
import { virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { type TxOutput, txOutputSize, WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";

export interface TransactionSize {
  /** Weight units. */
  readonly weight: number;
  /** Vbytes. */
  readonly virtualSize: number;
}

/** What an input weighs when it is signed. */
export interface SignedInputSize {
  /** As in a transaction with witnesses (`maxInputWeight`); `undefined` where nobody can tell. */
  readonly inputWeight: number | undefined;
  readonly isSegwit: boolean;
  /** Whether somebody gave the weight: it is taken as it is. */
  readonly isGiven?: boolean;
}

/** Version and lock time. */
const FRAME_SIZE = 4 + 4;
/** Marker and flag, of a byte each in the witness. */
const SEGWIT_MARK_WEIGHT = 2;

/** Size of a transaction at most once it is signed; `undefined` where that of an input is not known. */
export function maxSignedSize(
  inputs: readonly SignedInputSize[],
  outputs: readonly TxOutput[],
): TransactionSize | undefined {
  const isSegwit = inputs.some((input) => input.isSegwit);
  const counts = compactSizeLength(inputs.length) + compactSizeLength(outputs.length);
  const outputsSize = outputs.reduce((size, output) => size + txOutputSize(output), 0);
  let weight = (FRAME_SIZE + counts + outputsSize) * WITNESS_SCALE_FACTOR + (isSegwit ? SEGWIT_MARK_WEIGHT : 0);
  for (const input of inputs) {
    if (input.inputWeight === undefined) return undefined;
    // Without any witness in the transaction there is no count of witness elements either.
    weight += input.inputWeight - (isSegwit || input.isGiven ? 0 : 1);
  }
  return { weight, virtualSize: virtualSizeOf(weight) };
}

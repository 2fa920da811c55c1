import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { idOf } from "./reference-chain.ts";
import type { Node } from "./reference-graph.ts";
import { sigopsCostOf } from "./reference-rules.ts";

/** A transaction of the reference, with what is known since it came. */
export interface ModelEntry extends Node {
  readonly tx: Transaction;
  readonly fee: bigint;
  readonly modifiedFee: bigint;
  readonly vsize: number;
  readonly sigopsCost: number;
  readonly timeSeconds: number;
  readonly height: number;
  readonly sequence: number;
  readonly usageBytes: number;
}

export interface Came {
  readonly fee: bigint;
  readonly delta: bigint;
  readonly timeSeconds: number;
  readonly height: number;
  readonly sequence: number;
}

const BYTES_PER_SIGOP = 20;

export function modelEntry(tx: Transaction, { fee, delta, timeSeconds, height, sequence }: Came): ModelEntry {
  const sigopsCost = sigopsCostOf(tx);
  const size = Math.max(tx.strippedBytes.length * 3 + tx.bytes.length, sigopsCost * BYTES_PER_SIGOP);
  return {
    id: idOf(tx),
    spends: tx.inputs.map(({ previousOutput }) => toHex(previousOutput.txid)),
    tx,
    fee,
    modifiedFee: fee + delta,
    size,
    vsize: Math.floor((size + 3) / 4),
    sigopsCost,
    timeSeconds,
    height,
    sequence,
    usageBytes: usageOf(tx),
  };
}

/** The mempool's own estimate of memory: a thousand for the entry, its bytes, 200 an input, 100 an output and a witness item. */
function usageOf({ bytes, inputs, outputs }: Transaction): number {
  const items = inputs.flatMap(({ witness }) => [...witness]).length;
  return 1000 + bytes.length + 200 * inputs.length + 100 * outputs.length + 100 * items;
}

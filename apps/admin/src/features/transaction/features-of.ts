import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import { transactionTexts } from "./texts.ts";

const texts = transactionTexts.features;

/** BIP65: lock times from here on are moments, smaller ones heights. */
export const LOCK_TIME_MOMENT_MIN = 500_000_000;
const SEQUENCE_FINAL = 0xffffffff;
/** BIP125: an input below it signals that the transaction may be replaced. */
const SEQUENCE_REPLACEABLE_MAX = 0xfffffffd;

type Transaction = Pick<DecodedTransaction, "txid" | "wtxid" | "is_coinbase" | "lock_time" | "inputs"> & {
  readonly outputs: readonly { readonly script: { readonly type: string } }[];
};

/** What a transaction makes use of, in words. */
export function featuresOf(transaction: Transaction): readonly string[] {
  const { inputs, outputs } = transaction;
  const spends = (type: string) => inputs.some(({ prevout }) => prevout?.script.type === type);
  const pays = (type: string) => outputs.some(({ script }) => script.type === type);
  return [
    [texts.segwit, transaction.txid !== transaction.wtxid],
    [texts.taproot, spends("witness_v1_taproot") || pays("witness_v1_taproot")],
    [texts.replaceable, signalsReplacement(transaction)],
    [texts.locked, isLocked(transaction)],
    [texts.data, pays("nulldata")],
  ].flatMap(([name, isThere]) => (isThere ? [name as string] : []));
}

/** Whether the transaction itself signals replacement (BIP125); one that depends on such may be replaced with it. */
export function signalsReplacement({
  is_coinbase: isCoinbase,
  inputs,
}: Pick<Transaction, "is_coinbase" | "inputs">): boolean {
  return !isCoinbase && inputs.some(({ sequence }) => sequence <= SEQUENCE_REPLACEABLE_MAX);
}

/** Whether the lock time counts: it is set, and an input's sequence lets it. */
export function isLocked({ lock_time: lockTime, inputs }: Pick<Transaction, "lock_time" | "inputs">): boolean {
  return lockTime > 0 && inputs.some(({ sequence }) => sequence !== SEQUENCE_FINAL);
}

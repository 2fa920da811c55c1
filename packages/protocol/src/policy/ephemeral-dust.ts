import type { Transaction } from "../primitives/transaction.ts";
import {
  displayHash,
  type HashKey,
  hashKey,
  outPointKey,
  outPointKeyOf,
  type Sats,
  type Txid,
} from "../primitives/types.ts";
import { dustOutputs } from "./dust.ts";
import { type PolicyReject, policyReject } from "./verdict.ts";

/** A transaction that makes dust pays nothing itself, so that nobody mines it without the child that spends the dust. */
export function checkDustFee(
  tx: Transaction,
  fees: { readonly base: Sats; readonly modified: Sats },
  dustFeerateSatPerKvb: Sats,
): PolicyReject | undefined {
  if (fees.base === 0n && fees.modified === 0n) return undefined;
  if (dustOutputs(tx, dustFeerateSatPerKvb).length === 0) return undefined;
  return policyReject("not-standard", "dust", "tx with dust output must be 0-fee");
}

/** A child of a transaction that makes dust spends that dust. `parentOf` finds unconfirmed transactions. */
export function checkDustSpent(
  tx: Transaction,
  parentOf: (txid: Txid) => Transaction | undefined,
  dustFeerateSatPerKvb: Sats,
): PolicyReject | undefined {
  // Most parents are confirmed: then nothing is asked of them.
  const parents = tx.inputs.map(({ previousOutput }) => parentOf(previousOutput.txid));
  if (parents.every((parent) => parent === undefined)) return undefined;
  const spent = new Set(tx.inputs.map(({ previousOutput }) => outPointKey(previousOutput)));
  const seen = new Set<HashKey>();
  for (const [index, { previousOutput }] of tx.inputs.entries()) {
    const key = hashKey(previousOutput.txid);
    if (seen.has(key)) continue;
    seen.add(key);
    const parent = parents[index];
    if (parent === undefined) continue;
    if (dustOutputs(parent, dustFeerateSatPerKvb).every((output) => spent.has(outPointKeyOf(key, output)))) continue;
    const names = `tx ${displayHash(tx.txid)} (wtxid=${displayHash(tx.wtxid)})`;
    return policyReject("policy", "missing-ephemeral-spends", `${names} did not spend parent's ephemeral dust`);
  }
  return undefined;
}

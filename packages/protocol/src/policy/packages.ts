import type { Transaction } from "../primitives/transaction.ts";
import { type HashKey, hashKey, type OutPointKey, outPointKey } from "../primitives/types.ts";

export const PACKAGE_COUNT_MAX = 25;
export const PACKAGE_WEIGHT_MAX = 404_000;

/** Why a list of transactions is no package, whatever the mempool holds; in Core's words. */
export function packageFault(transactions: readonly Transaction[]): string | undefined {
  if (transactions.length > PACKAGE_COUNT_MAX) return "package-too-many-transactions";
  const weight = transactions.reduce((sum, tx) => sum + tx.weight, 0);
  if (transactions.length > 1 && weight > PACKAGE_WEIGHT_MAX) return "package-too-large";
  if (new Set(transactions.map(({ txid }) => hashKey(txid))).size < transactions.length)
    return "package-contains-duplicates";
  if (!areSorted(transactions)) return "package-not-sorted";
  return areConsistent(transactions) ? undefined : "conflict-in-package";
}

/** Whether every transaction but the last is a parent of the last. */
export function isChildWithParents(transactions: readonly Transaction[]): boolean {
  if (transactions.length < 2) return false;
  const parents = new Set(transactions.at(-1)!.inputs.map(({ previousOutput }) => hashKey(previousOutput.txid)));
  return transactions.slice(0, -1).every(({ txid }) => parents.has(hashKey(txid)));
}

/** Parents before children. */
function areSorted(transactions: readonly Transaction[]): boolean {
  const later = new Set<HashKey>(transactions.map(({ txid }) => hashKey(txid)));
  return transactions.every((tx) => {
    if (tx.inputs.some(({ previousOutput }) => later.has(hashKey(previousOutput.txid)))) return false;
    later.delete(hashKey(tx.txid));
    return true;
  });
}

/** No output is spent by two of them. Twice by one is a matter of consensus, told there. */
function areConsistent(transactions: readonly Transaction[]): boolean {
  const spent = new Set<OutPointKey>();
  return transactions.every((tx) => {
    const keys = tx.inputs.map(({ previousOutput }) => outPointKey(previousOutput));
    if (keys.length === 0 || keys.some((key) => spent.has(key))) return false;
    for (const key of keys) spent.add(key);
    return true;
  });
}

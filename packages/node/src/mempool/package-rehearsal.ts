import { isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import { type PolicyReject, policyReject } from "@bitfleet/protocol/policy/verdict.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { PackageTestResult } from "./accept-result.ts";
import type { Decision, PackageFailure } from "./acceptor.ts";
import { isFailure, mayBePaidFor, packageOutcome, shapeFault } from "./package-acceptance.ts";

type Judged = Promise<Decision | PackageFailure>;

export interface RehearsalSteps {
  /** By itself, as it would be taken. */
  readonly judgeOne: (tx: Transaction) => Promise<Decision | PolicyReject>;
  /** All of them, each paying for itself, and taking nothing's place. */
  readonly judgeEach: (transactions: readonly Transaction[]) => Judged;
  /** All of them, of which those that are not `apart` pay for one another. */
  readonly judgeTogether: (transactions: readonly Transaction[], apart: ReadonlySet<HashKey>) => Judged;
}

/**
 * What would become of a child and its parents, none of which is in the mempool, if they were taken; changes nothing. As they are taken,
 * parents that come in by themselves do, and pay for nobody else. Must run while the tip stands still.
 */
export async function rehearsePackage(
  transactions: readonly Transaction[],
  steps: RehearsalSteps,
): Promise<PackageTestResult> {
  const fault = shapeFault(transactions);
  if (fault !== undefined)
    return { results: transactions.map(() => undefined), packageReject: policyReject("policy", fault) };
  const each = await steps.judgeEach(transactions);
  if (!mayPayTogether(each)) return packageOutcome(transactions, each);
  const apart = new Set<HashKey>();
  for (const [index, tx] of transactions.slice(0, -1).entries()) {
    const alone = await steps.judgeOne(tx);
    if (!isReject(alone)) apart.add(hashKey(tx.txid));
    else if (!mayBePaidFor(alone)) return packageOutcome(transactions, { index, reject: alone });
  }
  return packageOutcome(transactions, await steps.judgeTogether(transactions, apart), apart);
}

/** Whether transactions that do not all pay for themselves, or take the place of others, may come in all the same. */
function mayPayTogether(each: Decision | PackageFailure): boolean {
  if (!isFailure(each)) return false;
  const { index, reject } = each;
  return index === undefined || mayBePaidFor(reject) || reject.reason === REPLACEMENT_DISALLOWED;
}

/** A test of each by itself takes nothing's place. */
const REPLACEMENT_DISALLOWED = "bip125-replacement-disallowed";

import { isChildWithParents, packageFault } from "@bitfleet/protocol/policy/packages.ts";
import { type PolicyReject, policyReject } from "@bitfleet/protocol/policy/verdict.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { type AcceptResult, type PackageResult, type PackageTestResult, rejected } from "./accept-result.ts";
import { type Decision, type PackageFailure, totalOf } from "./acceptor.ts";
import type { Candidate } from "./candidate.ts";
import type { EntryPool } from "./entry-pool.ts";

export interface PackageSteps {
  readonly pool: Pick<EntryPool, "get" | "getByWtxid">;
  readonly takeOne: (tx: Transaction) => Promise<AcceptResult>;
  readonly takeTogether: (members: readonly Transaction[]) => Promise<readonly AcceptResult[] | PackageFailure>;
  /** Throws out what there is no room for. */
  readonly limit: () => void;
}

/**
 * Takes a child and its parents, the child last. What can come in by itself does; the rest is tried together, since a package
 * differs in nothing but who pays. Must run while the tip stands still.
 */
export async function takePackage(transactions: readonly Transaction[], steps: PackageSteps): Promise<PackageResult> {
  const fault = shapeFault(transactions);
  if (fault !== undefined) return { results: [], packageReject: policyReject("policy", fault) };
  const results = new Map<Transaction, AcceptResult>();
  const together: Transaction[] = [];
  let packageReject: PolicyReject | undefined;
  for (const tx of transactions) {
    const result = knownResult(tx, steps.pool) ?? (await steps.takeOne(tx));
    results.set(tx, result);
    if (result.kind === "accepted" || result.reject.kind === "already-known") continue;
    if (transactions.length > 1 && mayBePaidFor(result.reject)) together.push(tx);
    else packageReject = TRANSACTION_FAILED;
  }
  if (packageReject === undefined && together.length > 0) {
    const outcome = await (together.length > 1 ? steps.takeTogether(together) : alone(together[0]!, steps, results));
    packageReject = noteOutcome(together, outcome, results);
  }
  steps.limit();
  for (const tx of transactions) {
    if (!isTaken(results.get(tx)!) || steps.pool.get(tx.txid) !== undefined) continue;
    results.set(tx, rejected(policyReject("policy", "mempool full")));
    packageReject = TRANSACTION_FAILED;
  }
  return { results: transactions.map((tx) => results.get(tx)!), packageReject };
}

const TRANSACTION_FAILED = policyReject("policy", "transaction failed");

/** Why transactions are no package of a child and its parents. */
export function shapeFault(transactions: readonly Transaction[]): string | undefined {
  return packageFault(transactions) ?? topologyFault(transactions);
}

function topologyFault(transactions: readonly Transaction[]): string | undefined {
  return transactions.length > 1 && !isChildWithParents(transactions) ? "package-not-child-with-parents" : undefined;
}

function knownResult(tx: Transaction, pool: PackageSteps["pool"]): AcceptResult | undefined {
  if (pool.getByWtxid(tx.wtxid)) return rejected(policyReject("already-known", "txn-already-in-mempool"));
  if (pool.get(tx.txid)) return rejected(policyReject("already-known", "txn-same-nonwitness-data-in-mempool"));
  return undefined;
}

/** Where a parent pays too little, its child misses it. */
export const mayBePaidFor = ({ kind }: PolicyReject) => kind === "reconsiderable" || kind === "missing-inputs";

const isTaken = (result: AcceptResult) => result.kind === "accepted" || result.reject.kind === "already-known";

/** One that is left alone is tried once more: a parent may have come in behind it. */
async function alone(
  tx: Transaction,
  steps: PackageSteps,
  results: ReadonlyMap<Transaction, AcceptResult>,
): Promise<readonly AcceptResult[] | PackageFailure> {
  const before = results.get(tx)!;
  const result = await steps.takeOne(tx);
  if (result.kind === "accepted") return [result];
  return { index: 0, reject: before.kind === "rejected" ? result.reject : TRANSACTION_FAILED };
}

/** Puts what became of the rest among the results; what is wrong with the package as a whole, if anything is. */
function noteOutcome(
  members: readonly Transaction[],
  outcome: readonly AcceptResult[] | PackageFailure,
  results: Map<Transaction, AcceptResult>,
): PolicyReject | undefined {
  if (isFailure(outcome)) {
    if (outcome.index === undefined) return outcome.reject;
    results.set(members[outcome.index]!, rejected(outcome.reject));
    return outcome.packageReason === undefined ? TRANSACTION_FAILED : policyReject("policy", outcome.packageReason);
  }
  for (const [index, result] of outcome.entries()) results.set(members[index]!, result);
  return undefined;
}

export function isFailure(outcome: readonly AcceptResult[] | PackageFailure | Decision): outcome is PackageFailure {
  return "reject" in outcome;
}

/**
 * What a test tells of each transaction. Where one fails, the others were not looked at to the end. Each pays for itself, unless
 * `apart` has those alone that do: the others pay for one another then.
 */
export function packageOutcome(
  transactions: readonly Transaction[],
  decision: Decision | PackageFailure,
  apart?: ReadonlySet<HashKey>,
): PackageTestResult {
  const results = new Map<Transaction, AcceptResult>();
  const all = isFailure(decision) ? (decision.passed ?? []) : decision.candidates;
  const removed = isFailure(decision) ? [] : [...decision.staging.removed].map(({ tx }) => tx);
  const paysAlone = ({ tx }: Candidate) => apart === undefined || apart.has(hashKey(tx.txid));
  const together = all.filter((candidate) => !paysAlone(candidate));
  for (const candidate of all) {
    const payers = paysAlone(candidate) ? [candidate] : together;
    const effective = { ...totalOf(payers), wtxids: payers.map(({ tx }) => tx.wtxid) };
    // What is replaced is told once, with the first.
    const replaced = results.size === 0 ? removed : [];
    results.set(transactions[results.size]!, { kind: "accepted", entry: candidate.entry, replaced, effective });
  }
  let packageReject: PolicyReject | undefined;
  if (isFailure(decision)) {
    if (decision.index === undefined) packageReject = decision.reject;
    else results.set(transactions[decision.index]!, rejected(decision.reject));
  }
  return { results: transactions.map((tx) => results.get(tx)), packageReject };
}

import type { AcceptanceResult, PackageAcceptance } from "@bitfleet/api/rest/transactions.ts";
import { rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { Accepted, AcceptResult, PackageResult, PackageTestResult } from "../../mempool/accept-result.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import { replacementCost } from "./replacement-cost.ts";

/** What the mempool says of transactions that are handed in, as the HTTP API shows it. */

/** Satoshis: what effective feerates are fractions of. */
const SIZE_OF_FEERATE = 1000;

type Tested = Pick<Mempool, "accept" | "hasWtxid" | "options" | "spender" | "testPackage" | "testTogether">;

/** What would become of transactions, parents first. `feerateMax` 0 is no limit; with `isPackage` a child may pay for its parents. */
export async function testedTransactions(
  mempool: Tested,
  transactions: readonly Transaction[],
  feerateMax: Sats,
  isPackage = false,
): Promise<PackageAcceptance> {
  const { results, packageReject } = await (isPackage
    ? testedTogether(mempool, transactions)
    : testedAlone(mempool, transactions));
  const views = transactions.map((tx, index) => {
    const result = results[index];
    const isKnown = mempool.hasWtxid(tx.wtxid);
    const view = isTooDear(result, feerateMax) ? refused(tx, "max-fee-exceeded") : acceptanceOf(tx, result, isKnown);
    return isKnown ? view : { ...view, replacement: replacementCost(mempool, tx, view.virtual_size ?? tx.virtualSize) };
  });
  return {
    is_accepted: packageReject === undefined && views.every(isIn),
    reason: packageReject === undefined ? null : rejectText(packageReject),
    transactions: views,
    replaced: replacedBy(results),
  };
}

async function testedAlone(mempool: Tested, transactions: readonly Transaction[]): Promise<PackageTestResult> {
  const [first] = transactions;
  if (transactions.length > 1) return mempool.testPackage(transactions);
  return { results: [await mempool.accept(first!, { testOnly: true })], packageReject: undefined };
}

/** Those that are in the mempool already need nobody to pay for them. */
async function testedTogether(mempool: Tested, transactions: readonly Transaction[]): Promise<PackageTestResult> {
  const fresh = transactions.filter(({ wtxid }) => !mempool.hasWtxid(wtxid));
  if (fresh.length === 0) return { results: [], packageReject: undefined };
  const { results, packageReject } =
    fresh.length === 1 ? await testedAlone(mempool, fresh) : await mempool.testTogether(fresh);
  const resultOf = new Map(fresh.map((tx, index) => [tx, results[index]]));
  return { results: transactions.map((tx) => resultOf.get(tx)), packageReject };
}

function isTooDear(result: AcceptResult | undefined, feerateMax: Sats): boolean {
  if (result?.kind !== "accepted" || feerateMax === 0n) return false;
  return result.entry.fee > feeFor(feerateMax, result.entry.virtualSize);
}

/** What became of a package. */
export function packageAcceptance(
  transactions: readonly Transaction[],
  { results, packageReject }: PackageResult,
  isWaiting: (txid: Txid) => boolean,
): PackageAcceptance {
  const views = transactions.map((tx, index) => {
    const result = results[index];
    const isKnown = result?.kind === "rejected" && isWaiting(tx.txid);
    return acceptanceOf(tx, result, isKnown);
  });
  return {
    is_accepted: packageReject === undefined && views.every(isIn),
    reason: packageReject === undefined ? null : rejectText(packageReject),
    transactions: views,
    replaced: replacedBy(results),
  };
}

function replacedBy(results: readonly (AcceptResult | undefined)[]): string[] {
  const replaced = results.flatMap((result) => (result?.kind === "accepted" ? result.replaced : []));
  return replaced.map(({ txid }) => displayHash(txid)).sort();
}

const isIn = ({ outcome }: AcceptanceResult) => outcome === "accepted" || outcome === "known";

/** `isKnown`: whether it is in the mempool without this call. */
function acceptanceOf(tx: Transaction, result: AcceptResult | undefined, isKnown: boolean): AcceptanceResult {
  const view = { ...idsOf(tx), reason: null, replacement: null };
  if (result?.kind === "accepted") return { ...view, outcome: "accepted", ...feesOf(result) };
  if (isKnown) return { ...view, outcome: "known", ...NO_FEES };
  if (result === undefined) return { ...view, outcome: "not-checked", ...NO_FEES };
  return refused(tx, rejectText(result.reject));
}

function refused(tx: Transaction, reason: string): AcceptanceResult {
  return { ...idsOf(tx), outcome: "refused", reason, replacement: null, ...NO_FEES };
}

const idsOf = ({ txid, wtxid }: Transaction) => ({ txid: displayHash(txid), wtxid: displayHash(wtxid) });
const NO_FEES = { virtual_size: null, fee: null, effective_feerate_sat_per_kvb: null };

function feesOf({ entry, effective }: Accepted) {
  return {
    virtual_size: entry.virtualSize,
    fee: Number(entry.fee),
    effective_feerate_sat_per_kvb: (Number(effective.fee) * SIZE_OF_FEERATE) / effective.virtualSize,
  };
}

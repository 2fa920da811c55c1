import type { AcceptanceResult, PackageAcceptance } from "@bitfleet/api/rest/transactions.ts";
import { rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { Accepted, AcceptResult, PackageResult } from "../../mempool/accept-result.ts";
import type { Mempool } from "../../mempool/mempool.ts";

/** What the mempool says of transactions that are handed in, as the HTTP API shows it. */

/** Satoshis: what effective feerates are fractions of. */
const SIZE_OF_FEERATE = 1000;

/** What would become of transactions, parents first. `feerateMax` 0 is no limit. */
export async function testedTransactions(
  mempool: Pick<Mempool, "accept" | "testPackage" | "hasWtxid">,
  transactions: readonly Transaction[],
  feerateMax: Sats,
): Promise<PackageAcceptance> {
  const [first] = transactions;
  const { results, packageReject } =
    transactions.length === 1
      ? { results: [await mempool.accept(first!, { testOnly: true })], packageReject: undefined }
      : await mempool.testPackage(transactions);
  const views = transactions.map((tx, index) => {
    const result = results[index];
    if (result?.kind === "accepted" && feerateMax > 0n) {
      const { fee, virtualSize } = result.entry;
      if (fee > feeFor(feerateMax, virtualSize)) return refused(tx, "max-fee-exceeded");
    }
    return acceptanceOf(tx, result, mempool.hasWtxid(tx.wtxid));
  });
  return {
    is_accepted: packageReject === undefined && views.every(isIn),
    reason: packageReject === undefined ? null : rejectText(packageReject),
    transactions: views,
    replaced: [],
  };
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
  const replaced = results.flatMap((result) => (result.kind === "accepted" ? result.replaced : []));
  return {
    is_accepted: packageReject === undefined && views.every(isIn),
    reason: packageReject === undefined ? null : rejectText(packageReject),
    transactions: views,
    replaced: replaced.map(({ txid }) => displayHash(txid)).sort(),
  };
}

const isIn = ({ outcome }: AcceptanceResult) => outcome === "accepted" || outcome === "known";

/** `isKnown`: whether it is in the mempool without this call. */
function acceptanceOf(tx: Transaction, result: AcceptResult | undefined, isKnown: boolean): AcceptanceResult {
  if (result?.kind === "accepted") return { ...idsOf(tx), outcome: "accepted", reason: null, ...feesOf(result) };
  if (isKnown) return { ...idsOf(tx), outcome: "known", reason: null, ...NO_FEES };
  if (result === undefined) return { ...idsOf(tx), outcome: "not-checked", reason: null, ...NO_FEES };
  return refused(tx, rejectText(result.reject));
}

function refused(tx: Transaction, reason: string): AcceptanceResult {
  return { ...idsOf(tx), outcome: "refused", reason, ...NO_FEES };
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

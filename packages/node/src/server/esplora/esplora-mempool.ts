import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { adviseFeerate } from "../../mempool/fee-advice.ts";
import { selectEntries } from "../rest/mempool-table.ts";
import { totalOutputOf } from "../rest/transaction-view.ts";
import type { EsploraRoute } from "./esplora-answer.ts";

const RECENT_COUNT = 10;
/** Blocks within which to be confirmed, as Esplora tells of. */
const TARGETS: readonly number[] = [...Array.from({ length: 25 }, (_, index) => index + 1), 144, 504, 1008];
const SATS_PER_KVB = 1000;

/** What waits, and what to pay. */
export function mempoolRoutes(route: EsploraRoute): void {
  route("/mempool", async ({ node: { mempool, projected } }) => {
    const bars = await projected.histogram();
    return {
      count: mempool.size,
      vsize: mempool.virtualSize,
      total_fee: Number(mempool.totalFee),
      fee_histogram: bars.map((bar) => [bar.feerate_sat_per_kvb / SATS_PER_KVB, bar.virtual_size]),
    };
  });

  route("/mempool/txids", ({ node: { mempool } }) => [...mempool.entries()].map(({ tx }) => displayHash(tx.txid)));

  route("/mempool/recent", async ({ node: { mempool } }) => {
    const newest = await selectEntries(mempool, {}, RECENT_COUNT);
    return newest.map(({ tx, fee, virtualSize }) => ({
      txid: displayHash(tx.txid),
      fee: Number(fee),
      vsize: virtualSize,
      value: Number(totalOutputOf(tx)),
    }));
  });

  /** Targets of which nothing can be said are left out, as Esplora does. */
  route("/fee-estimates", ({ node: { fees } }) => {
    const estimates = TARGETS.map((target) => [target, adviseFeerate(target, "conservative", fees)] as const);
    return Object.fromEntries(
      estimates.flatMap(([target, { feerateSatPerKvb }]) =>
        feerateSatPerKvb === undefined ? [] : [[target, Number(feerateSatPerKvb) / SATS_PER_KVB]],
      ),
    );
  });
}

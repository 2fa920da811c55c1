import { ApiError } from "@bitfleet/api/errors.ts";
import { CLUSTER_COUNT_DEFAULT, type MempoolLine } from "@bitfleet/api/rest/mempool.ts";
import { feerateSatPerKvb } from "@bitfleet/protocol/policy/feerate.ts";
import { displayHash, parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { FastifyInstance } from "fastify";
import type { MempoolEntry } from "../../mempool/entry.ts";
import { signalsReplacement } from "../rpc/mempool-json.ts";
import { runningNode } from "../web/web-state.ts";
import { clusterView } from "./mempool-clusters.ts";
import { cursorOf, selectEntries } from "./mempool-table.ts";
import { type RouteDependencies, route } from "./rest-route.ts";
import { transactionDetail } from "./transaction-detail.ts";
import { totalOutputOf } from "./transaction-view.ts";

const HISTORY_SECONDS_DEFAULT = 7_200;

/** What waits for a block. */
export function mempoolRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  const running = () => runningNode(deps.state);

  route(app, deps, "mempool", () => {
    const { mempool, mempoolKeeper } = running();
    return {
      is_loaded: mempoolKeeper.isLoaded,
      transaction_count: mempool.size,
      virtual_size: mempool.virtualSize,
      total_fee: Number(mempool.totalFee),
      usage_bytes: mempool.usageBytes,
      usage_bytes_max: mempool.options.usageBytesMax,
      min_feerate_sat_per_kvb: Number(mempool.minFeerateSatPerKvb),
      relay_feerate_sat_per_kvb: Number(mempool.options.minRelayFeerateSatPerKvb),
      incremental_feerate_sat_per_kvb: Number(mempool.options.incrementalFeerateSatPerKvb),
      sequence: mempool.sequence,
    };
  });

  route(app, deps, "projectedBlocks", () => running().projected.blocks());
  route(app, deps, "mempoolHistogram", async () => [...(await running().projected.histogram())]);

  route(app, deps, "mempoolCluster", ({ txid }) => {
    const cluster = running().mempool.clusterOf(parseDisplayHash<Txid>(txid)!);
    if (cluster === undefined) throw notWaiting(txid);
    return clusterView(cluster);
  });

  route(app, deps, "mempoolClusters", (_params, { cursor, limit = 10, min_count: countMin = CLUSTER_COUNT_DEFAULT }) =>
    running().clusterList.part(cursor, limit, countMin),
  );

  route(app, deps, "mempoolHistory", (_params, { seconds = HISTORY_SECONDS_DEFAULT }) =>
    running().samples.history(seconds),
  );

  route(app, deps, "mempoolTransactions", async (_params, query) => {
    const { limit = 10, sort = "newest" } = query;
    const found = await selectEntries(running().mempool, query, limit + 1);
    const items = found.slice(0, limit);
    const next_cursor = found.length > limit ? cursorOf(items.at(-1)!, sort) : null;
    return { items: items.map(lineOf), next_cursor };
  });

  route(app, deps, "mempoolTransaction", ({ txid }) => {
    const node = running();
    const entry = node.mempool.get(parseDisplayHash<Txid>(txid)!);
    if (entry === undefined) throw notWaiting(txid);
    return transactionDetail(node, { kind: "waiting", tx: entry.tx, entry });
  });
}

const notWaiting = (txid: string) => new ApiError(404, `There is no transaction ${txid} in the mempool.`);

function lineOf(entry: MempoolEntry): MempoolLine {
  const { tx } = entry;
  return {
    txid: displayHash(tx.txid),
    wtxid: displayHash(tx.wtxid),
    time: entry.timeSeconds,
    fee: Number(entry.fee),
    virtual_size: entry.virtualSize,
    weight: entry.weight,
    size_bytes: tx.size,
    feerate_sat_per_kvb: Number(feerateSatPerKvb(entry.fee, entry.virtualSize)),
    input_count: tx.inputs.length,
    output_count: tx.outputs.length,
    total_output: Number(totalOutputOf(tx)),
    is_coinbase: false,
    parent_count: entry.parents.size,
    child_count: entry.children.size,
    signals_replacement: signalsReplacement(entry),
  };
}

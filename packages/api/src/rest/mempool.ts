import { Boolean as BooleanType, Integer, Literal, Optional, Union } from "typebox";
import { cursorPageOf, decimal, flag, hashText, integer, list, object, type Static, sats } from "../schema.ts";
import { CursorQuery, NoFields, type RestRoute } from "./route.ts";
import { TransactionDetail } from "./transactions.ts";

/** What waits for a block, and which blocks it will make. */

export const MempoolSummary = object({
  is_loaded: flag("Whether what the last run left is back; until then more will come"),
  transaction_count: integer("Transactions that wait"),
  virtual_size: integer("Their virtual size, in vbytes"),
  total_fee: sats("Their fees"),
  usage_bytes: integer("Memory that they count for"),
  usage_bytes_max: integer("Memory that they may count for (-maxmempool)"),
  min_feerate_sat_per_kvb: sats("Least fee for 1000 vbytes that is taken now"),
  relay_feerate_sat_per_kvb: sats("Least fee for 1000 vbytes that is ever taken (-minrelaytxfee)"),
  incremental_feerate_sat_per_kvb: sats("What a replacement pays on top for 1000 vbytes (-incrementalrelayfee)"),
  sequence: integer("Grows with each change"),
});
export type MempoolSummary = Static<typeof MempoolSummary>;

/** A block that would be mined if nothing else came. */
export const ProjectedBlock = object({
  index: integer("0 for the next block, 1 for the one behind it, …"),
  transaction_count: integer("Transactions, the coinbase not counted"),
  virtual_size: integer("Their virtual size, in vbytes"),
  weight: integer("Their weight, in BIP141 weight units"),
  total_fee: sats("Their fees"),
  feerate_range_sat_per_kvb: list(
    sats("Feerate"),
    "Fee for 1000 vbytes below which 0, 10, 25, 50, 75, 90 and 100 of 100 vbytes of the block pay",
  ),
});
export type ProjectedBlock = Static<typeof ProjectedBlock>;

export const ProjectedBlocks = object({
  blocks: list(ProjectedBlock, "In the order of mining"),
  remaining: object({
    transaction_count: integer("Transactions behind these blocks"),
    virtual_size: integer("Their virtual size, in vbytes"),
    total_fee: sats("Their fees"),
  }),
});
export type ProjectedBlocks = Static<typeof ProjectedBlocks>;

/** One bar: what pays at least so much, and less than the next bar. */
export const FeerateBar = object({
  feerate_sat_per_kvb: sats("Lower edge"),
  transaction_count: integer("Transactions"),
  virtual_size: integer("Their virtual size, in vbytes"),
  total_fee: sats("Their fees"),
});
export type FeerateBar = Static<typeof FeerateBar>;

/** A transaction of the mempool in one line of a list. */
export const MempoolLine = object({
  txid: hashText("Hash without witness"),
  wtxid: hashText("Hash with witness"),
  time: integer("When it came, in seconds since 1970"),
  fee: sats("Inputs less outputs"),
  virtual_size: integer("BIP141 virtual size, in vbytes"),
  weight: integer("BIP141 weight units"),
  size_bytes: integer("Bytes with witness"),
  feerate_sat_per_kvb: sats("Fee for 1000 vbytes"),
  input_count: integer("Inputs"),
  output_count: integer("Outputs"),
  total_output: sats("Sum of the outputs"),
  is_coinbase: flag("Always false: a coinbase is only in blocks"),
  parent_count: integer("Transactions of the mempool that it spends"),
  child_count: integer("Transactions of the mempool that spend it"),
  signals_replacement: flag("Whether it or an ancestor signals replacement (BIP125)"),
});
export type MempoolLine = Static<typeof MempoolLine>;

/** What lists of the mempool may be put in order by. */
const Sort = Union([Literal("newest"), Literal("feerate"), Literal("fee"), Literal("size")], {
  default: "newest",
  description: "What comes first: the newest, or what has the highest feerate, fee or virtual size",
});
export type MempoolSort = Static<typeof Sort>;

const FEERATE_MAX = 2_100_000_000_000_000;
const SIZE_MAX = 1_000_000;
const TIME_MAX = 0xffff_ffff;
const limited = (description: string, maximum: number) => Optional(Integer({ minimum: 0, maximum, description }));

/** Which transactions of the mempool a list has. */
export const MempoolQuery = object({
  ...CursorQuery.properties,
  sort: Optional(Sort),
  min_feerate_sat_per_kvb: limited("Only what pays at least that for 1000 vbytes of its own, in satoshis", FEERATE_MAX),
  max_feerate_sat_per_kvb: limited("Only what pays at most that", FEERATE_MAX),
  min_virtual_size: limited("Only what has at least so many vbytes", SIZE_MAX),
  max_virtual_size: limited("Only what has at most so many vbytes", SIZE_MAX),
  since: limited("Only what came then or later, in seconds since 1970", TIME_MAX),
  until: limited("Only what came then or earlier", TIME_MAX),
  replaceable: Optional(BooleanType({ description: "Only what signals replacement, or only what does not" })),
  has_children: Optional(BooleanType({ description: "Only what others of the mempool spend, or only what none does" })),
  has_parents: Optional(BooleanType({ description: "Only what spends others of the mempool, or only what does not" })),
});
export type MempoolQuery = Static<typeof MempoolQuery>;

/** What is mined together or not at all. */
export const MempoolChunk = object({
  feerate_sat_per_kvb: decimal("Fee for 1000 vbytes of what is mined together, in satoshis"),
  transaction_count: integer("Transactions", 1),
  fee: sats("Their fees, with what the operator adds to them"),
  virtual_size: integer("Their virtual size, in vbytes"),
});

/** A cluster without its transactions. */
export const MempoolClusterLine = object({
  txid: hashText("That of its transactions which is mined first: /mempool/clusters/{txid} has the whole"),
  transaction_count: integer("Transactions", 1),
  fee: sats("Their fees, with what the operator adds to them"),
  virtual_size: integer("Their virtual size, in vbytes"),
  chunks: list(MempoolChunk, "In the order of mining"),
});
export type MempoolClusterLine = Static<typeof MempoolClusterLine>;

/** Transactions of the clusters that are listed where nobody says otherwise: what is by itself is no graph. */
export const CLUSTER_COUNT_DEFAULT = 2;
/** Transactions of the largest cluster that is relayed. */
const CLUSTER_COUNT_MAX = 64;

/** Seconds between two samples of the mempool. */
export const HISTORY_INTERVAL_SECONDS = 10;
/** Samples that are kept: a day. */
export const HISTORY_SAMPLES_MAX = 8_640;
/** Points of one answer; of a longer time there are fewer than samples. */
export const HISTORY_POINTS_MAX = 720;

/** The mempool over time: one place in each list for each moment, the oldest first. */
export const MempoolHistory = object({
  interval_seconds: integer("Time between two points", 1),
  times: list(integer("In seconds since 1970, by this machine's clock")),
  transaction_counts: list(integer("Transactions that waited then")),
  virtual_sizes: list(integer("Their virtual size, in vbytes")),
  usage_bytes: list(integer("Memory that they counted for")),
  total_fees: list(sats("Their fees")),
  added_counts: list(integer("Transactions that came since the point before")),
  added_virtual_sizes: list(integer("Their virtual size, in vbytes: divided by the interval, the incoming rate")),
});
export type MempoolHistory = Static<typeof MempoolHistory>;

/** Everything that a transaction of the mempool is connected with. */
export const MempoolCluster = object({
  transactions: list(
    object({
      txid: hashText("Hash without witness"),
      fee: sats("Fee with what the operator adds to it"),
      virtual_size: integer("BIP141 virtual size, in vbytes"),
      depends_on: list(hashText("txid"), "Those of the cluster that it spends"),
      chunk: integer("Which of the chunks it is in"),
    }),
    "In the order of mining",
  ),
  chunks: list(MempoolChunk, "What is mined together or not at all, the best paying first"),
});
export type MempoolCluster = Static<typeof MempoolCluster>;

const TxidParams = object({ txid: hashText("Transaction id") });

export const mempoolRoutes = {
  mempool: {
    path: "/api/v1/mempool",
    tag: "mempool",
    summary: "The mempool at a glance",
    params: NoFields,
    query: NoFields,
    data: MempoolSummary,
    failures: [503],
    keptWhile: "node",
  },
  projectedBlocks: {
    path: "/api/v1/mempool/blocks",
    tag: "mempool",
    summary: "The next blocks, as they would be if nothing else came",
    params: NoFields,
    query: NoFields,
    data: ProjectedBlocks,
    failures: [503],
    keptWhile: "node",
  },
  mempoolHistogram: {
    path: "/api/v1/mempool/histogram",
    tag: "mempool",
    summary: "What waits, by feerate, the highest first",
    params: NoFields,
    query: NoFields,
    data: list(FeerateBar, "Bars that are not empty"),
    failures: [503],
  },
  mempoolHistory: {
    path: "/api/v1/mempool/history",
    tag: "mempool",
    summary: "The mempool over the last minutes or hours, for charts",
    description: `Sampled every ${HISTORY_INTERVAL_SECONDS} seconds and kept in memory for a day, from when the node started. At most ${HISTORY_POINTS_MAX} points: of more samples every second, third, … is told, with all that came in between.`,
    params: NoFields,
    query: object({
      seconds: Optional(
        Integer({
          minimum: HISTORY_INTERVAL_SECONDS,
          maximum: HISTORY_INTERVAL_SECONDS * HISTORY_SAMPLES_MAX,
          default: 7_200,
          description: "How far back",
        }),
      ),
    }),
    data: MempoolHistory,
    failures: [400, 503],
    example: { query: { seconds: 3600 } },
  },
  mempoolClusters: {
    path: "/api/v1/mempool/clusters",
    tag: "mempool",
    summary: "Transactions of the mempool that depend on one another, cluster by cluster, the best paying first",
    description: "The order is that of the first chunk of each. What changed within the last second may be missing.",
    params: NoFields,
    query: object({
      ...CursorQuery.properties,
      min_count: Optional(
        Integer({
          minimum: 1,
          maximum: CLUSTER_COUNT_MAX,
          default: CLUSTER_COUNT_DEFAULT,
          description: "Only clusters of at least so many transactions; 1 has those that are by themselves too",
        }),
      ),
    }),
    data: cursorPageOf(MempoolClusterLine),
    failures: [400, 503],
    example: { query: { limit: 10 } },
  },
  mempoolCluster: {
    path: "/api/v1/mempool/clusters/{txid}",
    tag: "mempool",
    summary: "What a waiting transaction is connected with, in the order of mining",
    params: TxidParams,
    query: NoFields,
    data: MempoolCluster,
    failures: [400, 404, 503],
  },
  mempoolTransactions: {
    path: "/api/v1/transactions/mempool",
    tag: "mempool",
    summary: "Transactions of the mempool, the newest first, or in another order; all, or those that are asked for",
    description:
      "What is given in the query must hold all together. A cursor belongs to one order; a filter may change between two parts.",
    params: NoFields,
    query: MempoolQuery,
    data: cursorPageOf(MempoolLine),
    failures: [400, 503],
    example: { query: { limit: 10 } },
  },
  mempoolTransaction: {
    path: "/api/v1/transactions/mempool/{txid}",
    tag: "mempool",
    summary: "One transaction, only where it is in the mempool",
    params: TxidParams,
    query: NoFields,
    data: TransactionDetail,
    failures: [400, 404, 503],
  },
} as const satisfies Record<string, RestRoute>;

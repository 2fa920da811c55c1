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
});
export type MempoolLine = Static<typeof MempoolLine>;

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
  chunks: list(
    object({
      feerate_sat_per_kvb: decimal("Fee for 1000 vbytes of what is mined together, in satoshis"),
      transaction_count: integer("Transactions", 1),
    }),
    "What is mined together or not at all, the best paying first",
  ),
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
    summary: "Transactions of the mempool, the newest first",
    params: NoFields,
    query: CursorQuery,
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

import { Integer, Literal, Object as ObjectOf, Optional, Union } from "typebox";
import { decimal, flag, hashText, integer, list, nullable, object, type Static, sats, text } from "../schema.ts";
import { BlockSummary } from "./chain.ts";
import { BlockParams, NoFields, type RestRoute } from "./route.ts";

/** Blocks for pictures: one with all its transactions in numbers, many as series, and the one of a moment. */

/** Blocks of one series: two weeks at one every ten minutes. */
export const SERIES_BLOCKS_MAX = 2016;
export const SERIES_BLOCKS_DEFAULT = 144;
const HEIGHT_MAX = 999_999_999;
/** The last second that a header can say. */
const TIME_MAX = 0xffff_ffff;

/** Feerates of a block's transactions, weighed by their weight: so much of the block pays at most that. */
export const FeerateSpread = object({
  min: sats("The lowest"),
  percentile_10: sats("Of a tenth of the weight"),
  percentile_25: sats("Of a quarter of the weight"),
  median: sats("Of half of the weight"),
  percentile_75: sats("Of three quarters of the weight"),
  percentile_90: sats("Of nine tenths of the weight"),
  max: sats("The highest"),
});
export type FeerateSpread = Static<typeof FeerateSpread>;

/** What the transactions of a block come to, the coinbase counted only where it says so. */
export const BlockStatistics = object({
  total_fee: sats("All fees"),
  subsidy: sats("What its miner may make out of nothing"),
  total_output: sats("Sum of the outputs"),
  min_fee: sats("The lowest fee"),
  median_fee: sats("The fee in the middle"),
  max_fee: sats("The highest fee"),
  feerate_sat_per_kvb: FeerateSpread,
  input_count: integer("Inputs"),
  output_count: integer("Outputs, those of the coinbase too"),
  segwit_count: integer("Transactions with a witness"),
  segwit_size_bytes: integer("Their bytes"),
  segwit_weight: integer("Their weight, in BIP141 weight units"),
  total_weight: integer("Weight of all, in BIP141 weight units"),
  utxo_increase: Integer({
    description: "Unspent outputs that there are more behind it, those that nobody can spend left out",
  }),
  utxo_size_increase_bytes: Integer({ description: "What those take, in bytes" }),
});
export type BlockStatistics = Static<typeof BlockStatistics>;

export const BlockSibling = object({
  hash: hashText("Block hash"),
  timestamp: integer("Time of its header, in seconds since 1970"),
  seen: nullable(
    integer(
      "When this node first had it as a tip or on top of one, in seconds since 1970; null where that was in an earlier run, or never",
    ),
  ),
  transaction_count: integer("Transactions; 0 where only its header is here"),
  status: Union(
    [Literal("active"), Literal("valid-fork"), Literal("valid-headers"), Literal("headers-only"), Literal("invalid")],
    { description: "As of the tips of branches: valid-fork was checked whole, valid-headers was not" },
  ),
});
export type BlockSibling = Static<typeof BlockSibling>;

export const BlockOverview = object({
  hash: hashText("Block hash"),
  height: integer("Height"),
  is_active: flag("Whether it is in the active chain"),
  seen: nullable(integer("When this node first saw it, in seconds since 1970; null where that was in an earlier run")),
  header_hex: text("The header's 80 bytes, in hex"),
  transactions: object({
    txids: list(hashText("Transaction id"), "In the order of the block, the coinbase first"),
    weights: list(integer("Weight"), "In BIP141 weight units; a quarter, rounded up, is the virtual size"),
    fees: nullable(list(sats("Fee"), "0 for the coinbase; null where the coins that were spent are not known")),
    feerates_sat_per_kvb: nullable(list(sats("Fee for 1000 vbytes"), "0 for the coinbase; null as the fees")),
  }),
  statistics: nullable(BlockStatistics),
  siblings: list(BlockSibling, "Other blocks of that height that are known, among them what a reorganisation left"),
});
export type BlockOverview = Static<typeof BlockOverview>;

/** Blocks of the active chain, the lowest first: one place in each list for each block. */
export const ChainSeries = object({
  time_before: nullable(integer("Time of the block before the first, in seconds since 1970; null at genesis")),
  heights: list(integer("Height")),
  times: list(integer("Time of the header, in seconds since 1970")),
  transaction_counts: list(integer("Transactions")),
  sizes_bytes: list(
    nullable(integer("Bytes")),
    "Null where a block was pruned, or too many are to be read for one answer",
  ),
  weights: list(nullable(integer("BIP141 weight units")), "Null as the sizes"),
  fees: list(nullable(sats("What the coinbase takes beyond the subsidy")), "Null as the sizes"),
  difficulties: list(decimal("Difficulty")),
  hash_rates: list(decimal("Hashes a second"), "Estimated from the 120 blocks up to each"),
});
export type ChainSeries = Static<typeof ChainSeries>;

export const chainChartRoutes = {
  blockOverview: {
    path: "/api/v1/blockchain/blocks/{block}/summary",
    tag: "chain",
    summary:
      "A block for pictures: weight, fee and feerate of every transaction, statistics, and other blocks of its height",
    description:
      "The lists of `transactions` have one place for each transaction, in the order of the block. Fees and statistics are null where the block was never connected, as its coins are not known then.",
    params: BlockParams,
    query: NoFields,
    data: BlockOverview,
    failures: [400, 404, 503],
    example: { params: { block: "0" } },
  },
  blockAtTime: {
    path: "/api/v1/blockchain/blocks/at",
    tag: "chain",
    summary: "The block that was the tip at a time, by the times that headers say",
    description:
      "Headers need not be in order of time: one must only be later than the median of the eleven before it (`median_time` of the block before), and may be two hours ahead. This is the last block of the active chain up to which no header is later than `time`. 404 before the first block.",
    params: NoFields,
    query: ObjectOf({
      time: Integer({ minimum: 0, maximum: TIME_MAX, description: "In seconds since 1970" }),
    }),
    data: BlockSummary,
    failures: [400, 404, 503],
    example: { query: { time: 1_700_000_000 } },
  },
  chainSeries: {
    path: "/api/v1/blockchain/series",
    tag: "chain",
    summary: "Blocks of the active chain as series for charts, the lowest first",
    description: `At most ${SERIES_BLOCKS_MAX} blocks: the \`last\` ones, or those from height \`from\` up to \`to\`, both counted, the tip where \`to\` is absent or beyond it. 404 where there is no block at \`from\`.`,
    params: NoFields,
    query: ObjectOf({
      last: Optional(
        Integer({
          minimum: 1,
          maximum: SERIES_BLOCKS_MAX,
          description: `How many blocks up to the tip; ${SERIES_BLOCKS_DEFAULT} where nothing is said`,
        }),
      ),
      from: Optional(Integer({ minimum: 0, maximum: HEIGHT_MAX, description: "Height of the first block" })),
      to: Optional(Integer({ minimum: 0, maximum: HEIGHT_MAX, description: "Height of the last block" })),
    }),
    data: ChainSeries,
    failures: [400, 404, 503],
    example: { query: { last: 2 } },
  },
} as const satisfies Record<string, RestRoute>;

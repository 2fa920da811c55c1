import { Integer, Object as ObjectOf, Optional } from "typebox";
import { decimal, flag, hashText, integer, list, nullable, object, pageOf, type Static, text } from "../schema.ts";
import { BlockParams, LimitQuery, NoFields, PageQuery, type RestRoute } from "./route.ts";
import { TransactionView } from "./transactions.ts";

/** Chain and blocks. */

/** How far the node has come with what the network knows. */
export const SyncProgress = object({
  phase: text(
    "idle (no peer to learn from yet), presync or headers (learning the headers), blocks (fetching them), done",
  ),
  target_height: integer("Height that is aimed at: of the best header, or estimated while headers come"),
  percent: decimal("Share of the present phase that is done, 0 to 100"),
  blocks_per_second: decimal("Speed of the last minute or so"),
  seconds_left: nullable(decimal("Estimated time to the end of the phase; null where unknown")),
});
export type SyncProgress = Static<typeof SyncProgress>;

/** The chain at a glance: the answer of `GET /api/v1/blockchain`. */
export const BlockchainInfo = object({
  chain: text("Network: main, test, testnet4, signet or regtest"),
  height: integer("Height of the tip"),
  headers: integer("Height of the best header known"),
  difficulty: decimal("Difficulty of the tip, as a multiple of the lowest that compact bits of main network can say"),
  total_blocks: integer("Blocks of the active chain, genesis included"),
  total_transactions: integer("Transactions of the active chain"),
  mempool_size: integer("Transactions waiting for a block"),
  connected_peers: integer("Nodes that this one is connected to"),
  last_block_hash: hashText("Hash of the tip"),
  last_block_timestamp: integer("Time of the tip's header, in seconds since 1970"),
  chainwork: text("Expected number of hashes to make this chain, as 64 hex digits"),
  initial_block_download: flag("Whether the node is still catching up with the network"),
  verification_progress: decimal("Estimated share of the chain that is verified, 0 to 1"),
  sync: SyncProgress,
});
export type BlockchainInfo = Static<typeof BlockchainInfo>;

/** One block without its transactions. */
export const BlockSummary = object({
  hash: hashText("Block hash"),
  previous_hash: hashText("Hash of the block before; 64 zeros at genesis"),
  next_hash: nullable(hashText("Hash of the block behind it in the active chain")),
  height: integer("Height"),
  confirmations: integer(
    "Blocks of the active chain from this one to the tip, both counted; -1 outside the active chain",
    -1,
  ),
  timestamp: integer("Time of the header, in seconds since 1970"),
  median_time: integer("Median time past of this block, in seconds since 1970"),
  version: Integer({ description: "Version of the header" }),
  bits: text("Target in compact form, 8 hex digits"),
  nonce: integer("Nonce of the header"),
  difficulty: decimal("Difficulty of this block"),
  merkle_root: hashText("Root over the txids"),
  transaction_count: integer("Transactions in the block"),
  size_bytes: nullable(integer("Bytes with witnesses; null where the block was pruned")),
  stripped_size_bytes: nullable(integer("Bytes without witnesses; null where the block was pruned")),
  weight: nullable(integer("BIP141 weight units; null where the block was pruned")),
});
export type BlockSummary = Static<typeof BlockSummary>;

/** A block's header, and its 80 bytes. */
export const BlockHeaderView = object({
  hash: hashText("Block hash"),
  previous_hash: hashText("Hash of the block before; 64 zeros at genesis"),
  next_hash: nullable(hashText("Hash of the block behind it in the active chain")),
  height: integer("Height"),
  confirmations: integer(
    "Blocks of the active chain from this one to the tip, both counted; -1 outside the active chain",
    -1,
  ),
  timestamp: integer("Time of the header, in seconds since 1970"),
  median_time: integer("Median time past of this block, in seconds since 1970"),
  version: Integer({ description: "Version of the header" }),
  bits: text("Target in compact form, 8 hex digits"),
  nonce: integer("Nonce of the header"),
  difficulty: decimal("Difficulty of this block"),
  chainwork: text("Expected number of hashes to make the chain up to this block, as 64 hex digits"),
  merkle_root: hashText("Root over the txids"),
  transaction_count: integer("Transactions in the block; 0 where the block has not been here"),
  hex: text("The header's 80 bytes, in hex"),
});
export type BlockHeaderView = Static<typeof BlockHeaderView>;

/** Most headers of one answer. */
export const HEADERS_COUNT_MAX = 2000;

/** The end of a branch. */
export const ChainTip = object({
  height: integer("Height"),
  hash: hashText("Block hash"),
  branch_length: integer("Blocks from the fork with the active chain to this one; 0 for the active chain"),
  status: text(
    "active; valid-fork (checked, with less work); valid-headers (not checked); headers-only (not here); invalid",
  ),
});
export type ChainTip = Static<typeof ChainTip>;

export const chainRoutes = {
  blockchain: {
    path: "/api/v1/blockchain",
    tag: "chain",
    summary: "The chain at a glance",
    params: NoFields,
    query: NoFields,
    data: BlockchainInfo,
    failures: [503],
    keptWhile: "node",
  },
  blocks: {
    path: "/api/v1/blockchain/blocks",
    tag: "chain",
    summary: "Blocks of the active chain, newest first",
    params: NoFields,
    query: PageQuery,
    data: pageOf(BlockSummary),
    failures: [400, 503],
    example: { query: { page: 0, limit: 10 } },
  },
  latestBlocks: {
    path: "/api/v1/blockchain/blocks/latest",
    tag: "chain",
    summary: "The newest blocks of the active chain, newest first",
    params: NoFields,
    query: LimitQuery,
    data: list(BlockSummary),
    failures: [400, 503],
    keptWhile: "chain",
    example: { query: { limit: 10 } },
  },
  block: {
    path: "/api/v1/blockchain/blocks/{block}",
    tag: "chain",
    summary: "One block, by hash or by height",
    params: BlockParams,
    query: NoFields,
    data: BlockSummary,
    failures: [400, 404, 503],
    keptWhile: "chain",
    example: { params: { block: "0" } },
  },
  blockTransactions: {
    path: "/api/v1/blockchain/blocks/{block}/transactions",
    tag: "chain",
    summary: "A block's transactions in block order, with the coins they spend",
    params: BlockParams,
    query: PageQuery,
    data: pageOf(TransactionView),
    failures: [400, 404, 503],
    example: { params: { block: "0" }, query: { page: 0, limit: 10 } },
  },
  blockTransactionIds: {
    path: "/api/v1/blockchain/blocks/{block}/txids",
    tag: "chain",
    summary: "Ids of all transactions of a block, in block order",
    params: BlockParams,
    query: NoFields,
    data: list(hashText("Transaction id")),
    failures: [400, 404, 503],
    example: { params: { block: "0" } },
  },
  blockBytes: {
    path: "/api/v1/blockchain/blocks/{block}/hex",
    tag: "chain",
    summary: "A block's bytes in its network form",
    params: BlockParams,
    query: NoFields,
    data: object({ hash: hashText("Block hash"), hex: text("Header and transactions with witnesses, in hex") }),
    failures: [400, 404, 503],
    example: { params: { block: "0" } },
  },
  headers: {
    path: "/api/v1/blockchain/headers/{block}",
    tag: "chain",
    summary: "The header of a block, and those behind it in the active chain",
    description: "From a block outside the active chain there is its own header alone.",
    params: BlockParams,
    query: ObjectOf({
      count: Optional(
        Integer({ minimum: 1, maximum: HEADERS_COUNT_MAX, default: 1, description: "Most headers of the answer" }),
      ),
    }),
    data: list(BlockHeaderView),
    failures: [400, 404, 503],
    keptWhile: "chain",
    example: { params: { block: "0" }, query: { count: 1 } },
  },
  chainTips: {
    path: "/api/v1/blockchain/tips",
    tag: "chain",
    summary: "Ends of all branches that are known, the active chain's first",
    params: NoFields,
    query: NoFields,
    data: list(ChainTip),
    failures: [503],
  },
} as const satisfies Record<string, RestRoute>;

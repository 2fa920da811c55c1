import { Integer, Literal, Number as NumberType, Optional, String as StringType, Union } from "typebox";
import {
  decimal,
  flag,
  hashText,
  integer,
  list,
  nullable,
  object,
  pageOf,
  type Static,
  sats,
  type TSchema,
  text,
} from "./schema.ts";

/** Most items one page of a list holds. */
export const PAGE_LIMIT_MAX = 100;
const PAGE_LIMIT_DEFAULT = 10;

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

export const ScriptView = object({
  type: text("Template the script follows: pubkeyhash, witness_v0_keyhash, nonstandard, …"),
  asm: text("The script, disassembled"),
  hex: text("The script, in hex"),
  address: nullable(text("Address of the script, where it has one")),
});

/** What an input spends, as the block's undo data tells. */
export const PrevoutView = object({
  value: sats("Amount spent"),
  height: integer("Height of the block that made the coin"),
  is_coinbase: flag("Whether a coinbase made the coin"),
  script: ScriptView,
});

export const TransactionInputView = object({
  coinbase: nullable(text("Script of a coinbase input, in hex; null for any other input")),
  txid: nullable(hashText("Transaction whose output is spent; null for a coinbase")),
  vout: nullable(integer("Index of the spent output; null for a coinbase")),
  script_sig_asm: text("Input script, disassembled"),
  script_sig_hex: text("Input script, in hex"),
  witness: list(text("Witness item, in hex"), "Witness stack, bottom first"),
  sequence: integer("Sequence number"),
  prevout: nullable(PrevoutView),
});
export type TransactionInputView = Static<typeof TransactionInputView>;

export const TransactionOutputView = object({
  index: integer("Position among the outputs"),
  value: sats("Amount"),
  script: ScriptView,
});
export type TransactionOutputView = Static<typeof TransactionOutputView>;

/** A transaction of a block, with everything a page shows of it. Amounts are in satoshis. */
export const TransactionView = object({
  txid: hashText("Hash without witness"),
  wtxid: hashText("Hash with witness"),
  index: integer("Position in the block"),
  is_coinbase: flag("Whether it is the block's coinbase"),
  version: integer("Version"),
  lock_time: integer("Lock time"),
  size_bytes: integer("Bytes with witness"),
  virtual_size: integer("BIP141 virtual size, in vbytes"),
  weight: integer("BIP141 weight units"),
  fee: nullable(sats("Inputs less outputs; null for a coinbase or where the spent coins are not known")),
  total_output: sats("Sum of the outputs"),
  inputs: list(TransactionInputView),
  outputs: list(TransactionOutputView),
});
export type TransactionView = Static<typeof TransactionView>;

/** What to pay to be confirmed within so many blocks. */
export const FeeEstimate = object({
  target: integer("Blocks within which to be confirmed"),
  feerate_sat_per_kvb: nullable(sats("Fee for 1000 vbytes; null where the source is none")),
  source: Union([Literal("estimate"), Literal("fallback"), Literal("none")], {
    description:
      "estimate: from how transactions of late fared; fallback: too little was seen, and this is what the operator set with " +
      "-fallbackfee; none: too little was seen, and nothing is set",
  }),
  blocks: integer("Blocks that an estimate is for: the target, within what can be told by now"),
  reason: text("What decided it, as wallet calls of Bitcoin Core put it in fee_reason"),
});
export type FeeEstimate = Static<typeof FeeEstimate>;

const MinerPacing = Union([Literal("interval"), Literal("on-transaction"), Literal("continuous"), Literal("off")], {
  description: "When it makes blocks",
});

/** The miner of a node: the answer of `GET /api/v1/mining`. Where its coins go is for who may call JSON-RPC. */
export const MinerInfo = object({
  pacing: MinerPacing,
  interval_seconds: decimal("Mean time between blocks of all miners of the network together, with pacing interval"),
  miners: integer("Miners that the last blocks show, this one included"),
  hashes_per_second: integer("Hashes per second of this node, while it looks for a block"),
  found_blocks: integer("Blocks that it has found since its start"),
  stale_blocks: integer("Of those: blocks that are not part of the chain, as another's took their place"),
  has_address: flag("Whether it knows where its coins go; it is told with the start otherwise"),
});
export type MinerInfo = Static<typeof MinerInfo>;

/** Longer, and no block ever comes. */
export const MINING_INTERVAL_SECONDS_MAX = 1_000_000;

/** What a miner is told; what is left out stays as it is. */
export const MinerChange = object(
  {
    pacing: Optional(MinerPacing),
    interval_seconds: Optional(
      NumberType({
        exclusiveMinimum: 0,
        maximum: MINING_INTERVAL_SECONDS_MAX,
        description: "Mean time between blocks of all miners of the network together, with pacing interval",
      }),
    ),
    address: Optional(text("Where mined coins go")),
  },
  { minProperties: 1 },
);
export type MinerChange = Static<typeof MinerChange>;

/** The health of a node, for people; probes read the status code of `/health/live` and `/health/ready`. */
export const Health = object({
  status: Union([Literal("healthy"), Literal("starting"), Literal("stopping")]),
  version: text("Version of this software"),
  uptime_seconds: integer("Seconds since the start"),
  blockchain_height: integer("Height of the tip"),
  connected_peers: integer("Peers connected"),
  memory_usage_mb: decimal("Resident memory, in MB"),
});
export type Health = Static<typeof Health>;

const PageQuery = object({
  page: Optional(Integer({ minimum: 0, maximum: 1_000_000_000, default: 0, description: "Page, counted from 0" })),
  limit: Optional(
    Integer({
      minimum: 1,
      maximum: PAGE_LIMIT_MAX,
      default: PAGE_LIMIT_DEFAULT,
      description: "Most items of the page",
    }),
  ),
});
const LimitQuery = object({
  limit: Optional(
    Integer({ minimum: 1, maximum: PAGE_LIMIT_MAX, default: PAGE_LIMIT_DEFAULT, description: "Most items" }),
  ),
});
const BlockParams = object({
  block: StringType({
    pattern: "^([0-9a-fA-F]{64}|[0-9]{1,9})$",
    description: "Hash of a block, or its height in the active chain",
  }),
});
const FeeQuery = object({
  mode: Optional(
    Union([Literal("economical"), Literal("conservative")], {
      default: "economical",
      description: "conservative also looks at days and weeks, and may ask for more",
    }),
  ),
});
const NoFields = object({});

/** Who may call a route that is not open to everybody: whoever sends a key of that role in the header `X-API-Key`. */
export type ApiRole = "admin";

export interface RestRoute {
  /** GET where absent. */
  readonly method?: "GET" | "PUT";
  /** Open to everybody where absent. */
  readonly role?: ApiRole;
  readonly path: string;
  readonly summary: string;
  /** Fields of the path, written `{name}` in `path`. */
  readonly params: TSchema;
  readonly query: TSchema;
  /** Of the JSON in the request, where there is any. */
  readonly body?: TSchema;
  readonly data: TSchema;
  /** Status codes other than 200 that the route itself answers. */
  readonly failures: readonly number[];
}

/**
 * The routes: those under /api/v1 only read and are open to all, those under /api/admin are for who has an admin key. Server,
 * client and documentation come from this table.
 */
export const restRoutes = {
  blockchain: {
    path: "/api/v1/blockchain",
    summary: "The chain at a glance",
    params: NoFields,
    query: NoFields,
    data: BlockchainInfo,
    failures: [503],
  },
  blocks: {
    path: "/api/v1/blockchain/blocks",
    summary: "Blocks of the active chain, newest first",
    params: NoFields,
    query: PageQuery,
    data: pageOf(BlockSummary),
    failures: [400, 503],
  },
  latestBlocks: {
    path: "/api/v1/blockchain/blocks/latest",
    summary: "The newest blocks of the active chain, newest first",
    params: NoFields,
    query: LimitQuery,
    data: list(BlockSummary),
    failures: [400, 503],
  },
  block: {
    path: "/api/v1/blockchain/blocks/{block}",
    summary: "One block, by hash or by height",
    params: BlockParams,
    query: NoFields,
    data: BlockSummary,
    failures: [400, 404, 503],
  },
  blockTransactions: {
    path: "/api/v1/blockchain/blocks/{block}/transactions",
    summary: "A block's transactions in block order, with the coins they spend",
    params: BlockParams,
    query: PageQuery,
    data: pageOf(TransactionView),
    failures: [400, 404, 503],
  },
  feeEstimates: {
    path: "/api/v1/fees/estimates",
    summary: "What to pay to be confirmed soon, and later",
    params: NoFields,
    query: FeeQuery,
    data: list(FeeEstimate, "By target, the soonest first"),
    failures: [400, 503],
  },
  mining: {
    path: "/api/v1/mining",
    summary: "What the miner of this node does, and what it has found",
    params: NoFields,
    query: NoFields,
    data: MinerInfo,
    failures: [503],
  },
  setMining: {
    method: "PUT",
    role: "admin",
    path: "/api/admin/mining",
    summary: "Starts, stops and paces the miner of this node while it runs; a restart goes back to its options",
    params: NoFields,
    query: NoFields,
    body: MinerChange,
    data: MinerInfo,
    failures: [400, 401, 403, 415, 503],
  },
} as const satisfies Record<string, RestRoute>;

export type RestRouteName = keyof typeof restRoutes;
export type RestParams<Name extends RestRouteName> = Static<(typeof restRoutes)[Name]["params"]>;
export type RestQuery<Name extends RestRouteName> = Static<(typeof restRoutes)[Name]["query"]>;
export type RestBody<Name extends RestRouteName> = (typeof restRoutes)[Name] extends {
  readonly body: infer Body extends TSchema;
}
  ? Static<Body>
  : undefined;
export type RestData<Name extends RestRouteName> = Static<(typeof restRoutes)[Name]["data"]>;

/** Header that carries a key. */
export const API_KEY_HEADER = "x-api-key";

/** Where the health routes are; each also answers under `/api`. */
export const HEALTH_PATHS = { health: "/health", live: "/health/live", ready: "/health/ready" } as const;

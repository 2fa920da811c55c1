import { Integer, Literal, Number as NumberType, Optional, String as StringType, Union } from "typebox";
import { decimal, flag, hashText, integer, list, nullable, object, type Static, sats, text } from "../schema.ts";
import { NoFields, type RestRoute } from "./route.ts";

const MinerPacing = Union([Literal("interval"), Literal("on-transaction"), Literal("continuous"), Literal("off")], {
  description: "When it makes blocks",
});

/** What a miner does and has found. Where its coins go is for who may call JSON-RPC. */
export const minerFields = {
  pacing: MinerPacing,
  interval_seconds: decimal("Mean time between blocks of all miners of the network together, with pacing interval"),
  miners: integer("Miners that the last blocks show, this one included"),
  hashes_per_second: integer("Hashes per second of this node, while it looks for a block"),
  found_blocks: integer("Blocks that it has found since its start"),
  stale_blocks: integer("Of those: blocks that are not part of the chain, as another's took their place"),
  has_address: flag("Whether it knows where its coins go; it is told with the start otherwise"),
};

/** The miner of a node: the answer of `GET /api/v1/mining`. */
export const MinerInfo = object({
  ...minerFields,
  has_network: flag("Whether the node is part of a network that bitfleet runs on this machine: `GET /api/v1/network`"),
  has_faucet: flag(
    "Whether the network of this machine gives of its coins to who asks: `POST /api/admin/network/faucet`",
  ),
});
export type MinerInfo = Static<typeof MinerInfo>;

/** Blocks of a miner that one answer lists. */
export const FOUND_BLOCKS_MAX = 1_000;
export const FOUND_BLOCKS_DEFAULT = 50;

/** A block that a miner found. */
export const FoundBlock = object({
  height: integer("Its height"),
  hash: hashText("Its hash"),
  time: integer("Time of its header, in seconds since 1970"),
  reward_sats: sats("What its coinbase pays: subsidy and fees"),
  fee_sats: sats("Fees of its transactions"),
  transaction_count: integer("Its transactions, the coinbase counted"),
  is_active: flag("Whether it is part of the chain"),
  instead: nullable(hashText("The block that the chain has at its height; null where it is part of the chain itself")),
});
export type FoundBlock = Static<typeof FoundBlock>;

export const FoundBlocks = list(FoundBlock, "Found since the start of the node, newest first");

export const FoundBlocksQuery = object({
  limit: Optional(
    Integer({ minimum: 1, maximum: FOUND_BLOCKS_MAX, default: FOUND_BLOCKS_DEFAULT, description: "How many blocks" }),
  ),
});

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

/** What miners are told: the answer of `GET /api/v1/mining/info`. */
export const MiningInfo = object({
  blocks: integer("Height of the tip"),
  chain: text("Network: main, test, testnet4, signet or regtest"),
  difficulty: decimal("Difficulty of the tip"),
  next_difficulty: decimal("Difficulty of the next block"),
  networkhashps: decimal("Hashes per second of the whole network, as the last 120 blocks show"),
  pooledtx: integer("Transactions that wait"),
  currentblockweight: nullable(integer("Weight of the block that was put together last; null before the first")),
  currentblocktx: nullable(integer("Transactions of that block")),
  min_feerate_sat_per_kvb: sats("Least fee for 1000 vbytes that is mined here (-blockmintxfee)"),
  warnings: list(text("Warning"), "What is wrong with the node or the network; empty where nothing is"),
});
export type MiningInfo = Static<typeof MiningInfo>;

/** Blocks that one call makes. */
export const GENERATE_COUNT_MAX = 1000;
const GENERATE_TRIES_MAX = 1_000_000_000;
const ADDRESS_LENGTH_MAX = 128;

export const GenerateBody = object({
  address: StringType({ minLength: 1, maxLength: ADDRESS_LENGTH_MAX, description: "Where the coins go" }),
  nblocks: Integer({ minimum: 1, maximum: GENERATE_COUNT_MAX, description: "Blocks to make" }),
  maxtries: Optional(
    Integer({ minimum: 1, maximum: GENERATE_TRIES_MAX, description: "Hashes to try in all; a million where absent" }),
  ),
});

export const GeneratedBlocks = object({
  block_hashes: list(hashText("Block hash"), "Oldest first; fewer than asked for where the tries did not suffice"),
  message: text("The same in words"),
});

export const miningRoutes = {
  miningInfo: {
    path: "/api/v1/mining/info",
    tag: "mining",
    summary: "What miners are told: difficulty, hash rate, what waits",
    params: NoFields,
    query: NoFields,
    data: MiningInfo,
    failures: [503],
  },
  generateToAddress: {
    method: "POST",
    role: "admin",
    path: "/api/admin/mining/generatetoaddress",
    tag: "mining",
    summary: "Makes blocks at once that pay to an address",
    description:
      "For networks whose difficulty allows it: regtest, and signets whose key this node has. 422: the chain refused a block.",
    params: NoFields,
    query: NoFields,
    body: GenerateBody,
    data: GeneratedBlocks,
    failures: [400, 422, 503],
    example: { body: { address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", nblocks: 1 } },
  },
  mining: {
    path: "/api/v1/mining",
    tag: "mining",
    summary: "What the miner of this node does, and what it has found",
    params: NoFields,
    query: NoFields,
    data: MinerInfo,
    failures: [503],
  },
  minedBlocks: {
    path: "/api/v1/mining/blocks",
    tag: "mining",
    summary: "Blocks that the miner of this node has found since its start, and what became of them",
    params: NoFields,
    query: FoundBlocksQuery,
    data: FoundBlocks,
    failures: [400, 503],
    example: { query: { limit: 10 } },
  },
  setMining: {
    method: "PUT",
    role: "admin",
    path: "/api/admin/mining",
    tag: "mining",
    summary: "Starts, stops and paces the miner of this node while it runs; a restart goes back to its options",
    params: NoFields,
    query: NoFields,
    body: MinerChange,
    data: MinerInfo,
    failures: [400, 503],
    example: { body: { pacing: "interval", interval_seconds: 10 } },
  },
} as const satisfies Record<string, RestRoute>;

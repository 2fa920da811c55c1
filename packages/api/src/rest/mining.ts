import { Literal, Number as NumberType, Optional, Union } from "typebox";
import { decimal, flag, integer, object, type Static, text } from "../schema.ts";
import { NoFields, type RestRoute } from "./route.ts";

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

export const miningRoutes = {
  mining: {
    path: "/api/v1/mining",
    tag: "mining",
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

import { Array as ArrayOf, Integer, Literal, Optional, String as StringType, Union } from "typebox";
import { FAUCET_SATS_MAX, FAUCET_SATS_MIN } from "../faucet-limits.ts";
import { flag, hashText, integer, list, nullable, object, type Static, sats, text } from "../schema.ts";
import { FoundBlocks, FoundBlocksQuery, MinerChange, minerFields } from "./mining.ts";
import { NoFields, type RestRoute } from "./route.ts";

/** The network of one machine that a node is part of: what `bitfleet up` and `startNetwork` run. */

const NAME_LENGTH_MAX = 64;
const ADDRESS_LENGTH_MAX = 100;
const NODES_MAX = 50;
/** Blocks that one request mines, on a signet some seconds each; more are mined by several. */
export const NETWORK_MINE_BLOCKS_MAX = 1_000;
/** Blocks that one request replaces. */
export const NETWORK_REORG_DEPTH_MAX = 1_000;
/** Blocks that a payment of the faucet is confirmed by. */
export const FAUCET_MINE_BLOCKS_MAX = 100;
export const LOG_LINES_MAX = 1_000;
const LOG_LINES_DEFAULT = 100;
/** As far as numbers go that are whole. */
const LOG_PLACE_MAX = Number.MAX_SAFE_INTEGER;
/** The last second that a header can say. */
const TIME_MAX = 0xffff_ffff;
/** Of one change: a hundred years. */
const TIME_OFFSET_MAX = 3_155_760_000;
/** A partition names every node. */
const PARTITION_BYTES_MAX = 8_192;

const NodeName = StringType({
  minLength: 1,
  maxLength: NAME_LENGTH_MAX,
  pattern: "^[a-z]+-[0-9]+$",
  description: "Name of a node, as miner-0",
});
const SnapshotName = StringType({
  minLength: 1,
  maxLength: NAME_LENGTH_MAX,
  pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$",
  description: "Name of a snapshot",
});
const Address = StringType({
  minLength: 1,
  maxLength: ADDRESS_LENGTH_MAX,
  pattern: "^[0-9A-Za-z]+$",
  description: "An address",
});

const Role = Union([Literal("miner"), Literal("webserver")], { description: "What the node is for" });
const State = Union(
  [
    Literal("waiting"),
    Literal("starting"),
    Literal("running"),
    Literal("restarting"),
    Literal("failed"),
    Literal("stopped"),
  ],
  { description: "`restarting` between a crash and the next start, `failed` where it was given up" },
);

export const NetworkNodeView = object({
  name: text("Its name"),
  role: Role,
  state: State,
  height: nullable(integer("Height of its tip; null where it does not answer")),
  hash: nullable(text("Hash of its tip")),
  peers: nullable(integer("Connections that it has")),
  p2p_port: nullable(integer("Where it listens for peers")),
  web_url: nullable(text("Its page, as seen from the machine itself; null where it serves none")),
  connects_to: list(text("Name of a node"), "Nodes that it keeps a connection to, as the network is now"),
  miner: nullable(
    object({
      pacing: text("When it makes blocks: interval, on-transaction, continuous or off"),
      found_count: integer("Blocks that it has found since its start"),
      stale_count: integer("Of those: blocks that are not part of its chain"),
    }),
  ),
});
export type NetworkNodeView = Static<typeof NetworkNodeView>;

const Partition = list(list(text("Name of a node")), "Groups that do not talk to each other; empty where all do");

const MockTime = nullable(
  integer("The time that all nodes are told, in seconds since 1970, which stands still; null where it is the real one"),
);

export const NetworkStatus = object({
  chain: Union([Literal("regtest"), Literal("signet")], { description: "What the nodes run" }),
  self: nullable(text("The node that answers")),
  nodes: list(NetworkNodeView),
  partition: Partition,
  mock_time: MockTime,
});
export type NetworkStatus = Static<typeof NetworkStatus>;

const Absent = list(text("Name of a node"), "Nodes that do not answer; they follow when they start again");
const tip = { height: integer("Height of the tip then"), hash: hashText("Hash of the tip then") };
const Hashes = list(hashText("Hash of a block"), "The new blocks, oldest first");

export const NetworkMined = object({ node: text("Which node mined"), hashes: Hashes, ...tip });

export const NetworkSnapshot = object({
  name: text("Its name"),
  height: integer("Height of the tip"),
  hash: hashText("Hash of the tip"),
  transactions: integer("Transactions that waited"),
  time: text("When it was taken, RFC 3339"),
});

const AdminRoute = { role: "admin", tag: "network", params: NoFields, query: NoFields } as const;
/** 404: no network here, or none of that name; 409: not now; 503: nodes do not answer. */
const FAILURES = [400, 404, 409, 503] as const;

export const networkRoutes = {
  network: {
    path: "/api/v1/network",
    tag: "network",
    summary:
      "The network of this machine that the node is part of: its nodes, where they stand, and how they are connected",
    description: "404 where the node is not part of a network that `bitfleet up` or `startNetwork` runs.",
    params: NoFields,
    query: NoFields,
    data: NetworkStatus,
    failures: [404, 503],
  },
  partitionNetwork: {
    ...AdminRoute,
    method: "POST",
    path: "/api/admin/network/partition",
    summary: "Separates groups of nodes, which then go on by themselves",
    description: "Nodes that are in no group form one more. Nodes that start again keep to it.",
    body: object({
      groups: ArrayOf(ArrayOf(NodeName, { minItems: 1, maxItems: NODES_MAX }), {
        minItems: 1,
        maxItems: NODES_MAX,
        description: "Names of nodes, group by group",
      }),
    }),
    bodyBytesMax: PARTITION_BYTES_MAX,
    data: object({ partition: Partition, absent: Absent }),
    failures: FAILURES,
    example: { body: { groups: [["miner-0", "webserver-0"], ["miner-1"]] } },
  },
  healNetwork: {
    ...AdminRoute,
    method: "POST",
    path: "/api/admin/network/heal",
    summary: "Ends a partition and waits until all nodes agree, or until only the next block can decide between them",
    isRepeatable: true,
    data: object({
      ...tip,
      nodes: integer("Nodes that have that tip"),
      tied: list(
        hashText("Hash of a block"),
        "Tips of which none has more work while no miner works: the next block decides; empty where all nodes agree",
      ),
      absent: Absent,
    }),
    failures: FAILURES,
  },
  reorgNetwork: {
    ...AdminRoute,
    method: "POST",
    path: "/api/admin/network/reorg",
    summary: "Replaces the last blocks by one more, and waits until all nodes that are reached follow",
    body: object({
      depth: Integer({ minimum: 1, maximum: NETWORK_REORG_DEPTH_MAX, description: "How many blocks are replaced" }),
      node: Optional(NodeName),
    }),
    data: NetworkMined,
    failures: FAILURES,
    example: { body: { depth: 2 } },
  },
  mineNetwork: {
    ...AdminRoute,
    method: "POST",
    path: "/api/admin/network/mine",
    summary: "Mines blocks at once",
    body: object({
      blocks: Integer({ minimum: 1, maximum: NETWORK_MINE_BLOCKS_MAX, description: "How many" }),
      address: Optional(Address),
      node: Optional(NodeName),
    }),
    data: NetworkMined,
    failures: FAILURES,
    example: { body: { blocks: 1 } },
  },
  networkMiner: {
    path: "/api/v1/network/miners/{node}",
    tag: "network",
    summary: "What the miner of a node of the network does, and what it has found",
    params: object({ node: NodeName }),
    query: FoundBlocksQuery,
    data: object({ node: text("Its name"), ...minerFields, blocks: FoundBlocks }),
    failures: [400, 404, 503],
    example: { params: { node: "miner-0" }, query: { limit: 10 } },
  },
  setNetworkMiner: {
    ...AdminRoute,
    method: "PUT",
    path: "/api/admin/network/miners/{node}",
    summary: "Starts, stops and paces the miner of a node of the network while it runs",
    description: "One that is started without an address, and has none, pays to the wallet of the network.",
    params: object({ node: NodeName }),
    body: MinerChange,
    data: object({ node: text("Its name"), ...minerFields }),
    failures: FAILURES,
    example: { params: { node: "miner-0" }, body: { pacing: "interval", interval_seconds: 10 } },
  },
  restartNetworkNode: {
    ...AdminRoute,
    method: "POST",
    path: "/api/admin/network/restart",
    summary: "Stops a node and starts it again",
    description:
      "The answer comes when it is back; of the node that answers itself it comes at once, with null for its height, and then the node goes.",
    body: object({ node: NodeName }),
    data: object({ node: text("Its name"), height: nullable(integer("Height of its tip")) }),
    failures: FAILURES,
    example: { body: { node: "miner-1" } },
  },
  setNetworkTime: {
    ...AdminRoute,
    method: "POST",
    path: "/api/admin/network/time",
    summary: "Has all nodes believe that it is another time, or the real one again",
    description:
      "One of the three fields. The time stands still until it is changed again, so that locks and expiries can be tried out; nodes that start again keep to it. Blocks that were made in the future stay: back in real time, none is made on top until two hours before theirs, unless they are reverted. 409 on a signet.",
    body: object({
      offset: Optional(
        Integer({
          minimum: -TIME_OFFSET_MAX,
          maximum: TIME_OFFSET_MAX,
          description: "Seconds from the time that holds now, below 0 back",
        }),
      ),
      time: Optional(Integer({ minimum: 1, maximum: TIME_MAX, description: "In seconds since 1970" })),
      reset: Optional(Literal(true, { description: "The real time again" })),
    }),
    data: object({ mock_time: MockTime, absent: Absent }),
    failures: FAILURES,
    example: { body: { offset: 7200 } },
  },
  faucet: {
    ...AdminRoute,
    method: "POST",
    path: "/api/admin/network/faucet",
    summary: "Sends coins that the network has mined to an address",
    description:
      "From the wallet of the network's first miner. 409 where it has too little. 429 where an address had ten payments at once, which then come back at one every ten seconds, or a caller sixty, at one a second.",
    body: object({
      address: Address,
      sats: Integer({ minimum: FAUCET_SATS_MIN, maximum: FAUCET_SATS_MAX, description: "How much, in satoshis" }),
      mine: Optional(
        Integer({
          minimum: 0,
          maximum: FAUCET_MINE_BLOCKS_MAX,
          default: 0,
          description: "Blocks to mine on it at once, so that it is confirmed",
        }),
      ),
      node: Optional(NodeName),
    }),
    data: object({
      txid: hashText("The transaction"),
      address: text("Who gets it"),
      sats: sats("What was sent"),
      fee_sats: sats("What it cost besides"),
      blocks: Hashes,
    }),
    failures: FAILURES,
    example: { body: { address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", sats: 100_000_000, mine: 1 } },
  },
  snapshots: {
    ...AdminRoute,
    path: "/api/admin/network/snapshots",
    summary: "The snapshots that there are, the oldest first",
    data: list(NetworkSnapshot),
    failures: [404, 409],
  },
  takeSnapshot: {
    ...AdminRoute,
    method: "POST",
    path: "/api/admin/network/snapshots",
    summary: "Keeps what all nodes have now: chain, mempool and mocked time",
    description: "The nodes must agree. One of the same name is replaced; without a name it gets the next number.",
    body: object({ name: Optional(SnapshotName) }),
    data: NetworkSnapshot,
    failures: FAILURES,
    example: { body: { name: "base" } },
  },
  removeSnapshot: {
    ...AdminRoute,
    method: "DELETE",
    path: "/api/admin/network/snapshots/{name}",
    summary: "Removes a snapshot",
    params: object({ name: SnapshotName }),
    isRepeatable: true,
    data: object({ name: text("Its name") }),
    failures: [400, 404, 409],
    example: { params: { name: "base" } },
  },
  revertNetwork: {
    ...AdminRoute,
    method: "POST",
    path: "/api/admin/network/revert",
    summary: "Takes all nodes back to a snapshot, which stays for the next time; ends a partition",
    body: object({ name: SnapshotName }),
    isRepeatable: true,
    data: object({
      name: text("The snapshot"),
      ...tip,
      transactions: integer("Transactions that wait"),
      nodes: list(text("Name of a node"), "Nodes that are there now"),
      absent: Absent,
    }),
    failures: FAILURES,
    example: { body: { name: "base" } },
  },
  networkLog: {
    ...AdminRoute,
    path: "/api/admin/network/logs/{node}",
    summary: "The last lines of a node's log",
    params: object({ node: NodeName }),
    description:
      "Who follows it asks again with `after`, the `end` of the answer before, and has the lines that have come since.",
    query: object({
      lines: Optional(
        Integer({ minimum: 1, maximum: LOG_LINES_MAX, default: LOG_LINES_DEFAULT, description: "How many" }),
      ),
      after: Optional(Integer({ minimum: 0, maximum: LOG_PLACE_MAX, description: "No line that ends before it" })),
    }),
    data: object({
      node: text("Its name"),
      lines: list(text("A line"), "The oldest first"),
      end: integer("Where the last of them ends, in bytes of the log"),
      is_cut: flag("Whether lines behind `after` are left out, as there are too many, or as the log was begun anew"),
    }),
    failures: [400, 404, 503],
    example: { params: { node: "miner-0" }, query: { lines: 20 } },
  },
} as const satisfies Record<string, RestRoute>;

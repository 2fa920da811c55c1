import { ApiError } from "@bitfleet/api/errors.ts";
import { FOUND_BLOCKS_DEFAULT, type MinerInfo } from "@bitfleet/api/rest/mining.ts";
import type { NetworkNodeView, NetworkStatus } from "@bitfleet/api/rest/network.ts";
import type { RestBody } from "@bitfleet/api/rest-routes.ts";
import type { FastifyInstance } from "fastify";
import type { RateLimiter } from "../access/rate-limiter.ts";
import {
  type MinerView,
  type NetworkControl,
  NetworkFault,
  type NetworkFaultKind,
  type NetworkView,
  type NodeView,
  type TimeChange,
} from "../network-control.ts";
import { asSentence } from "../web/envelope.ts";
import { takeFromFaucet } from "./faucet-limit.ts";
import { foundBlockJson } from "./found-block-json.ts";
import { type RouteDependencies, route } from "./rest-route.ts";

/** Looking asks every node, and anybody may ask: an answer serves all who ask within this time. */
const STATUS_KEPT_MS = 1_000;
const LOG_LINES_DEFAULT = 100;
const NO_NETWORK = "This node is not part of a network that bitfleet runs on this machine.";

const STATUS_OF: Readonly<Record<NetworkFaultKind, number>> = {
  value: 400,
  unknown: 404,
  conflict: 409,
  unavailable: 503,
};

export interface NetworkRouteDependencies extends RouteDependencies {
  /** Absent where the node is by itself. */
  readonly network: NetworkControl | undefined;
  readonly limiter: Pick<RateLimiter, "takeFrom">;
}

/** The network of this machine: how it is, for everybody; changing it, for who has an admin key. */
export function networkRoutes(app: FastifyInstance, deps: NetworkRouteDependencies): void {
  const control = (): NetworkControl => {
    if (deps.network === undefined) throw new ApiError(404, NO_NETWORK);
    return deps.network;
  };
  const status = keptFor(STATUS_KEPT_MS, () => asked(() => control().status()));

  route(app, deps, "network", async () => statusOf(await status()));

  route(app, deps, "partitionNetwork", async (_params, _query, { groups }) => {
    const { partition, absent } = await asked(() => control().partition(groups));
    return { partition: partition.map((group) => [...group]), absent: [...absent] };
  });

  route(app, deps, "healNetwork", async () => {
    const { height, hash, nodes, tied, absent } = await asked(() => control().heal());
    return { height, hash, nodes, tied: [...tied], absent: [...absent] };
  });

  route(app, deps, "reorgNetwork", async (_params, _query, { depth, node }) => {
    const result = await asked(() => control().reorg(depth, node));
    return { ...result, hashes: [...result.hashes] };
  });

  route(app, deps, "mineNetwork", async (_params, _query, { blocks, address, node }) => {
    const result = await asked(() => control().mine(blocks, { address, node }));
    return { ...result, hashes: [...result.hashes] };
  });

  route(app, deps, "networkMiner", async ({ node }, { limit = FOUND_BLOCKS_DEFAULT }) => {
    const { blocks, ...miner } = await asked(() => control().miner(node, limit));
    return { node, ...minerJson(miner), blocks: blocks.map(foundBlockJson) };
  });

  route(
    app,
    deps,
    "setNetworkMiner",
    async ({ node }, _query, { pacing, interval_seconds: intervalSeconds, address }) => {
      const miner = await asked(() => control().setMiner(node, { pacing, intervalSeconds, address }));
      return { node, ...minerJson(miner) };
    },
  );

  route(app, deps, "restartNetworkNode", async (_params, _query, { node }) => {
    const { height } = await asked(() => control().restart(node));
    return { node, height: height ?? null };
  });

  route(app, deps, "setNetworkTime", async (_params, _query, body) => {
    const { mockTimeSeconds, absent } = await asked(() => control().setTime(timeChangeOf(body)));
    return { mock_time: mockTimeSeconds ?? null, absent: [...absent] };
  });

  route(app, deps, "faucet", async (_params, _query, { address, sats, mine, node }, context) => {
    await takeFromFaucet(address, context, deps.limiter);
    const paid = await asked(() => control().faucet({ address, sats: BigInt(sats), mine, node }));
    return {
      txid: paid.txid,
      address,
      sats: Number(paid.sats),
      fee_sats: Number(paid.feeSats),
      blocks: [...paid.hashes],
    };
  });

  snapshotRoutes(app, deps, control);

  route(app, deps, "networkLog", async ({ node }, { lines: count = LOG_LINES_DEFAULT, after }) => {
    const { lines, end, isCut } = await asked(() => control().logs(node, count, after));
    return { node, lines: [...lines], end, is_cut: isCut };
  });
}

const minerJson = (miner: MinerView) => ({
  pacing: miner.pacing as MinerInfo["pacing"],
  interval_seconds: miner.intervalSeconds,
  miners: miner.minerCount,
  hashes_per_second: miner.hashesPerSecond,
  found_blocks: miner.foundCount,
  stale_blocks: miner.staleCount,
  has_address: miner.hasAddress,
});

function snapshotRoutes(app: FastifyInstance, deps: NetworkRouteDependencies, control: () => NetworkControl): void {
  route(app, deps, "snapshots", async () => [...(await asked(() => control().snapshots()))]);

  route(app, deps, "takeSnapshot", (_params, _query, { name }) => asked(() => control().snapshot(name)));

  route(app, deps, "removeSnapshot", async ({ name }) => {
    await asked(() => control().removeSnapshot(name));
    return { name };
  });

  route(app, deps, "revertNetwork", async (_params, _query, { name }) => {
    const result = await asked(() => control().revert(name));
    return { ...result, nodes: [...result.nodes], absent: [...result.absent] };
  });
}

/** Throws `ApiError` where not one thing is said. */
function timeChangeOf({ offset, time, reset }: RestBody<"setNetworkTime">): TimeChange {
  const given = [offset, time, reset].filter((field) => field !== undefined);
  if (given.length !== 1) throw new ApiError(400, "Say one of offset, time and reset.");
  if (offset !== undefined) return { offsetSeconds: offset };
  return time === undefined ? "real" : { seconds: time };
}

/** Turns what the network says into an answer. */
async function asked<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NetworkFault) throw new ApiError(STATUS_OF[error.kind], asSentence(error.message));
    throw error;
  }
}

/** What `look` answers, for all who ask until it is so old. A failure is kept by nobody. */
function keptFor<Value>(keptMs: number, look: () => Promise<Value>): () => Promise<Value> {
  let answer: Promise<Value> | undefined;
  let lookedMs = 0;
  return () => {
    const nowMs = performance.now();
    if (answer === undefined || nowMs - lookedMs > keptMs) {
      lookedMs = nowMs;
      answer = look();
      answer.catch(() => {
        answer = undefined;
      });
    }
    return answer;
  };
}

function statusOf({ chain, self, nodes, partition, mockTimeSeconds }: NetworkView): NetworkStatus {
  return {
    chain,
    self: self ?? null,
    nodes: nodes.map(nodeOf),
    partition: partition.map((group) => [...group]),
    mock_time: mockTimeSeconds ?? null,
  };
}

function nodeOf({ name, role, state, tip, peerCount, p2pPort, webUrl, connectsTo, miner }: NodeView): NetworkNodeView {
  return {
    name,
    role,
    state,
    height: tip?.height ?? null,
    hash: tip?.hash ?? null,
    peers: peerCount ?? null,
    p2p_port: p2pPort ?? null,
    web_url: webUrl ?? null,
    connects_to: [...connectsTo],
    miner: miner ? { pacing: miner.pacing, found_count: miner.foundCount, stale_count: miner.staleCount } : null,
  };
}

import { ApiError } from "@bitfleet/api/errors.ts";
import type { MinerInfo } from "@bitfleet/api/rest/mining.ts";
import type { FastifyInstance } from "fastify";
import type { MinerStatus } from "../../mining/miner.ts";
import { changeMining } from "../miner-change.ts";
import { asSentence } from "../web/envelope.ts";
import { runningNode } from "../web/web-state.ts";
import { type RouteDependencies, route } from "./rest-route.ts";

/** What the miner of this node does, for everybody; telling it what to do, for who has an admin key. */
export function miningRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  route(app, deps, "mining", async () => infoOf(runningNode(deps.state).miner.status()));
  route(app, deps, "setMining", async (_params, _query, { pacing, interval_seconds: intervalSeconds, address }) => {
    const { miner, chain } = runningNode(deps.state);
    const refusal = changeMining(miner, { pacing, intervalSeconds, address }, chain.network.addressPrefixes);
    if (refusal !== undefined) throw new ApiError(400, asSentence(refusal.reason));
    return infoOf(miner.status());
  });
}

function infoOf(status: MinerStatus): MinerInfo {
  return {
    pacing: status.pacing,
    interval_seconds: status.intervalMs / 1000,
    miners: status.minerCount,
    hashes_per_second: Math.round(status.hashesPerSecond),
    found_blocks: status.foundCount,
    stale_blocks: status.staleCount,
    has_address: status.script !== undefined,
  };
}

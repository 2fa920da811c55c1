import { ApiError } from "@bitfleet/api/errors.ts";
import type { MinerInfo } from "@bitfleet/api/rest/mining.ts";
import type { FastifyInstance } from "fastify";
import type { MinerStatus } from "../../mining/miner.ts";
import type { ApiKeys } from "../access/api-keys.ts";
import { changeMining } from "../miner-change.ts";
import { asSentence } from "../web/envelope.ts";
import { runningNode, type WebState } from "../web/web-state.ts";
import { route } from "./rest-route.ts";

/** What the miner of this node does, for everybody; telling it what to do, for who has an admin key. */
export function miningRoutes(
  app: FastifyInstance,
  { state, keys }: { readonly state: WebState; readonly keys: ApiKeys },
): void {
  route(app, "mining", async () => infoOf(runningNode(state).miner.status()));
  route(
    app,
    "setMining",
    async (_params, _query, { pacing, interval_seconds: intervalSeconds, address }) => {
      const { miner, chain } = runningNode(state);
      const refusal = changeMining(miner, { pacing, intervalSeconds, address }, chain.network.addressPrefixes);
      if (refusal !== undefined) throw new ApiError(400, asSentence(refusal.reason));
      return infoOf(miner.status());
    },
    keys,
  );
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

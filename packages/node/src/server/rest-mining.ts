import type { FastifyInstance } from "fastify";
import { route } from "./rest-route.ts";
import { runningNode, type WebState } from "./web-state.ts";

/** What the miner does, for pages. Telling it what to do is for JSON-RPC (`setminer`), which knows who calls. */
export function miningRoutes(app: FastifyInstance, deps: { readonly state: WebState }): void {
  route(app, "mining", async () => {
    const status = runningNode(deps.state).miner.status();
    return {
      pacing: status.pacing,
      interval_seconds: status.intervalMs / 1000,
      miners: status.minerCount,
      hashes_per_second: Math.round(status.hashesPerSecond),
      found_blocks: status.foundCount,
      stale_blocks: status.staleCount,
    };
  });
}

import type { FastifyInstance } from "fastify";
import { adviseFeerate } from "../../mempool/fee-advice.ts";
import { runningNode } from "../web/web-state.ts";
import { type RouteDependencies, route } from "./rest-route.ts";

/** Blocks that people wait for: minutes, an hour or two, half a day, a day, half a week, a week. */
const TARGETS = [2, 3, 6, 12, 24, 72, 144, 504, 1008] as const;

/** What to pay, for pages and wallets: estimates, and in their place what the operator set with `-fallbackfee`, marked. */
export function feeRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  route(app, deps, "feeEstimates", async (_params, { mode = "economical" }) => {
    const { fees } = runningNode(deps.state);
    return TARGETS.map((target) => {
      const { feerateSatPerKvb, source, blocks, reason } = adviseFeerate(target, mode, fees);
      return {
        target,
        feerate_sat_per_kvb: feerateSatPerKvb === undefined ? null : Number(feerateSatPerKvb),
        source,
        blocks,
        reason,
      };
    });
  });
}

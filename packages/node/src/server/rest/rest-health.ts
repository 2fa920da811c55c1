import { ApiError } from "@bitfleet/api/errors.ts";
import { HEALTH_PATHS, type Health } from "@bitfleet/api/rest/health.ts";
import type { FastifyInstance } from "fastify";
import type { Clock } from "../../ports.ts";
import { success } from "../web/envelope.ts";
import type { WebState } from "../web/web-state.ts";

const BYTES_PER_MB = 1_000_000;

/** `/health` for people, `/health/live` and `/health/ready` for probes; the same under `/api`. Never limited, never cached. */
export function healthRoutes(
  app: FastifyInstance,
  options: { readonly version: string },
  deps: { readonly state: WebState; readonly clock: Clock },
): void {
  const { state, clock } = deps;
  const startMs = clock.monotonicMs();
  const health = (): Health => ({
    status: state.status,
    version: options.version,
    uptime_seconds: Math.floor((clock.monotonicMs() - startMs) / 1000),
    blockchain_height: state.node?.chain.tip.height ?? 0,
    connected_peers: state.peerCount,
    memory_usage_mb: Math.round(process.memoryUsage.rss() / (BYTES_PER_MB / 10)) / 10,
  });
  for (const prefix of ["", "/api"]) {
    app.get(prefix + HEALTH_PATHS.health, () => success(health()));
    app.get(prefix + HEALTH_PATHS.live, () => success("alive"));
    app.get(prefix + HEALTH_PATHS.ready, () => {
      const { notReady } = state;
      if (notReady !== undefined) throw new ApiError(503, notReady);
      return success("ready");
    });
  }
}

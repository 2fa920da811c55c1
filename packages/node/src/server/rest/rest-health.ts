import { ApiError } from "@bitfleet/api/errors.ts";
import { HEALTH_ALIASES, HEALTH_PATHS, type Health } from "@bitfleet/api/rest/health.ts";
import type { FastifyInstance } from "fastify";
import type { Clock } from "../../ports.ts";
import type { HealthMonitor } from "../health/health-monitor.ts";
import { success } from "../web/envelope.ts";
import type { WebState } from "../web/web-state.ts";

const BYTES_PER_MB = 1_000_000;

/** `/health` for people, `/health/live` and `/health/ready` for probes; the same under `/api`. Never limited, never cached. */
export function healthRoutes(
  app: FastifyInstance,
  options: { readonly version: string },
  deps: { readonly state: WebState; readonly health: HealthMonitor; readonly clock: Clock },
): void {
  const { state, health, clock } = deps;
  const startMs = clock.monotonicMs();
  const details = (): Health => {
    const checks = health.checks();
    return {
      status: health.overall(checks),
      version: options.version,
      uptime_seconds: Math.floor((clock.monotonicMs() - startMs) / 1000),
      blockchain_height: state.node?.chain.tip.height ?? 0,
      connected_peers: state.peerCount,
      memory_usage_mb: Math.round(process.memoryUsage.rss() / (BYTES_PER_MB / 10)) / 10,
      checks: [...checks],
    };
  };
  const unless = (problem: string | undefined, word: string) => {
    if (problem !== undefined) throw new ApiError(503, problem);
    return success(word);
  };
  const everywhere = (path: string, answer: () => unknown) => {
    for (const one of [path, `/api${path}`, HEALTH_ALIASES[path]]) if (one !== undefined) app.get(one, answer);
  };
  everywhere(HEALTH_PATHS.health, () => success(details()));
  everywhere(HEALTH_PATHS.live, () => unless(health.notLive, "alive"));
  everywhere(HEALTH_PATHS.ready, () => unless(health.notReady, "ready"));
}

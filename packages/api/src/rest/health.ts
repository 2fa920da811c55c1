import { Array as ArrayOf, Literal, Union } from "typebox";
import { decimal, integer, object, type Static, text } from "../schema.ts";

/** `warn` is for somebody to look at; with `fail` no traffic should come. */
export const HealthCheckStatus = Union([Literal("pass"), Literal("warn"), Literal("fail")]);
export type HealthCheckStatus = Static<typeof HealthCheckStatus>;

export const HealthCheckName = Union([
  Literal("node"),
  Literal("chain"),
  Literal("indexes"),
  Literal("mempool"),
  Literal("peers"),
  Literal("storage"),
  Literal("event-loop"),
  Literal("rate-limits"),
]);
export type HealthCheckName = Static<typeof HealthCheckName>;

export const HealthCheck = object({
  name: HealthCheckName,
  status: HealthCheckStatus,
  detail: text("Why, as a sentence"),
  since: text("When it came to be so, as RFC 3339 has it"),
});
export type HealthCheck = Static<typeof HealthCheck>;

/** The health of a node, for people; probes read the status code of `/health/live` and `/health/ready`. */
export const Health = object({
  status: Union([
    Literal("healthy"),
    Literal("degraded"),
    Literal("unhealthy"),
    Literal("starting"),
    Literal("stopping"),
  ]),
  version: text("Version of this software"),
  uptime_seconds: integer("Seconds since the start"),
  blockchain_height: integer("Height of the tip"),
  connected_peers: integer("Peers connected"),
  memory_usage_mb: decimal("Resident memory, in MB"),
  checks: ArrayOf(HealthCheck, { description: "What was looked at; what matters most first" }),
});
export type Health = Static<typeof Health>;

/** Where the health routes are; each also answers under `/api`. */
export const HEALTH_PATHS = { health: "/health", live: "/health/live", ready: "/health/ready" } as const;

/** Other names, which Compose files in use ask for, of those under `/api`. */
export const HEALTH_ALIASES: Readonly<Record<string, string>> = {
  [HEALTH_PATHS.live]: "/api/health/liveness",
  [HEALTH_PATHS.ready]: "/api/health/readiness",
};

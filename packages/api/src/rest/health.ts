import { Literal, Union } from "typebox";
import { decimal, integer, object, type Static, text } from "../schema.ts";

/** The health of a node, for people; probes read the status code of `/health/live` and `/health/ready`. */
export const Health = object({
  status: Union([Literal("healthy"), Literal("starting"), Literal("stopping")]),
  version: text("Version of this software"),
  uptime_seconds: integer("Seconds since the start"),
  blockchain_height: integer("Height of the tip"),
  connected_peers: integer("Peers connected"),
  memory_usage_mb: decimal("Resident memory, in MB"),
});
export type Health = Static<typeof Health>;

/** Where the health routes are; each also answers under `/api`. */
export const HEALTH_PATHS = { health: "/health", live: "/health/live", ready: "/health/ready" } as const;

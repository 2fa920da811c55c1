import type { FastifyInstance } from "fastify";
import type { ServerMetrics, ServerMetricsDependencies } from "../metrics/server-metrics.ts";

/** `/metrics` for Prometheus: open to everybody who reaches it, as a probe is, and never cached. */
export function metricsRoute(
  app: FastifyInstance,
  options: { readonly version: string },
  deps: ServerMetricsDependencies,
): void {
  let made: Promise<ServerMetrics> | undefined;
  app.get("/metrics", async (_request, reply) => {
    // Loaded with the first look: most nodes are never looked at, and measuring the process costs a little.
    made ??= import("../metrics/server-metrics.ts").then(
      ({ ServerMetrics }) => new ServerMetrics(options.version, deps),
    );
    const metrics = await made;
    return reply.type(metrics.contentType).send(await metrics.text());
  });
}

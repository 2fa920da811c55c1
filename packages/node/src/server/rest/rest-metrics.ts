import type { FastifyInstance } from "fastify";
import type { NodeMetrics } from "../metrics/node-metrics.ts";
import type { WebState } from "../web/web-state.ts";

/** `/metrics` for Prometheus: open to everybody, as a probe is, and never cached. */
export function metricsRoute(
  app: FastifyInstance,
  options: { readonly version: string },
  deps: { readonly state: WebState },
): void {
  let made: Promise<NodeMetrics> | undefined;
  app.get("/metrics", async (_request, reply) => {
    // Loaded with the first look: most nodes are never looked at, and measuring the event loop costs a little.
    made ??= import("../metrics/node-metrics.ts").then(
      ({ NodeMetrics }) => new NodeMetrics(deps.state, options.version),
    );
    const metrics = await made;
    return reply.type(metrics.contentType).send(await metrics.text());
  });
}

import { ApiError } from "@bitfleet/api/errors.ts";
import { type FastifyInstance, fastify } from "fastify";
import type { Clock } from "../../ports.ts";
import type { ServerMetricsDependencies } from "../metrics/server-metrics.ts";
import { healthRoutes } from "../rest/rest-health.ts";
import { metricsRoute } from "../rest/rest-metrics.ts";
import { failure } from "./envelope.ts";

/** Who asks here answers at once, or is not what we are for. */
const TIMEOUT_MS = 10_000;
/** Probes and scrapers are few. */
const CONNECTIONS_MAX = 64;

/** Health and metrics alone, for an address that only the inside reaches. */
export function createProbeApp(
  options: { readonly version: string },
  deps: ServerMetricsDependencies & { readonly clock: Clock },
): FastifyInstance {
  const app = fastify({ requestTimeout: TIMEOUT_MS, bodyLimit: 1, http: { headersTimeout: TIMEOUT_MS } });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.addHook("onSend", (_request, reply, payload, done) => {
    reply.header("Cache-Control", "no-store");
    done(null, payload);
  });
  app.setErrorHandler((error, _request, reply) => {
    const { status, message } =
      error instanceof ApiError ? error : { status: 500, message: "Something is wrong here." };
    return reply.code(status).send(failure(message));
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(failure("Only health and metrics are here.")));
  healthRoutes(app, options, deps);
  metricsRoute(app, options, deps);
  return app;
}

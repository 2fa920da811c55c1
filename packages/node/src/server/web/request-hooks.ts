import { EVENTS_PATH } from "@bitfleet/api/events/transport.ts";

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock, Logger } from "../../ports.ts";
import type { HttpMeter } from "../metrics/http-meter.ts";
import { givenRequestId, REQUEST_ID_HEADER } from "./request-id.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Name of the route in the table; absent for what is not in it. */
    readonly routeName?: string;
  }
}

export interface RequestHookOptions {
  /** `-weblog`: a line of the log for each request. */
  readonly logsRequests: boolean;
}

/** Asked for all the time; of these only what goes wrong is worth a line. */
const PROBES = /^\/(api\/)?(health|metrics)(\/|$)/;
/** Characters of a path that the log takes. */
const LOGGED_PATH_MAX = 200;

/**
 * Has every request counted, and logged where that is wanted, and gives answers the id of their request: always where requests are
 * logged, otherwise where the client gave one and where it may want to ask about it, since it was refused or changed something.
 */
export function watchRequests(
  app: FastifyInstance,
  options: RequestHookOptions,
  deps: { readonly clock: Clock; readonly log: Logger; readonly meter: HttpMeter },
): void {
  const { meter, log } = deps;
  app.server.on("connection", (socket) => meter.follow(socket));
  app.addHook("onRequest", (request, { raw }, done) => {
    meter.begun();
    // A stream closes when its client leaves, and never finishes.
    if (isStream(request)) raw.once("close", () => meter.ended());
    done();
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    if (options.logsRequests || showsId(request, reply)) reply.header(REQUEST_ID_HEADER, request.id);
    done(null, payload);
  });
  app.addHook("onResponse", (request, reply, done) => {
    // A stream lasts as long as its client stays, which says nothing of us.
    if (!isStream(request)) {
      meter.ended();
      meter.count(factsOf(request, reply));
    }
    if (options.logsRequests) logRequest(request, reply, log);
    done();
  });
}

function showsId({ method, raw }: FastifyRequest, { statusCode }: FastifyReply): boolean {
  return statusCode >= 400 || (method !== "GET" && method !== "HEAD") || givenRequestId(raw) !== undefined;
}

const isStream = (request: FastifyRequest) => pathOf(request) === EVENTS_PATH;
const pathOf = ({ url }: FastifyRequest) => url.split("?", 1)[0]!;

function factsOf(request: FastifyRequest, reply: FastifyReply) {
  const { config, url } = request.routeOptions;
  const route = config?.routeName ?? url ?? "unmatched";
  return { route, method: request.method, status: reply.statusCode, seconds: reply.elapsedTime / 1000 };
}

/** Without the query, in which there may be what is nobody's business. */
function logRequest(request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const path = pathOf(request);
  const { method, ip, id } = request;
  // Nobody has looked at it where it was answered before, as a preflight is.
  const caller = request.caller as FastifyRequest["caller"] | null;
  if (PROBES.test(path) && reply.statusCode < 400) return;
  log.info("Request", {
    method,
    path: path.slice(0, LOGGED_PATH_MAX),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 100) / 100,
    bytes: Number(reply.getHeader("content-length") ?? 0),
    from: caller?.address ?? ip,
    key: caller?.key?.name,
    id,
  });
}

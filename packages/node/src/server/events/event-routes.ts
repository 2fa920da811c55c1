import { ApiError } from "@bitfleet/api/errors.ts";
import { EVENTS_PATH } from "@bitfleet/api/events/transport.ts";

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ApiKeys } from "../access/api-keys.ts";
import type { CrossOrigins } from "../web/web-limits.ts";
import type { EventStream, StreamRequest } from "./event-stream.ts";
import { acceptUpgrade, isOriginAllowed, isUpgrade, routeUpgrades } from "./upgrade.ts";

export interface EventRouteOptions {
  /** Whose pages may open a WebSocket besides our own. */
  readonly origins?: CrossOrigins | undefined;
}

/** `GET /api/v1/events`: Server-Sent Events, or a WebSocket where the request asks for an upgrade. */
export function eventRoutes(
  app: FastifyInstance,
  options: EventRouteOptions,
  deps: { readonly events: EventStream; readonly keys: Pick<ApiKeys, "onChange"> },
): void {
  routeUpgrades(app);
  const unfollow = deps.keys.onChange((names) => deps.events.revoke(names));
  app.addHook("onClose", async () => unfollow());
  app.get(EVENTS_PATH, { exposeHeadRoute: false }, async (request, reply) => {
    const wanted = streamRequestOf(request);
    if (isUpgrade(request)) return openSocket(request, reply, wanted, options, deps);
    const admitted = deps.events.admit(wanted);
    const headers = reply.getHeaders();
    reply.hijack();
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
    deps.events.openSse(reply.raw, wanted, admitted);
  });
}

async function openSocket(
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: StreamRequest,
  { origins = [] }: EventRouteOptions,
  { events }: { readonly events: EventStream },
): Promise<void> {
  if (!isOriginAllowed(request, origins))
    throw new ApiError(403, "Pages of that origin may not open a WebSocket here.");
  events.admit(wanted);
  const socket = await acceptUpgrade(request, reply);
  if (socket === undefined) return;
  try {
    // Again: the log has moved on meanwhile, and others came.
    events.openSocket(socket, wanted, events.admit(wanted));
  } catch (error) {
    socket.close(1013, error instanceof ApiError ? error.message : "Try again later.");
  }
}

/** A browser that opens a stream again sends the cursor of the last event beside the address that it began with: that one is newer. */
function streamRequestOf({ query, headers, caller }: FastifyRequest): StreamRequest {
  const { topics, cursor } = query as Readonly<Record<string, unknown>>;
  const lastId = headers["last-event-id"];
  return {
    address: caller.address,
    isForwarded: caller.isForwarded,
    keyName: caller.key?.name,
    topics: textOf("topics", topics),
    cursor: textOf("cursor", typeof lastId === "string" && lastId !== "" ? lastId : cursor),
  };
}

/** Throws `ApiError` where a field is there twice. An empty one is as good as none. */
function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (typeof value !== "string")
    throw new ApiError(400, `${name} may be given once; several topics stand behind commas.`);
  return value;
}

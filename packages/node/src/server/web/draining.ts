import type { FastifyInstance, FastifyReply } from "fastify";
import type { WebState } from "./web-state.ts";

/**
 * Has every answer of a node that is to stop end its connection, so that clients that keep theirs come back elsewhere. A connection that is closed
 * without having been told may just be bringing the next request, which then fails.
 */
export function endConnections(app: FastifyInstance, state: Pick<WebState, "status">): void {
  const mark = (reply: FastifyReply) => {
    if (state.status === "stopping") reply.header("Connection", "close");
  };
  // Streams answer for themselves, with the headers that there are by then.
  app.addHook("onRequest", (_request, reply, done) => {
    mark(reply);
    done();
  });
  // Of requests that came before.
  app.addHook("onSend", (_request, reply, payload, done) => {
    mark(reply);
    done(null, payload);
  });
}

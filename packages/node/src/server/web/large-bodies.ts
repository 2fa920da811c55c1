import { ApiError } from "@bitfleet/api/errors.ts";
import type { FastifyInstance } from "fastify";

/** Smaller bodies are nobody's worry: most transactions are. */
export const SMALL_BODY_BYTES = 16 * 1024;
/** Bytes of larger ones that may be under way at a time, of all callers. */
export const LARGE_BODIES_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Holds the bodies that are under way to a size altogether: each is kept until it is whole, and who sends many of them slowly, from many
 * connections, would have a node without memory. What is one too many is answered 503 before anything of it is read.
 */
export function limitLargeBodies(app: FastifyInstance): void {
  let underWayBytes = 0;
  app.addHook("onRequest", (request, reply, done) => {
    const { "content-length": length, "transfer-encoding": encoding } = request.raw.headers;
    const { bodyLimit } = request.routeOptions;
    // What is longer than its route takes is refused for that, unread.
    const size = Math.min(encoding === undefined ? Number(length ?? 0) : bodyLimit, bodyLimit);
    if (!(size > SMALL_BODY_BYTES)) return done();
    if (underWayBytes + size > LARGE_BODIES_BYTES_MAX) {
      reply.header("Retry-After", 1);
      return done(new ApiError(503, "Too many large bodies are under way; try again later."));
    }
    underWayBytes += size;
    reply.raw.once("close", () => {
      underWayBytes -= size;
    });
    done();
  });
}

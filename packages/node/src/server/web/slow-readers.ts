import type { FastifyInstance } from "fastify";

/** For how long a client may take nothing of an answer that is ready. Any byte that leaves begins it anew. */
export const STALL_MS = 30_000;

/**
 * Closes the connection of a client that does not read its answer: the answer is kept for it all the while, and some are megabytes. How long
 * an answer takes to be made does not count.
 */
export function closeStalled(app: FastifyInstance, stallMs: number = STALL_MS): void {
  app.addHook("onSend", (_request, { raw }, payload, done) => {
    const { socket } = raw;
    // Connections inside the process, as those of the fast lane, have no such timer: who is at their other end has his own.
    if (typeof socket?.setTimeout === "function") raw.setTimeout(stallMs, () => socket.destroy());
    done(null, payload);
  });
}

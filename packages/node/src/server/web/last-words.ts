import type { Duplex } from "node:stream";

/** How long a client has to read the last that it is told, and to close its side. */
export const LINGER_MS = 2_000;

/**
 * Ends a connection that nobody reads any more, behind `text`. Its client may never close the other half: then it is closed for it, or it
 * would take the place of another for good. Not at once: what still comes would have the system throw away what was sent.
 */
export function sayLast(socket: Duplex, text = ""): void {
  socket.end(text);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
}

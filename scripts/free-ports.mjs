/** Ports for a program that is run once, and that is told where to listen before it does. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

const HOST = "127.0.0.1";
/** Below the ports that systems give to outgoing connections: none of those takes one away before the program listens. */
const PORT_MIN = 15_000;
const PORT_MAX = 32_000;
const ATTEMPTS_MAX = 5;

/**
 * Runs what needs so many ports of this machine's loopback, and again with others where one of them was taken before it listened there.
 * @param {number} count
 * @param {(...ports: number[]) => Promise<string>} run answers what went wrong, or nothing
 * @returns {Promise<string>} what went wrong at last, or nothing
 */
export async function onFreePorts(count, run) {
  for (let attempt = 1; ; attempt++) {
    const problem = await run(...(await freePorts(count)));
    if (attempt === ATTEMPTS_MAX || !problem.includes("the port is taken")) return problem;
  }
}

/** @param {number} count */
async function freePorts(count) {
  /** @type {Map<number, import("node:net").Server>} */
  const held = new Map();
  // All are held until the last is found, or one would be found twice.
  while (held.size < count) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    const server = createServer().listen(port, HOST);
    const isListening = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (isListening) held.set(port, server);
  }
  for (const server of held.values()) await new Promise((done) => server.close(done));
  return [...held.keys()];
}

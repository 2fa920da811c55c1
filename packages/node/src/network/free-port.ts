import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

const HOST = "127.0.0.1";
/** Below the ports that systems give to outgoing connections: none of those takes one away before its owner listens. */
const PORT_MIN = 15_000;
const PORT_MAX = 32_000;

/** `wanted` where nobody listens there on this machine's loopback, else a port that is free just now. */
export async function freePort(wanted = 0): Promise<number> {
  if (wanted !== 0 && (await isPortFree(wanted))) return wanted;
  const [port] = await freePorts(1);
  return port!;
}

/** So many different ports that are free just now on this machine's loopback. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: Server[] = [];
  try {
    // All are held until the last is found, or one would be found twice.
    while (held.length < count) {
      const server = await listenAt(randomInt(PORT_MIN, PORT_MAX));
      if (server !== undefined) held.push(server);
    }
    return held.map((server) => (server.address() as { readonly port: number }).port);
  } finally {
    await Promise.all(held.map(closed));
  }
}

/** Whether somebody could listen there, on this machine's loopback. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = await listenAt(port);
  if (server === undefined) return false;
  await closed(server);
  return true;
}

/** Nothing where the port is taken, or is not ours to take. */
async function listenAt(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, HOST);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" || code === "EACCES") return undefined;
    throw error;
  }
}

const closed = (server: Server) => new Promise<void>((done) => server.close(() => done()));

import { once } from "node:events";
import { createServer } from "node:net";

const HOST = "127.0.0.1";

/** `wanted` where nobody listens there on this machine's loopback, else a port that is free just now. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, HOST);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (wanted !== 0 && (code === "EADDRINUSE" || code === "EACCES")) return freePort();
    throw error;
  }
  const { port } = server.address() as { readonly port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { type ListenAddress, ListenError } from "../listen-address.ts";

/** Has an application listen. Rejects with `ListenError`, with the application closed. */
export async function opened(app: FastifyInstance, address: ListenAddress): Promise<FastifyInstance> {
  try {
    await app.listen(address);
    return app;
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ListenError(address, code ?? message);
  }
}

/** Where an application listens, with the real port. */
export function addressOf(app: FastifyInstance | undefined): ListenAddress | undefined {
  const address = app?.server.address() as AddressInfo | null | undefined;
  return address ? { host: address.address, port: address.port } : undefined;
}

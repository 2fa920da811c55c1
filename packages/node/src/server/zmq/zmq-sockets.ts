import { createRequire } from "node:module";
import { isIPv6 } from "node:net";
import type { ZmqPublication } from "./zmq-topics.ts";

/** The part of the package zeromq that is used. */
export interface ZmqSocket {
  sendHighWaterMark: number;
  linger: number;
  ipv6: boolean;
  tcpKeepalive: number;
  bind(address: string): Promise<void>;
  send(frames: readonly Uint8Array[]): Promise<void>;
  close(): void;
}

const KEEPALIVE_ON = 1;

// Not an import: it is an optional package, and its binary must stay a file where programs are bundled.
const load = () => createRequire(import.meta.url)("zeromq") as { readonly Publisher: new () => ZmqSocket };

/** What is wrong with the package, and what to do; `undefined` where it is there. */
export function zmqProblem(): string | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).split("\n", 1)[0];
    const remedy = "npm install zeromq (an optional dependency, prebuilt for the usual platforms)";
    return `-zmqpub… needs the package zeromq, which cannot be loaded (${reason}): ${remedy}`;
  }
}

/** A socket to publish on. Throws where {@link zmqProblem} says why. */
export const newPublisher = (): ZmqSocket => new (load().Publisher)();

/**
 * A bound socket for each address; publications of one address share it, and its limit is that of the first. Rejects, with all closed, where
 * one cannot be bound.
 */
export async function bindPublishers(
  publications: readonly ZmqPublication[],
  open: () => ZmqSocket = newPublisher,
): Promise<ReadonlyMap<string, ZmqSocket>> {
  const sockets = new Map<string, ZmqSocket>();
  try {
    for (const { address, highWaterMark } of publications) {
      if (sockets.has(address)) continue;
      const socket = open();
      sockets.set(address, socket);
      socket.sendHighWaterMark = highWaterMark;
      socket.linger = 0;
      socket.tcpKeepalive = KEEPALIVE_ON;
      socket.ipv6 = isIPv6(hostOf(address));
      await socket.bind(address);
    }
  } catch (error) {
    for (const socket of sockets.values()) socket.close();
    throw error;
  }
  return sockets;
}

/** `::1` of `tcp://[::1]:28332`; the text itself where it is no such address. */
function hostOf(address: string): string {
  return /^tcp:\/\/\[?(.*?)\]?:\d+$/.exec(address)?.[1] ?? address;
}

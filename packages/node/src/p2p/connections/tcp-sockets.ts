import { lookup } from "node:dns/promises";
import { type AddressInfo, createServer, isIP, type Server, Socket } from "node:net";
import { formatAddress, parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkAddress, NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import type { Random } from "../../ports.ts";
import {
  type DialOptions,
  type DialTarget,
  type Listener,
  type PeerSocket,
  placeText,
  type SocketCallbacks,
  SocketError,
  type SocketPort,
  type StreamPlace,
} from "./sockets.ts";
import { connectThroughSocks5 } from "./socks5.ts";

/** Connections that wait in the kernel to be accepted. */
const LISTEN_BACKLOG = 128;

/** TCP as Node has it. */
export function tcpSockets(random: Pick<Random, "bytes">): SocketPort {
  return {
    connect: (target, options) => connect(target, options, random),
    listen,
    resolve,
  };
}

async function connect(target: DialTarget, options: DialOptions, random: Pick<Random, "bytes">): Promise<PeerSocket> {
  const { proxy } = options;
  const host = "host" in target ? target.host : formatAddress(target.address);
  if (proxy === undefined) {
    if ("host" in target || isIP(host) === 0) throw new SocketError(`${host} can only be reached through a proxy`);
    return new TcpSocket(await open({ host, port: target.port }, options, false), target);
  }
  const socket = await open(proxy, options, true);
  await connectThroughSocks5(socket, { host, port: target.port }, proxy, random, options);
  return new TcpSocket(socket, "host" in target ? undefined : target);
}

/** A connected stream, without listeners. */
function open(place: StreamPlace, options: DialOptions, isProxy: boolean): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const fail = (why: string) => {
      socket.destroy();
      reject(new SocketError(`connection to ${placeText(place)} failed: ${why}`, isProxy));
    };
    const onAbort = () => fail("the node is stopping");
    const onError = (error: Error) => fail((error as NodeJS.ErrnoException).code ?? error.message);
    if (options.signal.aborted) return onAbort();
    options.signal.addEventListener("abort", onAbort, { once: true });
    socket.setTimeout(options.timeoutMs, () => fail("timeout"));
    socket.once("error", onError);
    socket.once("close", () => options.signal.removeEventListener("abort", onAbort));
    const where = "path" in place ? { path: place.path } : { host: place.host, port: place.port, noDelay: true };
    socket.connect(where, () => {
      socket.setTimeout(0);
      socket.removeListener("error", onError);
      options.signal.removeEventListener("abort", onAbort);
      resolve(socket);
    });
  });
}

async function listen(endpoint: NetworkEndpoint, onSocket: (socket: PeerSocket) => void): Promise<Listener> {
  const host = formatAddress(endpoint.address);
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    const remote = endpointOf(socket.remoteAddress, socket.remotePort);
    // The other side may be gone by now.
    if (remote === undefined) socket.destroy();
    else onSocket(new TcpSocket(socket, remote));
  });
  await bound(server, host, endpoint.port);
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: { address: endpoint.address, port },
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function bound(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new SocketError((error as NodeJS.ErrnoException).code ?? error.message)));
    server.listen({ host, port, backlog: LISTEN_BACKLOG, ipv6Only: host.includes(":") }, () => {
      // Running out of descriptors must not end the process: the connection that failed is gone, others come.
      server.removeAllListeners("error");
      server.on("error", () => {});
      resolve();
    });
  });
}

async function resolve(host: string, countMax: number): Promise<readonly NetworkAddress[]> {
  try {
    const found = await lookup(host, { all: true });
    return found.flatMap(({ address }) => parseAddress(address) ?? []).slice(0, countMax);
  } catch {
    return [];
  }
}

function endpointOf(address: string | undefined, port: number | undefined): NetworkEndpoint | undefined {
  const parsed = address === undefined ? undefined : parseAddress(address);
  return parsed === undefined || port === undefined ? undefined : { address: parsed, port };
}

class TcpSocket implements PeerSocket {
  readonly remote: NetworkEndpoint | undefined;
  readonly local: NetworkEndpoint | undefined;
  readonly #socket: Socket;

  constructor(socket: Socket, remote: NetworkEndpoint | undefined) {
    this.#socket = socket;
    this.remote = remote;
    this.local = endpointOf(socket.localAddress, socket.localPort);
    // Until `start` an error only destroys the socket, and is told then.
    socket.on("error", () => {});
  }

  get queuedSize(): number {
    return this.#socket.writableLength;
  }

  start({ onData, onDrain, onClose }: SocketCallbacks): void {
    const socket = this.#socket;
    let failure: Error | undefined;
    if (socket.destroyed) {
      queueMicrotask(() => onClose(socket.errored ?? undefined));
      return;
    }
    socket.on("data", onData);
    socket.on("drain", onDrain);
    socket.on("error", (error) => {
      failure = error;
    });
    socket.once("close", () => onClose(failure));
    socket.resume();
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

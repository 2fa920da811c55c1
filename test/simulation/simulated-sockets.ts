import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { endpointKey, type NetworkAddress, type NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import {
  type DialTarget,
  type Listener,
  type PeerSocket,
  type SocketCallbacks,
  SocketError,
  type SocketPort,
} from "../../packages/node/src/p2p/connections/sockets.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedClock } from "./simulated-clock.ts";

/** How the links are. */
export interface LinkOptions {
  /** One way, in milliseconds: each connection has its own between the two, and each packet up to a fifth more. */
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
  /** Bytes a second of one direction of one connection. */
  readonly bytesPerSecond: number;
  /** Chance that a chunk takes a second more: what loss looks like above TCP. */
  readonly lossRate: number;
  /** Chance that a chunk ends the connection. */
  readonly resetRate: number;
}

/** Bytes that may be under way from one side of a connection: then the sender's queue grows, as with a full TCP window. */
const WINDOW_SIZE = 256 * 1024;
/** Largest chunk that arrives at once. */
const CHUNK_SIZE_MAX = 64 * 1024;
const RETRANSMISSION_MS = 1000;
const JITTER_SHARE = 0.2;
const FIRST_EPHEMERAL_PORT = 40_000;
const EPHEMERAL_PORTS = 25_000;

/** A network in memory, whose hosts may be cut off from one another. */
export class SimulatedInternet {
  readonly #listeners = new Map<string, { onSocket: (socket: PeerSocket) => void }>();
  readonly #connections = new Set<SimulatedConnection>();
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  readonly link: LinkOptions;
  #groupOf: (host: string) => number = () => 0;
  #nextPort = 0;

  constructor(clock: SimulatedClock, random: SeededRandom, link: LinkOptions) {
    this.clock = clock;
    this.random = random;
    this.link = link;
  }

  /** Only hosts of the same group reach each other from now on; connections across end. */
  partition(groupOf: (host: string) => number): void {
    this.#groupOf = groupOf;
    for (const connection of [...this.#connections]) {
      if (!this.isReachable(connection.hosts[0], connection.hosts[1])) connection.reset("cut off");
    }
  }

  /** Nothing gets through a connection, in either direction, for a while; then all of it does. */
  stallOne(durationMs: number): void {
    if (this.#connections.size > 0) this.random.pick([...this.#connections]).stall(durationMs);
  }

  /** Largest number of bytes that a host has written to one of its connections and that have not left. */
  queuedSizeMax(host: string): number {
    let size = 0;
    for (const connection of this.#connections) size = Math.max(size, connection.queuedSize(host));
    return size;
  }

  heal(): void {
    this.#groupOf = () => 0;
  }

  isReachable(a: string, b: string): boolean {
    return this.#groupOf(a) === this.#groupOf(b);
  }

  /** Ends every connection of a host, as if its process had died. */
  disconnectHost(host: string): void {
    for (const connection of [...this.#connections])
      if (connection.hosts.includes(host)) connection.reset("host is gone");
  }

  /** What a host with this address sees of the network. */
  portOf(address: NetworkAddress): SocketPort {
    return {
      connect: (target) => this.#connect(address, target),
      listen: async (endpoint, onSocket) => this.#listen({ address, port: endpoint.port }, onSocket),
      resolve: async () => [],
    };
  }

  #listen(endpoint: NetworkEndpoint, onSocket: (socket: PeerSocket) => void): Listener {
    const key = endpointKey(endpoint);
    if (this.#listeners.has(key)) throw new SocketError("EADDRINUSE");
    this.#listeners.set(key, { onSocket });
    return { endpoint, close: async () => void this.#listeners.delete(key) };
  }

  #connect(from: NetworkAddress, target: DialTarget): Promise<PeerSocket> {
    return new Promise((resolve, reject) => {
      this.clock.after(this.delayMs(), () => {
        const listener = "address" in target ? this.#listeners.get(endpointKey(target)) : undefined;
        const local = { address: from, port: FIRST_EPHEMERAL_PORT + (this.#nextPort++ % EPHEMERAL_PORTS) };
        if (
          listener === undefined ||
          !("address" in target) ||
          !this.isReachable(hostOf(from), hostOf(target.address))
        ) {
          reject(new SocketError("ECONNREFUSED"));
          return;
        }
        const connection = new SimulatedConnection(this, local, target);
        this.#connections.add(connection);
        listener.onSocket(connection.ends[1]);
        resolve(connection.ends[0]);
      });
    });
  }

  delayMs(): number {
    const { latencyMinMs, latencyMaxMs } = this.link;
    return latencyMinMs + this.random.unit() * (latencyMaxMs - latencyMinMs);
  }

  forget(connection: SimulatedConnection): void {
    this.#connections.delete(connection);
  }
}

export function hostOf(address: NetworkAddress): string {
  return formatEndpoint({ address, port: 0 });
}

class SimulatedConnection {
  readonly internet: SimulatedInternet;
  readonly ends: readonly [SimulatedSocket, SimulatedSocket];
  readonly hosts: readonly [string, string];
  readonly latencyMs: number;

  constructor(internet: SimulatedInternet, a: NetworkEndpoint, b: NetworkEndpoint) {
    this.internet = internet;
    this.latencyMs = internet.delayMs();
    this.hosts = [hostOf(a.address), hostOf(b.address)];
    const first = new SimulatedSocket(this, a, b);
    const second = new SimulatedSocket(this, b, a);
    first.other = second;
    second.other = first;
    this.ends = [first, second];
  }

  stall(durationMs: number): void {
    for (const end of this.ends) end.stall(durationMs);
  }

  queuedSize(host: string): number {
    return Math.max(...this.ends.map((end, index) => (this.hosts[index] === host ? end.queuedSize : 0)));
  }

  reset(why: string): void {
    for (const end of this.ends) end.closed(new Error(why));
  }

  forgetIfOver(): void {
    if (this.ends.every((end) => end.isClosed)) this.internet.forget(this);
  }
}

/** One end: bytes written here arrive at the other, in order, after latency and at the link's speed, while it reads. */
class SimulatedSocket implements PeerSocket {
  readonly local: NetworkEndpoint;
  readonly remote: NetworkEndpoint;
  readonly #connection: SimulatedConnection;
  other!: SimulatedSocket;
  isClosed = false;
  #callbacks: SocketCallbacks | undefined;
  #queue: Uint8Array[] = [];
  #queuedSize = 0;
  /** Arrived here and not yet read. */
  readonly #arrived: Uint8Array[] = [];
  #inFlightSize = 0;
  #freeAtMs = 0;
  /** When the last of what was sent arrives: nothing overtakes it. */
  #arrivalMs = 0;
  #isPaused = false;
  #isEnding = false;

  constructor(connection: SimulatedConnection, local: NetworkEndpoint, remote: NetworkEndpoint) {
    this.#connection = connection;
    this.local = local;
    this.remote = remote;
  }

  get queuedSize(): number {
    return this.#queuedSize;
  }

  start(callbacks: SocketCallbacks): void {
    this.#callbacks = callbacks;
    if (this.isClosed) {
      this.#connection.internet.clock.after(0, () => callbacks.onClose(undefined));
      return;
    }
    this.#deliver();
  }

  write(bytes: Uint8Array): void {
    if (this.isClosed || this.#isEnding || bytes.length === 0) return;
    for (let start = 0; start < bytes.length; start += CHUNK_SIZE_MAX) {
      this.#queue.push(bytes.slice(start, start + CHUNK_SIZE_MAX));
    }
    this.#queuedSize += bytes.length;
    this.#transmit();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliver();
  }

  end(): void {
    this.#isEnding = true;
    this.#endIfDone();
  }

  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#queue = [];
    this.#queuedSize = 0;
    const { clock } = this.#connection.internet;
    clock.after(0, () => this.#callbacks?.onClose(undefined));
    clock.after(this.#arrivalAfter(clock.monotonicMs()) - clock.monotonicMs(), () => this.other.closed(undefined));
    this.#connection.forgetIfOver();
  }

  /** The other side, or the network, ended it. */
  closed(error: Error | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#connection.forgetIfOver();
    this.#callbacks?.onClose(error);
  }

  #transmit(): void {
    const { internet } = this.#connection;
    const { link, clock, random } = internet;
    while (this.#queue.length > 0 && this.#inFlightSize < WINDOW_SIZE && !this.isClosed) {
      const chunk = this.#queue.shift()!;
      this.#queuedSize -= chunk.length;
      this.#inFlightSize += chunk.length;
      const sendMs = Math.max(clock.monotonicMs(), this.#freeAtMs);
      const lossMs = random.chance(link.lossRate) ? RETRANSMISSION_MS : 0;
      this.#freeAtMs = sendMs + (chunk.length / link.bytesPerSecond) * 1000 + lossMs;
      const isReset = random.chance(link.resetRate);
      clock.after(this.#arrivalAfter(this.#freeAtMs) - clock.monotonicMs(), () => {
        if (isReset) this.#connection.reset("connection reset");
        else this.other.arrive(chunk);
      });
    }
  }

  stall(durationMs: number): void {
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#connection.internet.clock.monotonicMs()) + durationMs;
  }

  /** When a packet that leaves at `sentMs` arrives. */
  #arrivalAfter(sentMs: number): number {
    const { internet, latencyMs } = this.#connection;
    const delayMs = latencyMs * (1 + JITTER_SHARE * internet.random.unit());
    this.#arrivalMs = Math.max(this.#arrivalMs, sentMs + delayMs, this.#freeAtMs + delayMs);
    return this.#arrivalMs;
  }

  arrive(chunk: Uint8Array): void {
    if (this.isClosed) return;
    this.#arrived.push(chunk);
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#isPaused && this.#callbacks !== undefined && this.#arrived.length > 0 && !this.isClosed) {
      const chunk = this.#arrived.shift()!;
      this.#callbacks.onData(chunk);
      this.other.acknowledged(chunk.length);
    }
  }

  /** The other side has read so much: more may be under way. */
  acknowledged(size: number): void {
    if (this.isClosed) return;
    this.#inFlightSize -= size;
    this.#transmit();
    if (this.#queuedSize === 0) this.#callbacks?.onDrain();
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#isEnding && this.#queue.length === 0 && this.#inFlightSize === 0) this.destroy();
  }
}

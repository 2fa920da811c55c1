import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { decodeMessage, type Message, type MessageOf, type MessageType } from "@bitfleet/protocol/wire/message.ts";
import type { LogCategory, Logger, PreciseClock } from "../ports.ts";
import { type ConnectionStatistics, Peer, type PeerConnection, type PeerOptions } from "./peer.ts";
import type { PeerModule, Peers } from "./peer-module.ts";

/** Peers without sockets, for the tests of single modules: what is sent to them is kept. */

/** Time that tests move. `nowMs` and `monotonicMs` go together. */
export class TestClock implements PreciseClock {
  #nowMs = 1_700_000_000_000;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  nowUs(): number {
    return Math.round(this.#nowMs * 1000);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves time forward, running what is due on the way, in order. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = untilMs;
  }

  get timerCount(): number {
    return this.#timers.length;
  }
}

/** Keeps every line, debug lines with their category as in the log: `[net] text`. */
export class TestLog implements Logger {
  readonly lines: string[] = [];

  debug(category: LogCategory, message: string): void {
    this.lines.push(`[${category}] ${message}`);
  }

  info(message: string): void {
    this.lines.push(message);
  }

  warn(message: string): void {
    this.lines.push(message);
  }

  error(message: string): void {
    this.lines.push(message);
  }

  child(): Logger {
    return this;
  }

  /** Lines that contain `text`. */
  with(text: string): readonly string[] {
    return this.lines.filter((line) => line.includes(text));
  }
}

export class TestConnection implements PeerConnection {
  transport: PeerConnection["transport"] = "v1";
  sessionId: Uint8Array | undefined;
  isOpen = true;
  isSendPaused = false;
  /** Everything that was sent, decoded, oldest first. */
  readonly sent: Message[] = [];
  statistics: ConnectionStatistics = {
    lastSendSeconds: 0,
    lastReceiveSeconds: 0,
    bytesSent: 0,
    bytesReceived: 0,
    bytesSentByType: new Map(),
    bytesReceivedByType: new Map(),
  };
  #wake: (() => void)[] = [];

  send(type: string, payload: Uint8Array): void {
    if (!this.isOpen) return;
    const message = decodeMessage(type, payload);
    if (message === undefined) throw new Error(`a message of unknown type ${type} was sent`);
    this.sent.push(message);
  }

  whenSendable(): Promise<void> {
    if (!this.isSendPaused || !this.isOpen) return Promise.resolve();
    return new Promise((resolve) => void this.#wake.push(resolve));
  }

  /** The other side has read: sending goes on. */
  drain(): void {
    this.isSendPaused = false;
    for (const wake of this.#wake.splice(0)) wake();
  }

  close(): void {
    this.isOpen = false;
    this.drain();
  }

  /** What was sent of one type, oldest first, and forgets all that was sent. */
  take<Type extends MessageType>(type: Type): readonly MessageOf<Type>[] {
    const found = this.sent.filter((message): message is MessageOf<Type> => message.type === type);
    this.sent.length = 0;
    return found;
  }
}

/** A peer whose connection is a {@link TestConnection}. */
export interface TestPeer extends Peer {
  readonly connection: TestConnection;
}

let nextId = 0;

/** A peer after its handshake: inbound, version 70016, full services, wants transactions; `fields` and `options` change that. */
export function testPeer(fields: Partial<Peer> = {}, options: Partial<PeerOptions> = {}): TestPeer {
  const id = options.id ?? nextId++;
  const endpoint = parseEndpoint(`10.0.${id >> 8}.${id & 0xff}:8333`, 8333)!;
  const peer = new Peer(
    {
      id,
      label: `peer=${id}`,
      connectionType: "inbound",
      endpoint,
      localEndpoint: parseEndpoint("127.0.0.1:18444", 0),
      name: `10.0.${id >> 8}.${id & 0xff}:8333`,
      network: "ipv4",
      permissions: 0,
      connectedMs: 1_700_000_000_000,
      ourServices: 0x409n,
      networkGroupKey: BigInt(id),
      isPreferredForEviction: false,
      nonce: BigInt(id),
      isInboundOnion: false,
      ...options,
    },
    new TestConnection(),
  );
  peer.version = 70_016;
  peer.commonVersion = 70_016;
  peer.services = 0x409n;
  peer.relaysTransactions = true;
  peer.usesWtxidRelay = true;
  peer.isReady = true;
  return Object.assign(peer, fields) as TestPeer;
}

/** All peers, with what was done to them. */
export class TestPeers implements Peers {
  readonly list: TestPeer[] = [];
  readonly misbehaviour: { readonly peer: Peer; readonly why: string }[] = [];
  readonly disconnected: { readonly peer: Peer; readonly why: string }[] = [];
  wakeCount = 0;
  readonly #modules: PeerModule[] = [];

  /** Modules that are told when a peer is gone. */
  register(...modules: PeerModule[]): void {
    this.#modules.push(...modules);
  }

  add(...peers: TestPeer[]): void {
    this.list.push(...peers);
    for (const peer of peers) for (const module of this.#modules) module.peerReady?.(peer);
  }

  all(): Iterable<Peer> {
    return [...this.list];
  }

  ready(): Iterable<Peer> {
    return this.list.filter((peer) => peer.isReady);
  }

  find(id: number): Peer | undefined {
    return this.list.find((peer) => peer.id === id);
  }

  misbehaved(peer: Peer, why: string): void {
    this.misbehaviour.push({ peer, why });
  }

  disconnect(peer: Peer, why: string): void {
    this.disconnected.push({ peer, why });
    peer.connection.close();
    const index = this.list.indexOf(peer as TestPeer);
    if (index === -1) return;
    this.list.splice(index, 1);
    for (const module of this.#modules) module.peerGone?.(peer);
  }

  wake(): void {
    this.wakeCount++;
  }
}

/** Hands a message to the module that handles its type, as the pump would. */
export async function deliver(module: PeerModule, peer: Peer, message: Message): Promise<void> {
  const handler = module.handlers[message.type] as ((peer: Peer, message: Message) => void | Promise<void>) | undefined;
  if (handler === undefined) throw new Error(`the module does not handle ${message.type}`);
  await handler(peer, message);
}

import type { RawMessage, Transport } from "@bitfleet/protocol/wire/transport.ts";
import { TransportError } from "@bitfleet/protocol/wire/transport.ts";
import type { Clock } from "../../ports.ts";
import type { ConnectionStatistics, PeerConnection } from "../peer.ts";
import type { MessageDirection } from "./message-traffic.ts";
import type { PeerSocket } from "./sockets.ts";

/** How long bytes that were sent may take to leave after the connection was given up. */
const CLOSE_GRACE_MS = 1000;

/** What a waiting message costs beside its payload, so that a flood of tiny ones fills the inbox too. */
const INBOX_MESSAGE_OVERHEAD = 256;

/** Under this name the traffic of message types that we do not know is counted. */
export const OTHER_MESSAGES = "*other*";

export interface ConnectionOptions {
  /** `-maxreceivebuffer` in bytes: with more waiting nothing is read. */
  readonly receiveBufferSize: number;
  /** `-maxsendbuffer` in bytes. */
  readonly sendBufferSize: number;
  /** Whether a message type is one of ours. */
  readonly isKnownType: (type: string) => boolean;
}

export interface ConnectionDependencies {
  readonly socket: PeerSocket;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** What the owner of a connection is told. */
export interface ConnectionEvents {
  /** A message is handed to the transport. */
  readonly onSending: (type: string, size: number) => void;
  /** Messages wait in the inbox. */
  readonly onMessages: () => void;
  /** The send queue has room again. */
  readonly onDrain: () => void;
  /** What came is against the rules of the transport, in Core's words: the connection is about to end. */
  readonly onTransportError: (what: string) => void;
  /** The connection is over, for whatever reason; called once, also after `close`. `why` is undefined where we closed it. */
  readonly onClosed: (why: string | undefined) => void;
  /** Bytes came in or went out. */
  readonly onTraffic: (received: number, sent: number) => void;
  /** A whole message came in or goes out; its type is ours or {@link OTHER_MESSAGES}, its size that on the wire. */
  readonly onMessage: (direction: MessageDirection, type: string, size: number) => void;
}

/** A message with the time it arrived. */
export interface ReceivedMessage extends RawMessage {
  readonly receivedMs: number;
}

/** A socket with its transport: whole messages in and out, with bounded queues, and a count of everything. */
export class Connection implements PeerConnection {
  readonly #options: ConnectionOptions;
  readonly #deps: ConnectionDependencies;
  #events: ConnectionEvents | undefined;
  readonly #inbox: ReceivedMessage[] = [];
  #inboxSize = 0;
  #isReadingPaused = false;
  #isOpen = true;
  #wasFull = false;
  #sendWaiters: (() => void)[] = [];
  #lastSendSeconds = 0;
  #lastReceiveSeconds = 0;
  #bytesSent = 0;
  #bytesReceived = 0;
  readonly #sentByType = new Map<string, number>();
  readonly #receivedByType = new Map<string, number>();

  constructor(options: ConnectionOptions, deps: ConnectionDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Begins to read and to write. */
  start(events: ConnectionEvents): void {
    this.#events = events;
    this.#deps.socket.start({
      onData: (bytes) => this.#received(bytes),
      onDrain: () => this.#drained(),
      onClose: (error) => this.#ended(error === undefined ? "socket closed" : `socket recv error: ${error.message}`),
    });
    this.#flush();
  }

  get transport(): "v1" | "v2" | "detecting" {
    return this.#deps.transport.kind;
  }

  get sessionId(): Uint8Array | undefined {
    return this.#deps.transport.sessionId;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isSendPaused(): boolean {
    return this.#deps.socket.queuedSize > this.#options.sendBufferSize;
  }

  /** True where an outbound v2 attempt failed in a way that calls for another with v1. */
  get shouldRetryV1(): boolean {
    return this.#deps.transport.shouldRetryV1;
  }

  get statistics(): ConnectionStatistics {
    return {
      lastSendSeconds: this.#lastSendSeconds,
      lastReceiveSeconds: this.#lastReceiveSeconds,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      bytesSentByType: this.#sentByType,
      bytesReceivedByType: this.#receivedByType,
    };
  }

  /** The oldest message that was not yet taken. */
  nextMessage(): ReceivedMessage | undefined {
    const message = this.#inbox.shift();
    if (message === undefined) return undefined;
    this.#inboxSize -= message.payload.length + INBOX_MESSAGE_OVERHEAD;
    if (this.#isReadingPaused && this.#inboxSize <= this.#options.receiveBufferSize) {
      this.#isReadingPaused = false;
      this.#deps.socket.resume();
    }
    return message;
  }

  /** Memory of messages that arrived and were not yet taken, in bytes. */
  get waitingBytes(): number {
    return this.#inboxSize;
  }

  get hasMessages(): boolean {
    return this.#inbox.length > 0;
  }

  send(type: string, payload: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#events?.onSending(type, payload.length);
    const size = this.#deps.transport.send(type, payload);
    const known = this.#options.isKnownType(type) ? type : OTHER_MESSAGES;
    addTo(this.#sentByType, known, size);
    this.#events?.onMessage("sent", known, size);
    this.#flush();
    if (this.isSendPaused) this.#wasFull = true;
  }

  whenSendable(): Promise<void> {
    if (!this.#isOpen || !this.isSendPaused) return Promise.resolve();
    return new Promise((resolve) => void this.#sendWaiters.push(resolve));
  }

  close(): void {
    if (!this.#isOpen) return;
    const { socket, clock } = this.#deps;
    this.#finish(undefined);
    if (socket.queuedSize === 0) {
      socket.destroy();
      return;
    }
    socket.end();
    clock.after(CLOSE_GRACE_MS, () => socket.destroy());
  }

  #received(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    const { transport, clock } = this.#deps;
    const nowMs = clock.nowMs();
    this.#lastReceiveSeconds = Math.floor(nowMs / 1000);
    this.#bytesReceived += bytes.length;
    this.#events!.onTraffic(bytes.length, 0);
    try {
      transport.receive(bytes, (message) => this.#enqueue(message, nowMs));
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      this.#events!.onTransportError(error.message);
      this.#ended("receiving message bytes failed");
      return;
    }
    this.#flush();
    if (this.#inbox.length > 0) this.#events!.onMessages();
  }

  #enqueue(message: RawMessage, receivedMs: number): void {
    const type = this.#options.isKnownType(message.type) ? message.type : OTHER_MESSAGES;
    addTo(this.#receivedByType, type, message.wireSize);
    this.#events!.onMessage("received", type, message.wireSize);
    this.#inbox.push({ ...message, receivedMs });
    this.#inboxSize += message.payload.length + INBOX_MESSAGE_OVERHEAD;
    if (!this.#isReadingPaused && this.#inboxSize > this.#options.receiveBufferSize) {
      this.#isReadingPaused = true;
      this.#deps.socket.pause();
    }
  }

  #flush(): void {
    const { transport, socket, clock } = this.#deps;
    for (const chunk of transport.takeOutput()) {
      this.#lastSendSeconds = Math.floor(clock.nowMs() / 1000);
      this.#bytesSent += chunk.length;
      this.#events?.onTraffic(0, chunk.length);
      socket.write(chunk);
    }
  }

  #drained(): void {
    if (!this.#wasFull || this.isSendPaused) return;
    this.#wasFull = false;
    this.#wakeSenders();
    this.#events?.onDrain();
  }

  #wakeSenders(): void {
    const waiters = this.#sendWaiters;
    this.#sendWaiters = [];
    for (const wake of waiters) wake();
  }

  /** The other side, or the transport, ended it. */
  #ended(why: string): void {
    if (!this.#isOpen) return;
    this.#finish(why);
    this.#deps.socket.destroy();
  }

  #finish(why: string | undefined): void {
    this.#isOpen = false;
    this.#inbox.length = 0;
    this.#inboxSize = 0;
    this.#wakeSenders();
    this.#events?.onClosed(why);
  }
}

function addTo(counts: Map<string, number>, type: string, size: number): void {
  counts.set(type, (counts.get(type) ?? 0) + size);
}

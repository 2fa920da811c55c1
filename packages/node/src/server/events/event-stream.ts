import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { ApiError } from "@bitfleet/api/errors.ts";
import { TOPICS_DEFAULT } from "@bitfleet/api/events/topics.ts";
import { EventCloseCode } from "@bitfleet/api/events/transport.ts";
import type { WebSocket } from "ws";
import type { Clock, Logger } from "../../ports.ts";
import { AddressClasses } from "../access/address-classes.ts";
import { EVENT_CLIENTS_DEFAULT, EVENT_CLIENTS_PER_ADDRESS_DEFAULT } from "../web/web-limits.ts";
import type { WebNode } from "../web/web-state.ts";
import { BlockReader } from "./block-reader.ts";
import { REPLAY_BLOCKS_MAX } from "./chain-replay.ts";
import { MessageMeter, parseClientMessage } from "./client-message.ts";
import { CursorCodec } from "./event-cursor.ts";
import { EventFeed } from "./event-feed.ts";
import { EventLog, type EventLogOptions } from "./event-log.ts";
import { EventSession, type SessionDependencies, type SessionOptions } from "./event-session.ts";
import type { EventSink } from "./event-sink.ts";
import { Interests } from "./interests.ts";
import { SseSink } from "./sse-sink.ts";
import { parseTopic, TopicSet } from "./topic-set.ts";
import { WebSocketSink } from "./ws-sink.ts";

/** Bytes of events that may wait for a client behind the one that it is taking. */
const BACKLOG_BYTES_MAX = 2 * 1024 * 1024;
/** For how long a client may take nothing while something waits for it. */
const STALL_MS = 30_000;
/** How often every client is asked for a sign of life. One that gave none since the last time is dropped. */
const HEARTBEAT_MS = 15_000;
/** How long a connection may take to end properly. */
const CLOSE_GRACE_MS = 2000;
/** How often streams are ended while their clients are to move to other servers. */
const MOVE_INTERVAL_MS = 50;
const INSTANCE_SIZE = 8;

export interface EventStreamOptions extends EventLogOptions {
  readonly clientsMax?: number;
  readonly clientsPerAddressMax?: number;
  readonly backlogBytesMax?: number;
  readonly stallMs?: number;
  readonly heartbeatMs?: number;
  readonly replayBlocksMax?: number;
  /** Happenings that wait to be told. */
  readonly waitingMax?: number;
}

export interface EventStreamDependencies {
  readonly clock: Clock;
  readonly log?: Logger;
}

/** What a client asks for, as it wrote it. */
export interface StreamRequest {
  /** The client's IP address. */
  readonly address: string;
  /** Whether a proxy that nobody vouches for stands between: then all its clients have that address. */
  readonly isForwarded?: boolean;
  /** Of the key that it sent. */
  readonly keyName?: string | undefined;
  /** Separated by commas; the default ones where absent. */
  readonly topics?: string | undefined;
  readonly cursor?: string | undefined;
}

/** Numbers for metrics; what is counted up only grows. */
export interface EventStreamCounts {
  readonly clients: Readonly<Record<EventSink["kind"], number>>;
  readonly sent: number;
  readonly dropped: number;
}

/** What of the stream there is once the node runs. */
interface Running extends Omit<SessionDependencies, "onSent" | "onDropped" | "clock" | "log"> {
  readonly feed: EventFeed;
}

/** Live events to any number of clients, up to a limit. */
export class EventStream {
  readonly #options: Required<Omit<EventStreamOptions, keyof EventLogOptions | "waitingMax">> & EventStreamOptions;
  readonly #deps: EventStreamDependencies;
  /** Each with what its client asked for. */
  readonly #sessions = new Map<EventSession, StreamRequest>();
  /** Who counts as one caller, as for limits of calls: whoever has one IPv6 address has 2^64 of them. */
  readonly #addresses = new AddressClasses([], []);
  #sentCount = 0;
  #droppedCount = 0;
  #running: Running | undefined;
  #cancelHeartbeat: (() => void) | undefined;
  #cancelMoving: (() => void) | undefined;

  constructor(options: EventStreamOptions, deps: EventStreamDependencies) {
    this.#options = {
      clientsMax: EVENT_CLIENTS_DEFAULT,
      clientsPerAddressMax: EVENT_CLIENTS_PER_ADDRESS_DEFAULT,
      backlogBytesMax: BACKLOG_BYTES_MAX,
      stallMs: STALL_MS,
      heartbeatMs: HEARTBEAT_MS,
      replayBlocksMax: REPLAY_BLOCKS_MAX,
      ...options,
    };
    this.#deps = deps;
  }

  get clientCount(): number {
    return this.#sessions.size;
  }

  counts(): EventStreamCounts {
    const clients = { sse: 0, websocket: 0 };
    for (const { sink } of this.#sessions.keys()) clients[sink.kind]++;
    return { clients, sent: this.#sentCount, dropped: this.#droppedCount };
  }

  /** Tells what happens in the node from now on. */
  follow({ chain, mempool, miner, p2p }: Pick<WebNode, "chain" | "mempool" | "miner" | "p2p">): void {
    const { clock, log } = this.#deps;
    const events = new EventLog(this.#options, chain.tip);
    const interests = new Interests(clock, () => events.last);
    const cursors = new CursorCodec({ instance: randomBytes(INSTANCE_SIZE), magic: chain.network.magic });
    const reader = new BlockReader(chain);
    const { peers } = p2p.network;
    const { network } = chain;
    const onAppend = () => this.#pump();
    const feed = new EventFeed(this.#options, {
      ...{ chain, network, mempool, miner, peers, events, interests, cursors, reader, clock, log, onAppend },
    });
    this.#running = { chain, prefixes: network.addressPrefixes, events, interests, cursors, reader, feed };
    feed.start();
  }

  /**
   * What a client that asks for `request` would be given, before its connection is anything: throws `ApiError` where it must be
   * refused.
   */
  admit(request: StreamRequest): Pick<SessionOptions, "topics" | "cursor"> {
    const running = this.#whileRunning();
    const { clientsMax, clientsPerAddressMax } = this.#options;
    if (this.#sessions.size >= clientsMax) throw new ApiError(503, "Too many event streams are open; try again later.");
    const { id, isExempt } = this.#addresses.of(request.address);
    if (request.isForwarded || !isExempt) {
      let count = 0;
      for (const { address } of this.#sessions.values()) if (this.#addresses.of(address).id === id) count++;
      if (count >= clientsPerAddressMax) throw new ApiError(429, "Too many event streams are open from your address.");
    }
    const names = request.topics === undefined ? TOPICS_DEFAULT : request.topics.split(",").map((name) => name.trim());
    const topics = new TopicSet(names.map((name) => parseTopic(name, running.prefixes)));
    if (request.cursor === undefined) return { topics };
    const value = running.cursors.parse(request.cursor);
    if (value === undefined)
      throw new ApiError(
        400,
        "The cursor cannot be read: send one just as an event of this network brought it, or none.",
      );
    return { topics, cursor: { text: request.cursor, value } };
  }

  /** Opens a stream of Server-Sent Events to a client that was admitted. Headers that the response has already are kept. */
  openSse(response: ServerResponse, request: StreamRequest, wanted: ReturnType<EventStream["admit"]>): void {
    const session = this.#open(new SseSink(response), request, wanted);
    const leave = () => this.#leave(session);
    response.on("close", leave).on("error", leave);
  }

  /** The same over a WebSocket, by which the client may change its topics. */
  openSocket(socket: WebSocket, request: StreamRequest, wanted: ReturnType<EventStream["admit"]>): void {
    const session = this.#open(new WebSocketSink(socket), request, wanted);
    const leave = () => this.#leave(session);
    // What breaks the protocol is answered by the library, with a code of its own, and a close follows.
    socket.on("close", leave).on("error", () => {});
    const meter = new MessageMeter();
    socket.on("message", (data, isBinary) => {
      if (session.isOver) return;
      if (!meter.takes(this.#deps.clock.monotonicMs())) {
        session.drop({ code: EventCloseCode.POLICY, reason: "Too many messages." });
        this.#end(session);
      } else if (isBinary) session.refuse("Messages are JSON text.");
      else this.#answer(session, String(data));
    });
  }

  /** Ends the streams that were opened with keys of these names. */
  revoke(names: readonly string[]): void {
    for (const [session, { keyName }] of this.#sessions) {
      if (keyName === undefined || !names.includes(keyName)) continue;
      session.drop({ code: EventCloseCode.POLICY, reason: "The key is none any more, or another than before." });
      this.#end(session);
    }
  }

  /**
   * Ends the streams that there are one after the other within `durationMs`, so that their clients come back elsewhere and not all at once.
   * Who comes meanwhile is served as ever.
   */
  moveOn(durationMs: number): void {
    const sessions = [...this.#sessions.keys()];
    let movedCount = 0;
    const beginMs = this.#deps.clock.monotonicMs();
    const step = () => {
      const passed = (this.#deps.clock.monotonicMs() - beginMs) / durationMs;
      for (; movedCount < sessions.length * passed; movedCount++) this.#sayGoodbye(sessions[movedCount]!);
      this.#cancelMoving = movedCount < sessions.length ? this.#deps.clock.after(MOVE_INTERVAL_MS, step) : undefined;
    };
    this.#cancelMoving?.();
    this.#cancelMoving = this.#deps.clock.after(MOVE_INTERVAL_MS, step);
  }

  /** Ends every stream. */
  close(): void {
    this.#cancelMoving?.();
    this.#running?.feed.stop();
    this.#running = undefined;
    this.#cancelHeartbeat?.();
    for (const session of this.#sessions.keys()) this.#sayGoodbye(session);
  }

  #sayGoodbye(session: EventSession): void {
    if (!this.#sessions.has(session)) return;
    session.leave();
    session.sink.end({ code: EventCloseCode.GOING_AWAY, reason: "The server stops." });
    this.#end(session);
  }

  #whileRunning(): Running {
    if (this.#running === undefined) throw new ApiError(503, "The node is starting.");
    return this.#running;
  }

  #open(sink: EventSink, request: StreamRequest, wanted: ReturnType<EventStream["admit"]>): EventSession {
    const { clock, log } = this.#deps;
    const { backlogBytesMax, stallMs, heartbeatMs, replayBlocksMax } = this.#options;
    const session = new EventSession(
      sink,
      { ...wanted, backlogBytesMax, stallMs, replayBlocksMax },
      {
        ...this.#whileRunning(),
        clock,
        log,
        onSent: () => this.#sentCount++,
        onDropped: () => this.#droppedCount++,
      },
    );
    this.#sessions.set(session, request);
    this.#cancelHeartbeat ??= clock.after(heartbeatMs, () => this.#heartbeat());
    session.pump();
    return session;
  }

  #answer(session: EventSession, text: string): void {
    const message = parseClientMessage(text);
    if (typeof message === "string") {
      session.refuse(message);
      return;
    }
    const { prefixes } = this.#whileRunning();
    try {
      const topics = (names: readonly string[] = []) => names.map((name) => parseTopic(name, prefixes));
      session.listenTo({ add: topics(message.subscribe), remove: topics(message.unsubscribe) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      session.refuse(error.message);
    }
  }

  #pump(): void {
    for (const session of this.#sessions.keys()) {
      session.pump();
      session.judge();
      if (session.isOver) this.#end(session);
    }
  }

  #heartbeat(): void {
    for (const session of this.#sessions.keys()) {
      session.judge();
      if (!session.isOver && !session.sink.probe())
        session.drop({ code: EventCloseCode.TOO_SLOW, reason: "There was no sign of life." });
      if (session.isOver) this.#end(session);
    }
    this.#cancelHeartbeat = undefined;
    if (this.#sessions.size > 0)
      this.#cancelHeartbeat = this.#deps.clock.after(this.#options.heartbeatMs, () => this.#heartbeat());
  }

  /** Of a session that is over: gives its connection some time to end, and no more. */
  #end(session: EventSession): void {
    if (!this.#sessions.delete(session)) return;
    this.#deps.clock.after(CLOSE_GRACE_MS, () => session.sink.destroy());
  }

  #leave(session: EventSession): void {
    session.leave();
    this.#sessions.delete(session);
  }
}

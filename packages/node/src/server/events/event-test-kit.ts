import { get } from "node:http";
import { type EventName, type EventOf, eventSchemas, type LiveEvent } from "@bitfleet/api/events.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { FastifyInstance } from "fastify";
import { Check } from "typebox/value";
import { type ClientOptions, WebSocket } from "ws";
import type { Chain } from "../../chain/chain.ts";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import type { Clock } from "../../ports.ts";
import { accessOf } from "../access/access.ts";
import type { ApiKeys } from "../access/api-keys.ts";
import type { TestNode } from "../test-kit.ts";
import { createWebApp } from "../web/web-app.ts";
import { WebState, webNodeOf } from "../web/web-state.ts";
import { EventStream, type EventStreamOptions } from "./event-stream.ts";

/** Event servers and clients on real sockets. */

export interface EventServer {
  readonly app: FastifyInstance;
  readonly stream: EventStream;
  readonly log: MemoryLog;
  /** Without a scheme and a path: `127.0.0.1:40000`. */
  readonly host: string;
  close(): Promise<void>;
}

interface EventServerOptions {
  readonly clock?: Clock;
  /** Any where absent. */
  readonly port?: number;
  /** One of them is needed then. */
  readonly keys?: ApiKeys;
}

/** A web server of its own over a node, which may have several. */
export async function openEventServer(
  node: TestNode,
  options: EventStreamOptions & EventServerOptions = {},
): Promise<EventServer> {
  const { clock = new SystemClock(), port: wantedPort = 0, keys, ...limits } = options;
  const log = new MemoryLog();
  const state = new WebState();
  const stream = new EventStream(limits, { clock, log });
  const access = keys && { ...accessOf([], { clock, log }), keys, requiresKey: true };
  const app = await createWebApp({ version: "1" }, { clock, log, state, events: stream, access });
  const webNode = webNodeOf(node);
  state.ready(webNode);
  stream.follow(webNode);
  await app.listen({ host: "127.0.0.1", port: wantedPort });
  const { port } = app.server.address() as { readonly port: number };
  return { app, stream, log, host: `127.0.0.1:${port}`, close: () => app.close() };
}

/** Keeps events as they come, each checked against its schema. */
class EventKeeper {
  readonly events: LiveEvent[] = [];
  readonly #waiting = new Set<() => void>();
  /** Why the stream ended; `undefined` while it has not. */
  ending: { readonly code: number; readonly reason: string } | undefined;

  take(text: string): void {
    const event = JSON.parse(text) as LiveEvent;
    if (!Check(eventSchemas[event.type], event)) throw new Error(`not as its schema says: ${text}`);
    this.events.push(event);
    this.changed();
  }

  changed(): void {
    for (const check of this.#waiting) check();
  }

  until(isEnough: () => boolean): Promise<void> {
    if (isEnough()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!isEnough() && this.ending === undefined) return;
        this.#waiting.delete(check);
        if (isEnough()) resolve();
        else reject(new Error(`the stream ended: ${JSON.stringify(this.ending)} after ${this.names().join(" ")}`));
      };
      this.#waiting.add(check);
    });
  }

  names(): string[] {
    return this.events.map(({ type }) => type);
  }
}

export abstract class EventClient extends EventKeeper {
  abstract close(): void;

  /** Cursor of the last event. */
  get cursor(): string {
    return this.events.at(-1)!.cursor;
  }

  /** Resolves when the client was told that this is the tip. */
  untilTip({ block }: { readonly block: { readonly hash: Uint8Array } }): Promise<void> {
    const hash = displayHash(block.hash);
    return this.until(() => this.events.some((event) => event.type === "tip-changed" && event.hash === hash));
  }

  ofType<Name extends EventName>(type: Name): EventOf<Name>[] {
    return this.events.filter((event) => event.type === type) as EventOf<Name>[];
  }

  /** `connected 5 <hash>`: what the stream told of blocks, in short. */
  steps(): string[] {
    return this.events.flatMap((event) => {
      if (event.type === "chain-rewound") return [`rewound ${event.height} ${event.hash}`];
      if (event.type !== "block-connected" && event.type !== "block-disconnected") return [];
      return [`${event.type.slice("block-".length)} ${event.height} ${event.hash}`];
    });
  }

  untilEnd(): Promise<{ readonly code: number; readonly reason: string }> {
    return this.until(() => this.ending !== undefined).then(() => this.ending!);
  }
}

/** As it is: encoded, a hundred topics are more than a request's head may have. */
const queryOf = (topics: string, cursor: string | undefined) =>
  `topics=${topics}${cursor === undefined ? "" : `&cursor=${cursor}`}`;

export class SocketClient extends EventClient {
  readonly socket: WebSocket;

  /** Resolves when `hello` is here. Rejects with the HTTP status and body where there is no WebSocket. */
  static async open(
    host: string,
    topics = "blocks",
    cursor?: string,
    options: ClientOptions = {},
    protocols: string[] = [],
  ): Promise<SocketClient> {
    const client = new SocketClient(`ws://${host}/api/v1/events?${queryOf(topics, cursor)}`, options, protocols);
    await new Promise<void>((resolve, reject) => {
      client.socket.on("error", reject).on("open", resolve);
      client.socket.on("unexpected-response", (_request, response) => {
        let body = "";
        response.on("data", (part) => {
          body += part;
        });
        response.on("end", () => reject(new Error(`${response.statusCode} ${body}`)));
      });
    });
    await client.until(() => client.events.length > 0);
    return client;
  }

  private constructor(url: string, options: ClientOptions, protocols: string[]) {
    super();
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on("message", (data) => this.take(String(data)));
    this.socket.on("close", (code, reason) => {
      this.ending = { code, reason: String(reason) };
      this.changed();
    });
  }

  close(): void {
    this.socket.terminate();
  }
}

export class SseClient extends EventClient {
  #close = () => {};

  static async open(host: string, topics?: string, cursor?: string, lastEventId?: string): Promise<SseClient> {
    const client = new SseClient();
    const headers = { accept: "text/event-stream", ...(lastEventId && { "last-event-id": lastEventId }) };
    const query = topics === undefined ? "" : `?${queryOf(topics, cursor)}`;
    await new Promise<void>((resolve, reject) => {
      const request = get(`http://${host}/api/v1/events${query}`, { headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
          const frames = text.split("\n\n");
          text = frames.pop()!;
          for (const frame of frames) client.#takeFrame(frame);
        });
        response.on("end", () => {
          client.ending = { code: response.statusCode!, reason: text };
          client.changed();
        });
        response.on("error", () => {});
        if (response.statusCode === 200) resolve();
        else response.on("end", () => reject(new Error(`${response.statusCode} ${text}`)));
      });
      request.on("error", reject);
      client.#close = () => request.destroy();
    });
    await client.until(() => client.events.length > 0);
    return client;
  }

  #takeFrame(frame: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(frame)?.[1];
    const data = field("data");
    if (data === undefined) return;
    this.take(data);
    const event = this.events.at(-1)!;
    if (field("event") !== event.type || field("id") !== event.cursor) throw new Error(`wrong frame: ${frame}`);
  }

  close(): void {
    this.#close();
  }
}

/** A chain as a client knows it who goes by events alone: the hashes of its blocks from genesis on. */
export class FollowedChain {
  readonly hashes: string[];

  constructor(hashes: readonly string[]) {
    this.hashes = [...hashes];
  }

  /** Throws where an event does not fit. */
  apply(event: LiveEvent): void {
    const { hashes } = this;
    if (event.type === "block-connected") {
      if (event.height !== hashes.length) throw new Error(`block ${event.height} on a chain of ${hashes.length}`);
      hashes.push(event.hash);
    } else if (event.type === "block-disconnected") {
      if (hashes.pop() !== event.hash) throw new Error(`block ${event.height} was not the last one`);
    } else if (event.type === "chain-rewound") {
      if (hashes[event.height] !== event.hash) throw new Error(`block ${event.height} is none of this chain`);
      hashes.length = event.height + 1;
    }
  }
}

/** The hashes of the active chain from genesis on. */
export function hashesOf(chain: Chain): string[] {
  return Array.from({ length: chain.height + 1 }, (_, height) => displayHash(chain.blockAt(height)!.hash));
}

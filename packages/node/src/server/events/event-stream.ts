import type { ServerResponse } from "node:http";
import { ApiError } from "@bitfleet/api/errors.ts";
import type { BlockEvent } from "@bitfleet/api/events/chain.ts";
import { EVENTS_PATH, type EventName } from "@bitfleet/api/events.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { FastifyInstance } from "fastify";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Clock } from "../../ports.ts";
import type { WebNode, WebState } from "../web/web-state.ts";

/** Streams open at the same time. */
const CLIENTS_MAX = 256;
/** A client that leaves so much unread is too slow: its stream is cut, and its browser opens a new one. */
const BUFFER_BYTES_MAX = 64 * 1024;
/** A comment now and then keeps proxies from closing a silent stream, and finds clients that are gone. */
const HEARTBEAT_MS = 15_000;
/** When a browser opens a broken stream again. */
const RETRY_MS = 2_000;

export interface EventStreamOptions {
  readonly clientsMax?: number;
  readonly bufferBytesMax?: number;
  readonly heartbeatMs?: number;
}

/** Server-Sent Events of the chain to any number of clients, up to a limit. */
export class EventStream {
  readonly #options: Required<EventStreamOptions>;
  readonly #deps: { readonly clock: Clock };
  readonly #clients = new Set<ServerResponse>();
  #unsubscribe: (() => void) | undefined;
  #cancelHeartbeat: (() => void) | undefined;

  constructor(options: EventStreamOptions, deps: { readonly clock: Clock }) {
    this.#options = {
      clientsMax: CLIENTS_MAX,
      bufferBytesMax: BUFFER_BYTES_MAX,
      heartbeatMs: HEARTBEAT_MS,
      ...options,
    };
    this.#deps = deps;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#clients.size >= this.#options.clientsMax;
  }

  /** Passes on what happens to the chain from now on. */
  follow({ chain }: Pick<WebNode, "chain">): void {
    this.#unsubscribe = chain.events.subscribe((event) => this.#pass(event, chain.tip), {
      name: "event stream",
      overflow: "lose",
    });
  }

  /** Opens a stream that begins with `hello` and the tip. */
  open(response: ServerResponse, tip: BlockIndexEntry): void {
    response.writeHead(200, {
      ...headersOf(response),
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      Connection: "keep-alive",
      "X-Accel-Buffering": "no",
    });
    response.write(`retry: ${RETRY_MS}\n\n${messageText("hello", blockEvent(tip, tip.transactionCount))}`);
    this.#clients.add(response);
    const leave = () => this.#leave(response);
    response.on("close", leave).on("error", leave);
    this.#cancelHeartbeat ??= this.#deps.clock.after(this.#options.heartbeatMs, () => this.#heartbeat());
  }

  /** Ends every stream. */
  close(): void {
    this.#unsubscribe?.();
    this.#cancelHeartbeat?.();
    for (const client of this.#clients) client.end();
    this.#clients.clear();
  }

  #pass(event: ChainEvent, tip: BlockIndexEntry): void {
    if (event.type === "block-connected" || event.type === "block-disconnected") {
      this.#send(messageText(event.type, blockEvent(event.entry, event.block.transactions.length)));
    } else if (event.type === "tip-changed") {
      this.#send(messageText("tip-changed", blockEvent(event.entry, event.entry.transactionCount)));
    } else if (event.type === "events-lost") {
      this.#send(messageText("tip-changed", blockEvent(tip, tip.transactionCount)));
    }
  }

  #send(text: string): void {
    for (const client of this.#clients) {
      if (client.writableLength > this.#options.bufferBytesMax) client.destroy();
      else client.write(text);
    }
  }

  #heartbeat(): void {
    this.#send(": still here\n\n");
    this.#cancelHeartbeat = this.#deps.clock.after(this.#options.heartbeatMs, () => this.#heartbeat());
  }

  #leave(client: ServerResponse): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#cancelHeartbeat?.();
    this.#cancelHeartbeat = undefined;
  }
}

export function eventRoutes(
  app: FastifyInstance,
  deps: { readonly state: WebState; readonly events: EventStream },
): void {
  app.get(EVENTS_PATH, { exposeHeadRoute: false }, (_request, reply) => {
    const { node } = deps.state;
    if (node === undefined) throw new ApiError(503, "The node is starting.");
    if (deps.events.isFull) throw new ApiError(503, "Too many event streams are open; try again later.");
    const headers = reply.getHeaders();
    reply.hijack();
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
    deps.events.open(reply.raw, node.chain.tip);
  });
}

const headersOf = (response: ServerResponse) => response.getHeaders() as Record<string, string>;

function blockEvent(entry: BlockIndexEntry, transactionCount: number): BlockEvent {
  return {
    height: entry.height,
    hash: displayHash(entry.hash),
    timestamp: entry.header.time,
    transaction_count: transactionCount,
  };
}

const messageText = (name: EventName, data: BlockEvent) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

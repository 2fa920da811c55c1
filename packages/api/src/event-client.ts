import { ApiError } from "./errors.ts";
import type { EventConnection } from "./events/client-connection.ts";
import { openSocket, type SocketConstructor } from "./events/client-socket.ts";
import { openSse } from "./events/client-sse.ts";
import { TOPICS_DEFAULT } from "./events/topics.ts";
import { EVENTS_PATH } from "./events/transport.ts";
import type { LiveEvent } from "./events.ts";

/**
 * A client of the live events, for browsers and Node. It opens a WebSocket where there is one to open it with, otherwise a stream of
 * Server-Sent Events; comes back after every break with the cursor of the last event, to whatever server answers then; and never
 * holds more than {@link QUEUE_MAX} events: a consumer that is slower than the network misses none, they wait on the server.
 */

/** Events that came and were not taken. Beyond, the connection is given up, and opened again when they are. */
export const QUEUE_MAX = 1000;
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 10_000;

export interface EventClientOptions {
  /** The node's origin, without a slash at its end; "" for the origin a page came from. */
  readonly baseUrl: string;
  /** `blocks` where absent; docs/api.md has them all. */
  readonly topics?: readonly string[];
  /** Of an earlier subscription: what came since is told first. */
  readonly cursor?: string;
  /** Where the node wants one. */
  readonly apiKey?: string;
  /** Aborted, it ends the subscription. */
  readonly signal?: AbortSignal;
  /** The global one where absent; `null` for Server-Sent Events. Node before 22 has none: pass that of the package `ws`. */
  readonly WebSocket?: SocketConstructor | null;
  readonly fetch?: typeof fetch;
  /** From 0 to 1: how the waits before attempts are spread. */
  readonly random?: () => number;
  /** `live` with the first event of each connection, `waiting` before each attempt but the first. */
  readonly onState?: (state: "live" | "waiting") => void;
}

/** Iterate over it once: `for await (const event of subscription) …`. Rejects with `ApiError` where coming back is of no use. */
export interface EventSubscription extends AsyncIterable<LiveEvent> {
  /** Of the last event that was handed out: what to begin with next time. */
  readonly cursor: string | undefined;
  /** Topics to add and to leave. Rejects nothing: an event `error` or `subscribed` follows. */
  change(topics: { readonly add?: readonly string[]; readonly remove?: readonly string[] }): void;
  close(): void;
}

/** Subscribes to live events. Nothing is opened before the first event is asked for. */
export function followEvents(options: EventClientOptions): EventSubscription {
  return new Subscription(options);
}

class Subscription implements EventSubscription {
  readonly #options: EventClientOptions;
  readonly #topics: Set<string>;
  readonly #ending = new AbortController();
  #cursor: string | undefined;
  #connection: EventConnection | undefined;

  constructor(options: EventClientOptions) {
    this.#options = options;
    this.#topics = new Set(options.topics ?? TOPICS_DEFAULT);
    this.#cursor = options.cursor;
    const { signal } = options;
    if (signal?.aborted) this.close();
    signal?.addEventListener("abort", () => this.close(), { once: true });
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  change({ add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] }): void {
    for (const topic of remove) this.#topics.delete(topic);
    for (const topic of add) this.#topics.add(topic);
    const message = {
      ...(add.length > 0 && { subscribe: add }),
      ...(remove.length > 0 && { unsubscribe: remove }),
    };
    if (this.#connection?.change(JSON.stringify(message)) === false) this.#connection.close();
  }

  close(): void {
    this.#ending.abort();
    this.#connection?.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LiveEvent> {
    const { onState } = this.#options;
    let failures = 0;
    try {
      for (let isFirst = true; !this.#ending.signal.aborted; isFirst = false) {
        if (!isFirst) {
          onState?.("waiting");
          await this.#wait(failures);
        }
        failures++;
        try {
          for await (const event of this.#open()) {
            if (this.#ending.signal.aborted) return;
            if (event.type === "hello") {
              failures = 0;
              onState?.("live");
            }
            this.#cursor = event.cursor;
            yield event;
          }
        } catch (error) {
          // The server's own word that the request is wrong.
          if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429)
            throw error;
        }
      }
    } finally {
      this.close();
    }
  }

  async *#open(): AsyncGenerator<LiveEvent> {
    const { apiKey, fetch: fetchIt = fetch } = this.#options;
    const Socket = this.#options.WebSocket === undefined ? globalSocket() : this.#options.WebSocket;
    const request = { url: this.#url(), apiKey };
    if (Socket !== null && Socket !== undefined) {
      this.#connection = openSocket(Socket, request, QUEUE_MAX);
      let hasBegun = false;
      for await (const event of this.#connection.events) {
        hasBegun = true;
        yield event;
      }
      // A browser does not say why a WebSocket did not open: a refusal, or a proxy that knows none. The other way does.
      if (hasBegun || this.#ending.signal.aborted) return;
    }
    this.#connection = openSse(fetchIt, request);
    yield* this.#connection.events;
  }

  #url(): string {
    const { location } = globalThis as { readonly location?: { readonly href: string } };
    const url = new URL(
      `${this.#options.baseUrl}${EVENTS_PATH}`,
      this.#options.baseUrl === "" ? location?.href : undefined,
    );
    url.searchParams.set("topics", [...this.#topics].join(","));
    if (this.#cursor !== undefined) url.searchParams.set("cursor", this.#cursor);
    return url.href.replace(/%2C/g, ",").replace(/%3A/g, ":");
  }

  /** Longer after each failure in a row, spread at random so that not all clients of a server come back at once. */
  #wait(failures: number): Promise<void> {
    const longest = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures);
    const delayMs = RETRY_MIN_MS + (this.#options.random ?? Math.random)() * (longest - RETRY_MIN_MS);
    const { signal } = this.#ending;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", end, { once: true });
    });
  }
}

const globalSocket = () => (globalThis as { readonly WebSocket?: SocketConstructor }).WebSocket;

import type { Socket } from "node:net";
import { counter, counterBy, gauge, type Metric } from "./exposition.ts";
import { DURATION_BOUNDS_SECONDS, Histogram } from "./histogram.ts";

/** A request that was answered. */
export interface AnsweredRequest {
  /** Name of the route, or its pattern: never the path itself, of which there is no end. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** Why requests are refused, by status. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [401, "unauthenticated"],
  [403, "forbidden"],
  [429, "rate-limited"],
]);

interface Series {
  readonly labels: { readonly route: string; readonly method: string; readonly status: string };
  readonly durations: Histogram;
}

/** Counts requests to the web server, how long they took, and what went over its connections. */
export class HttpMeter {
  readonly #series = new Map<string, Series>();
  readonly #refusals: Record<string, number> = Object.fromEntries([...REFUSALS.values()].map((reason) => [reason, 0]));
  readonly #sockets = new Set<Socket>();
  #inFlightCount = 0;
  #closedSentBytes = 0;
  #closedReceivedBytes = 0;

  /** A request begins; {@link ended} must follow. */
  begun(): void {
    this.#inFlightCount++;
  }

  /** A request is over, whether it was answered or its client left. */
  ended(): void {
    this.#inFlightCount--;
  }

  /** Takes in an answer; also of one that needed no {@link begun}. */
  count({ route, method, status, seconds }: AnsweredRequest): void {
    const statusClass = `${Math.trunc(status / 100)}xx`;
    const key = `${route} ${method} ${statusClass}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      const labels = { route, method, status: statusClass };
      series = { labels, durations: new Histogram(DURATION_BOUNDS_SECONDS) };
      this.#series.set(key, series);
    }
    series.durations.observe(seconds);
    const refusal = REFUSALS.get(status);
    if (refusal !== undefined) this.#refusals[refusal]!++;
  }

  /** Counts what goes over a connection, until it closes. */
  follow(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#closedSentBytes += socket.bytesWritten;
      this.#closedReceivedBytes += socket.bytesRead;
    });
  }

  metrics(): readonly Metric[] {
    const open = (read: (socket: Socket) => number) => {
      let sum = 0;
      for (const socket of this.#sockets) sum += read(socket);
      return sum;
    };
    return [
      {
        name: "bitfleet_http_request_duration_seconds",
        type: "histogram",
        help: "Time that requests took, by route, method and class of status; event streams are not among them",
        samples: () => [...this.#series.values()].map(({ labels, durations }) => ({ labels, value: durations })),
      },
      gauge("bitfleet_http_requests_in_flight", "Requests that are being answered", () => this.#inFlightCount),
      counterBy("bitfleet_http_refused_total", "Requests refused for their key or their rate", "reason", () => ({
        ...this.#refusals,
      })),
      gauge("bitfleet_http_connections", "Connections that are open", () => this.#sockets.size),
      counter(
        "bitfleet_http_sent_bytes_total",
        "Bytes sent to clients, heads and events included",
        () => this.#closedSentBytes + open((socket) => socket.bytesWritten),
      ),
      counter(
        "bitfleet_http_received_bytes_total",
        "Bytes received from clients",
        () => this.#closedReceivedBytes + open((socket) => socket.bytesRead),
      ),
    ];
  }
}

import type { ServerResponse } from "node:http";
import type { EventFrame } from "./event-frame.ts";
import { type EventSink, type Farewell, ROOM_BYTES } from "./event-sink.ts";

/** When a browser opens a broken stream again. */
const RETRY_MS = 2000;

/** A stream of Server-Sent Events. Its headers are set already. */
export class SseSink implements EventSink {
  readonly kind = "sse";
  readonly #response: ServerResponse;
  /** Writes that have not left, and whether one has since the last {@link probe}. */
  #unsentCount = 0;
  #hasProgressed = true;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      Connection: response.getHeader("connection") ?? "keep-alive",
      "X-Accel-Buffering": "no",
    });
    this.#write(`retry: ${RETRY_MS}\n\n`);
  }

  get isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  get hasRoom(): boolean {
    return this.#response.writableLength < ROOM_BYTES;
  }

  room(): Promise<void> {
    const response = this.#response;
    if (!this.isOpen || this.hasRoom) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        response.off("drain", end).off("close", end);
        resolve();
      };
      response.on("drain", end).on("close", end);
    });
  }

  send(frame: EventFrame): void {
    if (this.isOpen) this.#write(frame.sse);
  }

  /** A comment: it keeps proxies from closing a silent stream, and what does not leave tells of a client that is gone. */
  probe(): boolean {
    const isAlive = this.#unsentCount === 0 || this.#hasProgressed;
    this.#hasProgressed = false;
    if (isAlive && this.isOpen && this.hasRoom) this.#write(": still here\n\n");
    return isAlive;
  }

  end(_farewell: Farewell, last?: EventFrame): void {
    if (last !== undefined) this.send(last);
    const { socket } = this.#response;
    // A client that kept the connection would come back over it, and so to this server once more.
    this.#response.end(() => socket?.destroySoon());
  }

  destroy(): void {
    this.#response.destroy();
  }

  #write(data: string | Buffer): void {
    this.#unsentCount++;
    this.#response.write(data, () => {
      this.#unsentCount--;
      this.#hasProgressed = true;
    });
  }
}

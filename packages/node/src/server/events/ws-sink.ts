import type { WebSocket } from "ws";
import type { EventFrame } from "./event-frame.ts";
import { type EventSink, type Farewell, ROOM_BYTES } from "./event-sink.ts";

const AS_TEXT = { binary: false } as const;

/** A WebSocket: each event is one text message. */
export class WebSocketSink implements EventSink {
  readonly kind = "websocket";
  readonly #socket: WebSocket;
  readonly #waiting: (() => void)[] = [];
  #hasAnswered = true;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("pong", () => {
      this.#hasAnswered = true;
    });
    socket.on("close", () => this.#wake());
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get hasRoom(): boolean {
    return this.#socket.bufferedAmount < ROOM_BYTES;
  }

  room(): Promise<void> {
    if (!this.isOpen || this.hasRoom) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  send(frame: EventFrame): void {
    if (!this.isOpen) return;
    this.#socket.send(frame.message, AS_TEXT, () => {
      if (this.#waiting.length > 0 && this.hasRoom) this.#wake();
    });
  }

  probe(): boolean {
    if (!this.#hasAnswered) return false;
    this.#hasAnswered = false;
    if (this.isOpen) this.#socket.ping();
    return true;
  }

  end({ code, reason }: Farewell, last?: EventFrame): void {
    if (last !== undefined) this.send(last);
    this.#socket.close(code, reason);
  }

  destroy(): void {
    this.#socket.terminate();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

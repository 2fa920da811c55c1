import type { EventFrame } from "./event-frame.ts";

/** Bytes that may wait in a client's connection; what is more waits in the log that all clients share. */
export const ROOM_BYTES = 64 * 1024;

/** Why a stream ends. */
export interface Farewell {
  /** For the client, one sentence of at most 123 bytes: a WebSocket takes no more. */
  readonly reason: string;
  /** For a WebSocket. */
  readonly code: number;
}

/** A client's connection, of whatever kind. */
export interface EventSink {
  readonly kind: "sse" | "websocket";
  readonly isOpen: boolean;
  /** Less than {@link ROOM_BYTES} wait to be sent. */
  readonly hasRoom: boolean;
  /** Resolves when there is room, or the connection is over. */
  room(): Promise<void>;
  send(frame: EventFrame): void;
  /** Something that a live client answers or takes; false where it has not answered the last one. */
  probe(): boolean;
  /** Says why, where that can still be sent, and ends the connection. */
  end(farewell: Farewell, last?: EventFrame): void;
  /** Ends the connection at once. */
  destroy(): void;
}

import type { LiveEvent } from "../events.ts";

/** Characters of one event. */
export const EVENT_LENGTH_MAX = 1024 * 1024;

/** One connection of a client of live events. */
export interface EventConnection {
  /** Until it ends. Rejects with `ApiError` of a status where the server refuses it. */
  readonly events: AsyncIterable<LiveEvent>;
  /** Tells the server of other topics; false where that takes a new connection. */
  change(message: string): boolean;
  close(): void;
}

/** Where a connection leads. */
export interface ConnectionRequest {
  /** Absolute, as of a plain request. */
  readonly url: string;
  readonly apiKey: string | undefined;
}

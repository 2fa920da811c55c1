import { ApiError } from "../errors.ts";
import type { LiveEvent } from "../events.ts";
import { base64Url } from "./base64-url.ts";
import { type ConnectionRequest, EVENT_LENGTH_MAX, type EventConnection } from "./client-connection.ts";
import { closeSocket } from "./close-socket.ts";
import { EVENTS_KEY_PROTOCOL_PREFIX, EVENTS_PROTOCOL, EventCloseCode } from "./transport.ts";

/** What is used of a WebSocket: those of browsers, of Node and of the package `ws` are one. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(): void;
}
export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

const OPEN = 1;

/** Opens a WebSocket. Where more than `queueMax` events wait to be taken, it is closed behind them. */
export function openSocket(
  Socket: SocketConstructor,
  { url, apiKey }: ConnectionRequest,
  queueMax: number,
): EventConnection {
  const protocols = [
    EVENTS_PROTOCOL,
    ...(apiKey === undefined ? [] : [EVENTS_KEY_PROTOCOL_PREFIX + base64Url(apiKey)]),
  ];
  const socket = new Socket(url.replace(/^http/, "ws"), protocols);
  const queue: LiveEvent[] = [];
  let isOver = false;
  let refusal: ApiError | undefined;
  let wake = () => {};
  const end = () => {
    if (!isOver) closeSocket(socket);
    isOver = true;
    wake();
  };
  socket.onerror = () => {};
  socket.onmessage = ({ data }: { readonly data: unknown }) => {
    if (isOver) return;
    const event = eventIn(data);
    if (event === undefined) return end();
    queue.push(event);
    if (queue.length >= queueMax) end();
    else wake();
  };
  socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => {
    if (code === EventCloseCode.POLICY) refusal = new ApiError(400, reason);
    end();
  };
  async function* events(): AsyncGenerator<LiveEvent> {
    try {
      for (;;) {
        const next = queue.shift();
        if (next !== undefined) yield next;
        else if (isOver) break;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
      if (refusal !== undefined) throw refusal;
    } finally {
      end();
    }
  }
  const change = (message: string) => {
    // One that is still opening asked for the topics of before.
    if (socket.readyState !== OPEN) return false;
    socket.send(message);
    return true;
  };
  return { events: events(), change, close: end };
}

/** `undefined` for what is no event: nothing behind it is believed either. */
function eventIn(data: unknown): LiveEvent | undefined {
  if (typeof data !== "string" || data.length > EVENT_LENGTH_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? (value as LiveEvent) : undefined;
  } catch {
    return undefined;
  }
}

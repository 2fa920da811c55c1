import { textWithin } from "../bounded-answer.ts";
import { ApiError } from "../errors.ts";
import type { LiveEvent } from "../events.ts";
import type { Envelope } from "../schema.ts";
import { type ConnectionRequest, EVENT_LENGTH_MAX, type EventConnection } from "./client-connection.ts";

/** Bytes of a refusal. */
const REFUSAL_BYTES_MAX = 64 * 1024;

/** Opens a stream of Server-Sent Events. It is read as fast as events are taken: the rest waits at the server. */
export function openSse(fetchIt: typeof fetch, { url, apiKey }: ConnectionRequest): EventConnection {
  const ending = new AbortController();
  const headers = { accept: "text/event-stream", ...(apiKey !== undefined && { "x-api-key": apiKey }) };
  async function* events(): AsyncGenerator<LiveEvent> {
    try {
      const response = await fetchIt(url, { headers, signal: ending.signal });
      if (!response.ok || response.body === null) throw await refusalOf(response);
      yield* eventsOf(response.body);
    } catch (error) {
      // What a close of our own does to the reading is no failure.
      if (!ending.signal.aborted) throw error;
    } finally {
      ending.abort();
    }
  }
  return { events: events(), change: () => false, close: () => ending.abort() };
}

async function refusalOf(response: Response): Promise<ApiError> {
  const text = await textWithin(response, REFUSAL_BYTES_MAX).catch(() => "");
  let error: unknown;
  try {
    error = (JSON.parse(text) as Envelope<never> | null)?.error;
  } catch {
    // A proxy's page, say.
  }
  return new ApiError(
    response.status,
    typeof error === "string" ? error : `The node answered with status ${response.status}.`,
  );
}

const TOO_LONG = "The stream of events has an event without an end: it is not read on.";

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<LiveEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  // Pieces of an event whose end has not come. They are put together once: a piece of a byte costs no more than a byte.
  let pieces: string[] = [];
  let length = 0;
  let last = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const piece = decoder.decode(value, { stream: true });
      pieces.push(piece);
      length += piece.length;
      // The end may be half in the piece before.
      const hasEnd = (last + piece).includes("\n\n");
      last = piece.at(-1) ?? last;
      if (!hasEnd) {
        if (length > EVENT_LENGTH_MAX) throw new ApiError(0, TOO_LONG, { kind: "too-long" });
        continue;
      }
      const frames = pieces.join("").split("\n\n");
      const rest = frames.pop()!;
      pieces = [rest];
      length = rest.length;
      for (const frame of frames) {
        if (frame.length > EVENT_LENGTH_MAX) throw new ApiError(0, TOO_LONG, { kind: "too-long" });
        const data = /^data: ?(.*)$/m.exec(frame)?.[1];
        if (data !== undefined) yield JSON.parse(data) as LiveEvent;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

import { ApiError } from "../errors.ts";
import type { LiveEvent } from "../events.ts";
import type { Envelope } from "../schema.ts";
import type { ConnectionRequest, EventConnection } from "./client-connection.ts";

/** Characters of one event. */
const FRAME_LENGTH_MAX = 1024 * 1024;

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
  const envelope = (await response.json().catch(() => undefined)) as Envelope<never> | undefined;
  return new ApiError(response.status, envelope?.error ?? `The node answered with status ${response.status}.`);
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<LiveEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const frames = text.split("\n\n");
      text = frames.pop()!;
      if (text.length > FRAME_LENGTH_MAX) throw new ApiError(0, "The stream of events cannot be read.");
      for (const frame of frames) {
        const data = /^data: ?(.*)$/m.exec(frame)?.[1];
        if (data !== undefined) yield JSON.parse(data) as LiveEvent;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

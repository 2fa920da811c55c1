import { base64Url } from "@bitfleet/api/events/base64-url.ts";
import { EVENT_LENGTH_MAX } from "@bitfleet/api/events/client-connection.ts";
import { closeSocket } from "@bitfleet/api/events/close-socket.ts";
import { EVENTS_KEY_PROTOCOL_PREFIX, EVENTS_PROTOCOL } from "@bitfleet/api/events/transport.ts";
import { desktopSession } from "./desktop/desktop-session.ts";
import { type EventStream, openFetchedEvents } from "./desktop/fetched-events.ts";
import { networkFetch } from "./network-scope.ts";

/**
 * Opens a stream of events. With a key it is a WebSocket, since a browser's EventSource can send none; `url` is absolute then, or a path of
 * the origin the page came from. In the desktop neither will do: a session's key goes with everything, and in a header.
 */
export function openEventStream(url: string, apiKey: string): EventStream {
  if (desktopSession() !== undefined) {
    return openFetchedEvents(url, networkFetch(), apiKey === "" ? {} : { "x-api-key": apiKey });
  }
  return apiKey === "" ? new EventSource(url) : openWithKey(url, apiKey);
}

function openWithKey(url: string, apiKey: string): EventStream {
  const address = new URL(url, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, [EVENTS_PROTOCOL, EVENTS_KEY_PROTOCOL_PREFIX + base64Url(apiKey)]);
  const events = new EventTarget();
  let isClosed = false;
  socket.addEventListener("open", () => isClosed || events.dispatchEvent(new Event("open")));
  socket.addEventListener("close", () => events.dispatchEvent(new Event("error")));
  socket.addEventListener("message", ({ data }) => {
    const type = typeIn(data);
    // What is no event ends the stream, and it is opened again.
    if (type === undefined) socket.close();
    else events.dispatchEvent(new Event(type));
  });
  return {
    addEventListener: events.addEventListener.bind(events) as EventStream["addEventListener"],
    close: () => {
      isClosed = true;
      closeSocket(socket);
    },
  };
}

function typeIn(data: unknown): string | undefined {
  if (typeof data !== "string" || data.length > EVENT_LENGTH_MAX) return undefined;
  try {
    const { type } = JSON.parse(data) as { readonly type: unknown };
    return typeof type === "string" ? type : undefined;
  } catch {
    return undefined;
  }
}

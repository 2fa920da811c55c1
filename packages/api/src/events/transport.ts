/** How live events are asked for and told. No schemas here: pages and clients need none. */

/**
 * Server-Sent Events (`event: block-connected`, `id: <cursor>`, `data: {…}`) or, where the request asks for an upgrade, a WebSocket,
 * one JSON text each.
 */
export const EVENTS_PATH = "/api/v1/events";
/** The subprotocol of WebSockets here. */
export const EVENTS_PROTOCOL = "bitfleet.events.v1";
/**
 * In front of an API key in base64url, as a second subprotocol: how a browser sends its key, whose WebSocket takes no headers. An
 * address with the key in it would stand in logs.
 */
export const EVENTS_KEY_PROTOCOL_PREFIX = "bitfleet.key.";

/** Bytes of one message of a client. */
export const CLIENT_MESSAGE_BYTES_MAX = 16 * 1024;

/** Codes with which the server closes a WebSocket. */
export const EventCloseCode = {
  /** It stops; come back, here or elsewhere. */
  GOING_AWAY: 1001,
  /** The client broke a rule; coming back alone does not help. */
  POLICY: 1008,
  /** The client was too slow; come back with the last cursor. */
  TOO_SLOW: 4008,
} as const;

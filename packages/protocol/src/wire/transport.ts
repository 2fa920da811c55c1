/** How messages travel over a connection: what the v1 framing and the encrypted v2 transport (BIP324) have in common. */

/** A message as it came, not yet decoded. */
export interface RawMessage {
  /** Its name on the wire. Empty where the message was rejected, and for numbers of v2 that stand for no type. */
  readonly type: string;
  /** In a buffer of its own: views of it may be kept. */
  readonly payload: Uint8Array;
  /** Bytes it took on the wire, headers included. */
  readonly wireSize: number;
  /**
   * Where the frame is damaged in a way that costs the message and not the connection: what Core's debug.log says of it,
   * without the peer. Such a message is counted and dropped; its payload is empty.
   */
  readonly rejected?: string;
}

/** Takes each complete message, in order. Does not throw. */
export type MessageSink = (message: RawMessage) => void;

/**
 * One end of a connection without its socket: bytes and messages go in, messages and bytes come out. After `receive` and
 * after `send` there may be output to take.
 */
export interface Transport {
  /** "v1", "v2", or "detecting" while it is not certain yet that the other side speaks v2. */
  readonly kind: "v1" | "v2" | "detecting";
  /** BIP324's session id, 32 bytes; undefined on v1 and until the encrypted connection stands. */
  readonly sessionId: Uint8Array | undefined;
  /**
   * Takes bytes from the socket, however cut up, and calls `sink` for each message that they complete. Throws
   * {@link TransportError} where the connection must end; the messages before it were handed over, and every later call
   * throws the same.
   */
  receive(bytes: Uint8Array, sink: MessageSink): void;
  /**
   * Queues a message and answers how many bytes it takes on the wire. `type` has at most 12 printable ASCII characters
   * (`RangeError`). The payload is not copied in every case: nobody writes into it afterwards.
   */
  send(type: string, payload: Uint8Array): number;
  /** What is to be written to the socket now, in order; empty where nothing is. What was taken counts as sent. */
  takeOutput(): readonly Uint8Array[];
  /** True where an outbound v2 connection ended in a way that another attempt with v1 may help: the other side never said anything. */
  readonly shouldRetryV1: boolean;
}

/** The connection must end. The message is what Core's debug.log says of it, without the peer. */
export class TransportError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TransportError";
  }
}

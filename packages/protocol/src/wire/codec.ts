import { DecodeError, type Reader } from "../bytes/cursor.ts";

/** Bytes that a message may have behind its frame, whatever its type (Core's MAX_PROTOCOL_MESSAGE_LENGTH). */
export const PAYLOAD_SIZE_MAX = 4_000_000;

/** Smallest encoding of a transaction, for {@link Reader.count}: version, two counts, lock time. */
export const TRANSACTION_SIZE_MIN = 10;

/** How the payload of one message type is written and read. */
export interface MessageCodec<Message> {
  /** No message within the limits of the protocol needs more. Longer payloads are read all the same: the surplus is ignored. */
  readonly payloadSizeMax: number;
  /** Throws `DecodeError`. Bytes behind the last field are left alone. */
  decode(reader: Reader): Message;
  /** The payload; for blocks and transactions it is their own bytes, so nobody writes into it. */
  encode(message: Message): Uint8Array;
}

/**
 * A message that can be read and breaks a limit which every node knows. `reason` is what Core says of it, and
 * `consequence` what it does: the peer misbehaved, or just loses its connection. Other `DecodeError`s cost the message only.
 */
export class ProtocolViolation extends DecodeError {
  readonly reason: string;
  readonly consequence: "misbehaving" | "disconnect";

  constructor(reason: string, consequence: "misbehaving" | "disconnect", offset: number) {
    super(reason, offset);
    this.name = "ProtocolViolation";
    this.reason = reason;
    this.consequence = consequence;
  }
}

/** A list longer than the protocol allows. Its items were not decoded. */
export class TooManyItemsError extends ProtocolViolation {
  readonly messageType: string;
  /** As announced. */
  readonly count: number;

  constructor(
    messageType: string,
    count: number,
    reason: string,
    consequence: "misbehaving" | "disconnect",
    offset: number,
  ) {
    super(reason, consequence, offset);
    this.name = "TooManyItemsError";
    this.messageType = messageType;
    this.count = count;
  }
}

/** Reads `count` items one after the other. Callers bound the count first, by {@link Reader.count}. */
export function readItems<Item>(reader: Reader, count: number, readItem: (reader: Reader) => Item): Item[] {
  const items: Item[] = [];
  for (let index = 0; index < count; index++) items.push(readItem(reader));
  return items;
}

const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
const textEncoder = new TextEncoder();

/** Text behind its length, at most `sizeMax` bytes of UTF-8. Bytes that are none become U+FFFD. */
export function readText(reader: Reader, sizeMax: number): string {
  return textDecoder.decode(reader.compactBytes(sizeMax));
}

/** The bytes of text that we send. More than `sizeMax` of them are a mistake of ours: throws `RangeError`. */
export function encodeText(text: string, sizeMax: number): Uint8Array {
  const bytes = textEncoder.encode(text);
  if (bytes.length > sizeMax) throw new RangeError(`text of ${bytes.length} bytes, at most ${sizeMax} may be sent`);
  return bytes;
}

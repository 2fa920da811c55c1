import { concatBytes, EMPTY_BYTES, equalBytes, toHex } from "../bytes/bytes.ts";
import { sha256d } from "../crypto/hash.ts";
import { PAYLOAD_SIZE_MAX } from "./codec.ts";
import { type MessageSink, type RawMessage, type Transport, TransportError } from "./transport.ts";
import { FrameBuffer } from "./transport-buffer.ts";
import {
  isMessageType,
  MESSAGE_TYPE_SIZE,
  printableMessageType,
  readMessageType,
  writeMessageType,
} from "./transport-message-type.ts";

const MAGIC_SIZE = 4;
const CHECKSUM_SIZE = 4;
const TYPE_OFFSET = MAGIC_SIZE;
const SIZE_OFFSET = TYPE_OFFSET + MESSAGE_TYPE_SIZE;
const CHECKSUM_OFFSET = SIZE_OFFSET + 4;

/** Magic, type, size of the payload, checksum. */
export const V1_HEADER_SIZE: number = CHECKSUM_OFFSET + CHECKSUM_SIZE;

/** Up to this size a payload is copied behind its header, so that the socket sends one packet and not two. */
const JOINED_PAYLOAD_SIZE_MAX = 4096;

export interface V1TransportOptions {
  /** The network's four bytes. */
  readonly magic: Uint8Array;
}

interface Header {
  readonly typeField: Uint8Array;
  readonly payloadSize: number;
  readonly checksum: Uint8Array;
}

/**
 * The framing that Bitcoin began with: each message behind a header with the network's magic and a checksum. The
 * connection ends at "Header error: Wrong MessageStart … received" and "Header error: Size too large (…)", as soon as the
 * header is complete; "Header error: Wrong checksum (…)" and "Header error: Invalid message type (…)" cost the message.
 */
export class V1Transport implements Transport {
  readonly kind = "v1";
  readonly sessionId = undefined;
  readonly shouldRetryV1 = false;
  readonly #magic: Uint8Array;
  readonly #frame = new FrameBuffer();
  /** Of the message whose payload is coming in. */
  #header: Header | undefined;
  #output: Uint8Array[] = [];
  #failure: TransportError | undefined;

  constructor(options: V1TransportOptions) {
    this.#magic = options.magic;
    this.#frame.begin(V1_HEADER_SIZE);
  }

  receive(bytes: Uint8Array, sink: MessageSink): void {
    if (this.#failure !== undefined) throw this.#failure;
    for (let offset = 0; offset < bytes.length; ) {
      offset += this.#frame.fill(bytes, offset);
      if (this.#header === undefined && this.#frame.isComplete) {
        this.#header = this.#readHeader(this.#frame.take());
        this.#frame.begin(this.#header.payloadSize);
      }
      // A payload may be empty: then the header completes the message.
      if (this.#header !== undefined && this.#frame.isComplete) {
        const message = messageOf(this.#header, this.#frame.take());
        this.#header = undefined;
        this.#frame.begin(V1_HEADER_SIZE);
        sink(message);
      }
    }
  }

  send(type: string, payload: Uint8Array): number {
    const header = new Uint8Array(V1_HEADER_SIZE);
    header.set(this.#magic);
    writeMessageType(type, header, TYPE_OFFSET);
    new DataView(header.buffer).setUint32(SIZE_OFFSET, payload.length, true);
    header.set(checksumOf(payload), CHECKSUM_OFFSET);
    if (payload.length <= JOINED_PAYLOAD_SIZE_MAX) this.#output.push(concatBytes(header, payload));
    else this.#output.push(header, payload);
    return V1_HEADER_SIZE + payload.length;
  }

  takeOutput(): readonly Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  #readHeader(bytes: Uint8Array): Header {
    const magic = bytes.subarray(0, MAGIC_SIZE);
    if (!equalBytes(magic, this.#magic)) this.#fail(`Header error: Wrong MessageStart ${toHex(magic)} received`);
    const typeField = bytes.subarray(TYPE_OFFSET, SIZE_OFFSET);
    const payloadSize = new DataView(bytes.buffer).getUint32(SIZE_OFFSET, true);
    if (payloadSize > PAYLOAD_SIZE_MAX)
      this.#fail(`Header error: Size too large (${summaryOf(typeField, payloadSize)})`);
    return { typeField, payloadSize, checksum: bytes.subarray(CHECKSUM_OFFSET) };
  }

  #fail(message: string): never {
    this.#failure = new TransportError(message);
    throw this.#failure;
  }
}

function messageOf(header: Header, payload: Uint8Array): RawMessage {
  const { typeField } = header;
  const wireSize = V1_HEADER_SIZE + payload.length;
  const rejected = rejectionOf(header, payload);
  if (rejected !== undefined) return { type: "", payload: EMPTY_BYTES, wireSize, rejected };
  return { type: readMessageType(typeField), payload, wireSize };
}

/** Why the message is to be dropped, if it is. */
function rejectionOf({ typeField, checksum }: Header, payload: Uint8Array): string | undefined {
  const expected = checksumOf(payload);
  if (!equalBytes(expected, checksum)) {
    const values = `expected ${toHex(expected)} was ${toHex(checksum)}`;
    return `Header error: Wrong checksum (${summaryOf(typeField, payload.length)}), ${values}`;
  }
  if (isMessageType(typeField)) return undefined;
  return `Header error: Invalid message type (${summaryOf(typeField, payload.length)})`;
}

function checksumOf(payload: Uint8Array): Uint8Array {
  return sha256d(payload).subarray(0, CHECKSUM_SIZE);
}

function summaryOf(typeField: Uint8Array, payloadSize: number): string {
  return `${printableMessageType(readMessageType(typeField))}, ${payloadSize} bytes`;
}

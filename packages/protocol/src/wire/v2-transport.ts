import { concatBytes, EMPTY_BYTES, equalBytes, toHex } from "../bytes/bytes.ts";
import { ELLSWIFT_SIZE, ellSwiftEcdh, ellSwiftPublicKey, randomPrivateKey } from "../crypto/ellswift.ts";
import { PAYLOAD_SIZE_MAX } from "./codec.ts";
import { type MessageSink, type RawMessage, type Transport, TransportError } from "./transport.ts";
import { FrameBuffer } from "./transport-buffer.ts";
import { MESSAGE_TYPE_SIZE } from "./transport-message-type.ts";
import { V1_HEADER_SIZE, V1Transport } from "./v1-framing.ts";
import { deriveV2Keys, LENGTH_SIZE, PACKET_OVERHEAD, SEALED_OVERHEAD, V2Cipher } from "./v2-cipher.ts";
import { GarbageSearch, garbageSize } from "./v2-garbage.ts";
import { decodeV2Contents, encodeV2MessageType } from "./v2-message-ids.ts";

/** Largest contents of a packet: a type in its long form and the largest payload. */
export const V2_CONTENTS_SIZE_MAX: number = 1 + MESSAGE_TYPE_SIZE + PAYLOAD_SIZE_MAX;

/** How a v1 connection begins, behind the magic: the type of its first message. */
const V1_PREFIX_TYPE = Uint8Array.from([...new TextEncoder().encode("version"), 0, 0, 0, 0, 0]);

/** What a version packet holds today. Whatever the other side's holds is ignored. */
const VERSION_CONTENTS = EMPTY_BYTES;

export interface V2TransportOptions {
  /** The network's four bytes. */
  readonly magic: Uint8Array;
  /** We opened the connection. */
  readonly initiating: boolean;
  /** Keys and garbage are drawn from it: bytes that nobody can foretell. */
  readonly random: { bytes(size: number): Uint8Array };
  /** Bytes of garbage to send, at most 4095; absent: a random number. */
  readonly garbageSize?: number;
  /** Sizes of the decoys' contents to send before the version packet. */
  readonly handshakeDecoySizes?: readonly number[];
}

/** What comes next: for a responder either prefix, for an initiator the key at once. */
type ReceiveState = "v1-or-key" | "key" | "garbage" | "version" | "application" | "v1";

/** What we send unencrypted, with the key behind it. */
interface Offer {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly garbage: Uint8Array;
}

/** A message that waits for the key exchange. */
interface PendingMessage {
  readonly type: string;
  readonly payload: Uint8Array;
}

/**
 * The encrypted transport of BIP324, from the first byte on. A responder speaks v1 with whoever begins as v1 does.
 *
 * The connection ends, in Core's words, at:
 * - "V2 transport error: V1 peer with wrong MessageStart …": a v1 peer of another network; responder only
 * - "V2 transport error: missing garbage terminator": not within 4095 bytes of garbage
 * - "V2 transport error: packet too large (… bytes)": by its length, before the rest has come
 * - "V2 transport error: packet decryption failure (… bytes)": changed on its way, or other garbage than was sent
 *
 * "V2 transport error: invalid message type (… bytes contents)" costs the message. Two lines are the owner's to write: "start
 * sending v2 handshake to peer=…" when an initiator's first output is sent, and "V2 handshake timeout, …" where `kind` is
 * "detecting" for too long.
 */
export class V2Transport implements Transport {
  readonly #options: V2TransportOptions;
  /** Until the key exchange; a responder makes it when it is certain not to speak v1, since it costs milliseconds. */
  #offer: Offer | undefined;
  #state: ReceiveState;
  /** The other side's key, of which the first bytes may turn out to be v1. */
  readonly #theirKey = new Uint8Array(ELLSWIFT_SIZE);
  #theirKeySize = 0;
  #garbageSearch: GarbageSearch | undefined;
  /** A packet's length, and then the rest of it. */
  readonly #frame = new FrameBuffer();
  #contentsSize: number | undefined;
  /** What the next packet authenticates beside itself: the garbage before it, for the first one. */
  #associated: Uint8Array = EMPTY_BYTES;
  #cipher: V2Cipher | undefined;
  #v1: V1Transport | undefined;
  #pending: PendingMessage[] = [];
  #output: Uint8Array[] = [];
  #takenSize = 0;
  #failure: TransportError | undefined;

  constructor(options: V2TransportOptions) {
    this.#options = options;
    this.#state = options.initiating ? "key" : "v1-or-key";
    if (options.initiating) this.#sendKey();
  }

  /** "v2" from the other side's version packet on, which proves that both have the same keys. */
  get kind(): "v1" | "v2" | "detecting" {
    if (this.#state === "v1") return "v1";
    return this.#state === "application" ? "v2" : "detecting";
  }

  get sessionId(): Uint8Array | undefined {
    return this.#state === "application" ? this.#cipher?.sessionId : undefined;
  }

  get shouldRetryV1(): boolean {
    // A v1 peer hangs up when it has read a header's worth of our key.
    const isUnanswered = this.#state === "key" && this.#theirKeySize === 0;
    return this.#options.initiating && isUnanswered && this.#takenSize >= V1_HEADER_SIZE;
  }

  receive(bytes: Uint8Array, sink: MessageSink): void {
    if (this.#failure !== undefined) throw this.#failure;
    for (let offset = 0; offset < bytes.length; ) {
      switch (this.#state) {
        case "v1":
          this.#v1!.receive(bytes.subarray(offset), sink);
          return;
        case "v1-or-key":
          offset += this.#receiveV1OrKey(bytes.subarray(offset));
          break;
        case "key":
          offset += this.#receiveKey(bytes.subarray(offset));
          break;
        case "garbage":
          offset += this.#receiveGarbage(bytes.subarray(offset));
          break;
        default:
          offset += this.#receivePacket(bytes, offset, sink);
      }
    }
  }

  /**
   * See {@link Transport.send}. Before the key exchange messages wait, without a limit: the caller has only its own first
   * message to send then. As long as v1 is still possible, the answer is the size on v2.
   */
  send(type: string, payload: Uint8Array): number {
    if (this.#v1 !== undefined) return this.#v1.send(type, payload);
    const typeBytes = encodeV2MessageType(type);
    if (this.#cipher === undefined) this.#pending.push({ type, payload });
    else this.#output.push(this.#cipher.seal(EMPTY_BYTES, false, typeBytes, payload));
    return PACKET_OVERHEAD + typeBytes.length + payload.length;
  }

  /**
   * Queues a packet that the other side ignores, with contents of `contentsSize` bytes, and answers how many bytes it takes
   * on the wire; none where there is no encryption, or not yet.
   */
  sendDecoy(contentsSize: number): number {
    if (this.#cipher === undefined) return 0;
    this.#output.push(this.#cipher.seal(EMPTY_BYTES, true, new Uint8Array(contentsSize)));
    return PACKET_OVERHEAD + contentsSize;
  }

  takeOutput(): readonly Uint8Array[] {
    if (this.#v1 !== undefined) return this.#v1.takeOutput();
    const output = this.#output;
    this.#output = [];
    for (const chunk of output) this.#takenSize += chunk.length;
    return output;
  }

  #sendKey(): void {
    const random = (size: number) => this.#options.random.bytes(size);
    const privateKey = randomPrivateKey(random);
    const publicKey = ellSwiftPublicKey(privateKey, random);
    const garbage = random(garbageSize(random, this.#options.garbageSize));
    this.#offer = { privateKey, publicKey, garbage };
    this.#output.push(concatBytes(publicKey, garbage));
  }

  /** Not a byte more than tells v1 from v2 is taken, and not a byte sent before. */
  #receiveV1OrKey(bytes: Uint8Array): number {
    const prefix = concatBytes(this.#options.magic, V1_PREFIX_TYPE);
    const count = this.#takeKeyBytes(bytes, prefix.length);
    if (!equalBytes(this.#theirKey.subarray(0, this.#theirKeySize), prefix.subarray(0, this.#theirKeySize))) {
      this.#state = "key";
      this.#sendKey();
    } else if (this.#theirKeySize === prefix.length) {
      this.#state = "v1";
      this.#v1 = new V1Transport(this.#options);
      this.#v1.receive(prefix, () => {});
      for (const { type, payload } of this.#pending) this.#v1.send(type, payload);
      this.#pending = [];
    }
    return count;
  }

  #receiveKey(bytes: Uint8Array): number {
    const count = this.#takeKeyBytes(bytes, ELLSWIFT_SIZE);
    const { magic, initiating } = this.#options;
    const afterMagic = this.#theirKey.subarray(magic.length, magic.length + V1_PREFIX_TYPE.length);
    const isTypeComplete = this.#theirKeySize >= magic.length + V1_PREFIX_TYPE.length;
    if (!initiating && isTypeComplete && equalBytes(afterMagic, V1_PREFIX_TYPE)) {
      const theirMagic = toHex(this.#theirKey.subarray(0, magic.length));
      this.#fail(`V2 transport error: V1 peer with wrong MessageStart ${theirMagic}`);
    }
    if (this.#theirKeySize === ELLSWIFT_SIZE) this.#exchangeKeys();
    return count;
  }

  /** Copies bytes of the other side's key until there are `sizeWanted`; answers how many. */
  #takeKeyBytes(bytes: Uint8Array, sizeWanted: number): number {
    const taken = bytes.subarray(0, sizeWanted - this.#theirKeySize);
    this.#theirKey.set(taken, this.#theirKeySize);
    this.#theirKeySize += taken.length;
    return taken.length;
  }

  /** Both keys are known: everything from our garbage terminator on can be sent. */
  #exchangeKeys(): void {
    const { magic, initiating, handshakeDecoySizes = [] } = this.#options;
    const { privateKey, publicKey, garbage } = this.#offer!;
    const secret = ellSwiftEcdh(privateKey, this.#theirKey, publicKey, initiating);
    const cipher = new V2Cipher(deriveV2Keys(secret, magic), initiating);
    // What could give this connection's keys away afterwards.
    privateKey.fill(0);
    secret.fill(0);
    this.#offer = undefined;
    this.#cipher = cipher;
    this.#state = "garbage";
    this.#garbageSearch = new GarbageSearch(cipher.receiveTerminator);
    this.#output.push(cipher.sendTerminator);
    let associated = garbage;
    for (const size of handshakeDecoySizes) {
      this.#output.push(cipher.seal(associated, true, new Uint8Array(size)));
      associated = EMPTY_BYTES;
    }
    this.#output.push(cipher.seal(associated, false, VERSION_CONTENTS));
    for (const { type, payload } of this.#pending) this.send(type, payload);
    this.#pending = [];
  }

  #receiveGarbage(bytes: Uint8Array): number {
    const search = this.#garbageSearch!;
    const count = search.take(bytes);
    if (search.garbage !== undefined) {
      this.#associated = search.garbage;
      this.#garbageSearch = undefined;
      this.#state = "version";
      this.#frame.begin(LENGTH_SIZE);
    } else if (search.isFull) {
      this.#fail("V2 transport error: missing garbage terminator");
    }
    return count;
  }

  #receivePacket(bytes: Uint8Array, offset: number, sink: MessageSink): number {
    const count = this.#frame.fill(bytes, offset);
    if (!this.#frame.isComplete) return count;
    if (this.#contentsSize === undefined) {
      const size = this.#cipher!.openLength(this.#frame.take());
      if (size > V2_CONTENTS_SIZE_MAX) this.#fail(`V2 transport error: packet too large (${size} bytes)`);
      this.#contentsSize = size;
      this.#frame.begin(size + SEALED_OVERHEAD);
      return count;
    }
    const packet = this.#cipher!.open(this.#associated, this.#frame.take());
    if (packet === undefined) {
      this.#fail(`V2 transport error: packet decryption failure (${this.#contentsSize} bytes)`);
    }
    this.#associated = EMPTY_BYTES;
    this.#contentsSize = undefined;
    this.#frame.begin(LENGTH_SIZE);
    if (packet.isDecoy) return count;
    if (this.#state === "version") this.#state = "application";
    else sink(messageOf(packet.contents));
    return count;
  }

  #fail(message: string): never {
    this.#failure = new TransportError(message);
    throw this.#failure;
  }
}

function messageOf(contents: Uint8Array): RawMessage {
  const wireSize = PACKET_OVERHEAD + contents.length;
  const message = decodeV2Contents(contents);
  if (message !== undefined) return { ...message, wireSize };
  const rejected = `V2 transport error: invalid message type (${contents.length} bytes contents)`;
  return { type: "", payload: EMPTY_BYTES, wireSize, rejected };
}

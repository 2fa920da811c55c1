import { concatBytes } from "../bytes/bytes.ts";
import { AEAD_TAG_SIZE } from "../crypto/chacha20-poly1305.ts";
import { FSChaCha20, FSChaCha20Poly1305 } from "../crypto/chacha20-poly1305-rekeying.ts";
import { hkdfExpand, hkdfExtract } from "../crypto/hkdf.ts";

/** BIP324's encrypted length of a packet's contents: little-endian, first on the wire. */
export const LENGTH_SIZE = 3;
const HEADER_SIZE = 1;
const CONTENTS_SIZE_MAX = 2 ** (8 * LENGTH_SIZE) - 1;
/** In the header byte: the packet is a decoy. The other bits are to be ignored. */
const DECOY_BIT = 0x80;

/** What a packet takes behind its length, beside its contents. */
export const SEALED_OVERHEAD: number = HEADER_SIZE + AEAD_TAG_SIZE;
/** What a packet takes beside its contents. */
export const PACKET_OVERHEAD: number = LENGTH_SIZE + SEALED_OVERHEAD;

export const GARBAGE_TERMINATOR_SIZE = 16;

const KEY_SIZE = 32;
const SALT_PREFIX = new TextEncoder().encode("bitcoin_v2_shared_secret");

/** What BIP324 derives from a connection's secret. */
export interface V2Keys {
  /** For lengths and for packets that the initiator sends. */
  readonly initiatorLength: Uint8Array;
  readonly initiatorPacket: Uint8Array;
  /** For those that the responder sends. */
  readonly responderLength: Uint8Array;
  readonly responderPacket: Uint8Array;
  readonly initiatorTerminator: Uint8Array;
  readonly responderTerminator: Uint8Array;
  readonly sessionId: Uint8Array;
}

/** The keys for the shared `secret` (32 bytes) on the network of `magic`: another network's are others. */
export function deriveV2Keys(secret: Uint8Array, magic: Uint8Array): V2Keys {
  const root = hkdfExtract(concatBytes(SALT_PREFIX, magic), secret);
  const derive = (purpose: string) => hkdfExpand(root, new TextEncoder().encode(purpose), KEY_SIZE);
  const terminators = derive("garbage_terminators");
  return {
    initiatorLength: derive("initiator_L"),
    initiatorPacket: derive("initiator_P"),
    responderLength: derive("responder_L"),
    responderPacket: derive("responder_P"),
    initiatorTerminator: terminators.subarray(0, GARBAGE_TERMINATOR_SIZE),
    responderTerminator: terminators.subarray(GARBAGE_TERMINATOR_SIZE),
    sessionId: derive("session_id"),
  };
}

/** A packet that was what the other side sent. */
export interface OpenedPacket {
  /** A view of the buffer that was opened. */
  readonly contents: Uint8Array;
  /** To be ignored. */
  readonly isDecoy: boolean;
}

/** One side's packet encryption of BIP324. Packets are sealed and opened in the order in which they are sent. */
export class V2Cipher {
  readonly sessionId: Uint8Array;
  readonly sendTerminator: Uint8Array;
  readonly receiveTerminator: Uint8Array;
  readonly #sendLength: FSChaCha20;
  readonly #sendPacket: FSChaCha20Poly1305;
  readonly #receiveLength: FSChaCha20;
  readonly #receivePacket: FSChaCha20Poly1305;

  constructor(keys: V2Keys, isInitiator: boolean) {
    const initiator = { length: keys.initiatorLength, packet: keys.initiatorPacket, end: keys.initiatorTerminator };
    const responder = { length: keys.responderLength, packet: keys.responderPacket, end: keys.responderTerminator };
    const [ours, theirs] = isInitiator ? [initiator, responder] : [responder, initiator];
    this.sessionId = keys.sessionId;
    this.sendTerminator = ours.end;
    this.receiveTerminator = theirs.end;
    this.#sendLength = new FSChaCha20(ours.length);
    this.#sendPacket = new FSChaCha20Poly1305(ours.packet);
    this.#receiveLength = new FSChaCha20(theirs.length);
    this.#receivePacket = new FSChaCha20Poly1305(theirs.packet);
  }

  /** The next packet on the wire; its contents are `parts`, joined. Throws `RangeError` for more than 2^24 - 1 bytes. */
  seal(associated: Uint8Array, isDecoy: boolean, ...parts: readonly Uint8Array[]): Uint8Array {
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    if (size > CONTENTS_SIZE_MAX) throw new RangeError("a packet's contents have at most 2^24 - 1 bytes");
    const packet = new Uint8Array(PACKET_OVERHEAD + size);
    packet.set(this.#sendLength.crypt(Uint8Array.of(size, size >>> 8, size >>> 16)));
    packet[LENGTH_SIZE] = isDecoy ? DECOY_BIT : 0;
    let offset = LENGTH_SIZE + HEADER_SIZE;
    for (const part of parts) {
      packet.set(part, offset);
      offset += part.length;
    }
    this.#sendPacket.seal(associated, packet.subarray(LENGTH_SIZE));
    return packet;
  }

  /** The size of the next packet's contents, from its first {@link LENGTH_SIZE} bytes. Nothing vouches for it yet. */
  openLength(bytes: Uint8Array): number {
    const [low, middle, high] = this.#receiveLength.crypt(bytes);
    return low! | (middle! << 8) | (high! << 16);
  }

  /** Opens what follows the length, in place: `buffer` is the caller's own. `undefined` where it is not what was sent. */
  open(associated: Uint8Array, buffer: Uint8Array): OpenedPacket | undefined {
    if (!this.#receivePacket.open(associated, buffer)) return undefined;
    return {
      contents: buffer.subarray(HEADER_SIZE, buffer.length - AEAD_TAG_SIZE),
      isDecoy: (buffer[0]! & DECOY_BIT) !== 0,
    };
  }
}

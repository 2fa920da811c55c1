/** What the tests of the transports share: pipes between two ends, and a peer that does as it is told. */
import fc from "fast-check";
import { concatBytes, EMPTY_BYTES, fromHex } from "../bytes/bytes.ts";
import { ellSwiftEcdh, ellSwiftPublicKey, randomPrivateKey } from "../crypto/ellswift.ts";
import { seededBytes } from "../crypto/test-kit.ts";
import type { RawMessage, Transport } from "./transport.ts";
import { deriveV2Keys, GARBAGE_TERMINATOR_SIZE, V2Cipher } from "./v2-cipher.ts";
import { V2Transport, type V2TransportOptions } from "./v2-transport.ts";

export const MAGIC = fromHex("fabfb5da");
export const OTHER_MAGIC = fromHex("0a03cf40");

/** A source of randomness as a transport takes it. */
export const randomFrom = (seed: number) => ({ bytes: seededBytes(seed) });

export function v2Transport(initiating: boolean, seed: number, options: Partial<V2TransportOptions> = {}): V2Transport {
  return new V2Transport({ magic: MAGIC, initiating, random: randomFrom(seed), ...options });
}

/** Everything that there is to write, joined. */
export const outputOf = (transport: Transport) => concatBytes(...transport.takeOutput());

/** The messages that `bytes` complete, cut into pieces of the sizes in `cuts`, in turn; whole where there are none. */
export function received(transport: Transport, bytes: Uint8Array, cuts: readonly number[] = []): RawMessage[] {
  const messages: RawMessage[] = [];
  for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
    const size = cuts.length === 0 ? bytes.length : cuts[turn % cuts.length]!;
    transport.receive(bytes.slice(offset, offset + size), (message) => messages.push(message));
    offset += size;
  }
  return messages;
}

/** Carries bytes to and fro until both sides have no more, and answers what each received. */
export function exchange(
  a: Transport,
  b: Transport,
  cuts: readonly number[] = [],
): { a: RawMessage[]; b: RawMessage[] } {
  const messages: { a: RawMessage[]; b: RawMessage[] } = { a: [], b: [] };
  for (;;) {
    const [fromA, fromB] = [outputOf(a), outputOf(b)];
    if (fromA.length + fromB.length === 0) return messages;
    messages.b.push(...received(b, fromA, cuts));
    messages.a.push(...received(a, fromB, cuts));
  }
}

/** Two v2 ends whose handshake is done. */
export function connected(options: Partial<V2TransportOptions> = {}): [initiator: V2Transport, responder: V2Transport] {
  const ends: [V2Transport, V2Transport] = [v2Transport(true, 1, options), v2Transport(false, 2, options)];
  exchange(...ends);
  return ends;
}

/** Sizes of pieces, of which any number of bytes can be cut. */
export const cutSizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 });

/** The initiator's side of a v2 connection, step by step, for tests that want to do one of them wrongly. */
export class ScriptedInitiator {
  readonly publicKey: Uint8Array;
  readonly #privateKey: Uint8Array;
  #cipher: V2Cipher | undefined;

  constructor(seed = 77) {
    const random = seededBytes(seed);
    this.#privateKey = randomPrivateKey(random);
    this.publicKey = ellSwiftPublicKey(this.#privateKey, random);
  }

  get cipher(): V2Cipher {
    if (this.#cipher === undefined) throw new Error("no keys were exchanged");
    return this.#cipher;
  }

  /** Sends the key to `responder`, with garbage behind it, and reads the responder's key. */
  exchangeKeys(responder: Transport, garbage: Uint8Array = EMPTY_BYTES): void {
    received(responder, concatBytes(this.publicKey, garbage));
    const theirs = outputOf(responder).subarray(0, 64);
    this.#cipher = new V2Cipher(
      deriveV2Keys(ellSwiftEcdh(this.#privateKey, theirs, this.publicKey, true), MAGIC),
      true,
    );
  }

  /** The garbage terminator and a version packet, which authenticates `garbage`. */
  versionBytes(garbage: Uint8Array = EMPTY_BYTES, contents: Uint8Array = EMPTY_BYTES): Uint8Array {
    return concatBytes(this.cipher.sendTerminator, this.cipher.seal(garbage, false, contents));
  }

  /** A packet with these contents. */
  packet(...contents: readonly Uint8Array[]): Uint8Array {
    return this.cipher.seal(EMPTY_BYTES, false, ...contents);
  }

  /** A terminator that is wrong in one bit. */
  get wrongTerminator(): Uint8Array {
    const terminator = this.cipher.sendTerminator.slice();
    terminator[GARBAGE_TERMINATOR_SIZE - 2]! ^= 1;
    return terminator;
  }
}

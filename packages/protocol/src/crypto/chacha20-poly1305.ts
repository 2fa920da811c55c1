import { equalBytes } from "../bytes/bytes.ts";
import {
  CHACHA20_BLOCK_SIZE,
  CHACHA20_KEY_SIZE,
  CHACHA20_NONCE_SIZE,
  chaCha20Keystream,
  chaCha20Xor,
} from "./chacha20.ts";
import { POLY1305_TAG_SIZE, Poly1305 } from "./poly1305.ts";

/** What sealed bytes have more than plain ones. */
export const AEAD_TAG_SIZE: number = POLY1305_TAG_SIZE;

/** From this size, tag included, a host's implementation beats ours despite the cost of its call. */
export const HOST_AEAD_SIZE_MIN = 512;

/**
 * AEAD_CHACHA20_POLY1305 (RFC 8439, 2.8) in place, so that a megabyte is not copied for each step. `key` has 32 bytes,
 * `nonce` 12, never used twice with a key; `associated` is authenticated and not encrypted. `buffer` is the caller's own.
 */
export interface Aead {
  /** `buffer` holds plain bytes and room for the tag in its last {@link AEAD_TAG_SIZE}; afterwards it is sealed. */
  seal(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, buffer: Uint8Array): void;
  /**
   * `buffer` holds sealed bytes; afterwards plain ones and, in its last {@link AEAD_TAG_SIZE} bytes, nothing of use.
   * False where anything is not as it was sealed: then nothing in `buffer` may be used.
   */
  open(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, buffer: Uint8Array): boolean;
}

let hostAead: Aead | undefined;

/**
 * Lets the platform's AEAD take over for buffers of {@link HOST_AEAD_SIZE_MIN} bytes and more. It changes no answer, so it is
 * a setting of the thread and not a parameter of every caller; one that answers wrongly throws here. `undefined` takes it back.
 */
export function useHostAead(host: Aead | undefined): void {
  if (host !== undefined && !agreesWithPortable(host)) {
    throw new Error("the host's ChaCha20-Poly1305 gives wrong answers");
  }
  hostAead = host;
}

/** The fastest {@link Aead} for each size. */
export const chaCha20Poly1305: Aead = {
  seal: (key, nonce, associated, buffer) => aeadFor(buffer).seal(key, nonce, associated, buffer),
  open: (key, nonce, associated, buffer) => aeadFor(buffer).open(key, nonce, associated, buffer),
};

function aeadFor(buffer: Uint8Array): Aead {
  return buffer.length >= HOST_AEAD_SIZE_MIN ? (hostAead ?? portableChaCha20Poly1305) : portableChaCha20Poly1305;
}

/** In plain JavaScript: for small buffers, for engines that have no other, and to test others against. */
export const portableChaCha20Poly1305: Aead = {
  seal(key, nonce, associated, buffer) {
    const text = buffer.subarray(0, buffer.length - AEAD_TAG_SIZE);
    chaCha20Xor(key, nonce, 1, text);
    buffer.set(tagOf(key, nonce, associated, text), text.length);
  },
  open(key, nonce, associated, buffer) {
    if (buffer.length < AEAD_TAG_SIZE) return false;
    const text = buffer.subarray(0, buffer.length - AEAD_TAG_SIZE);
    if (!equalBytes(tagOf(key, nonce, associated, text), buffer.subarray(text.length))) return false;
    chaCha20Xor(key, nonce, 1, text);
    return true;
  },
};

function tagOf(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const sizes = new DataView(new ArrayBuffer(16));
  sizes.setBigUint64(0, BigInt(associated.length), true);
  sizes.setBigUint64(8, BigInt(ciphertext.length), true);
  return new Poly1305(chaCha20Keystream(key, 1, nonce))
    .updatePadded(associated)
    .updatePadded(ciphertext)
    .update(new Uint8Array(sizes.buffer))
    .finish();
}

function agreesWithPortable(host: Aead): boolean {
  const sample = (size: number) => Uint8Array.from({ length: size }, (_, index) => index * 7 + size);
  const [key, nonce, associated] = [sample(CHACHA20_KEY_SIZE), sample(CHACHA20_NONCE_SIZE), sample(20)];
  const plain = sample(10 * CHACHA20_BLOCK_SIZE + 5 + AEAD_TAG_SIZE);
  const [ours, theirs] = [plain.slice(), plain.slice()];
  portableChaCha20Poly1305.seal(key, nonce, associated, ours);
  host.seal(key, nonce, associated, theirs);
  if (!equalBytes(ours, theirs)) return false;
  const damaged = ours.slice();
  damaged[0]! ^= 1;
  return (
    !host.open(key, nonce, associated, damaged) &&
    host.open(key, nonce, associated, theirs) &&
    equalBytes(theirs.subarray(0, -AEAD_TAG_SIZE), plain.subarray(0, -AEAD_TAG_SIZE))
  );
}

import { EMPTY_BYTES } from "../bytes/bytes.ts";
import { CHACHA20_BLOCK_SIZE, CHACHA20_KEY_SIZE, CHACHA20_NONCE_SIZE, chaCha20Xor } from "./chacha20.ts";
import { AEAD_TAG_SIZE, chaCha20Poly1305 } from "./chacha20-poly1305.ts";

/** BIP324: after so many messages a key is replaced by one that does not lead back to it. */
export const REKEY_INTERVAL = 224;

/** What stands in a nonce where the number of the message within its interval would, for the rekeying itself. */
const REKEY_NONCE_INDEX = 0xffffffff;

/** Which message a cipher is at: its index within the interval, and how often the key was replaced. */
class MessageCounter {
  #index = 0;
  #rekeyings = 0;

  /** Four bytes of `index`, eight of the number of rekeyings, both little-endian. */
  nonce(index: number = this.#index): Uint8Array {
    const nonce = new Uint8Array(CHACHA20_NONCE_SIZE);
    const view = new DataView(nonce.buffer);
    view.setUint32(0, index, true);
    view.setBigUint64(4, BigInt(this.#rekeyings), true);
    return nonce;
  }

  get isLastOfInterval(): boolean {
    return this.#index === REKEY_INTERVAL - 1;
  }

  advance(): void {
    this.#index++;
    if (this.#index < REKEY_INTERVAL) return;
    this.#index = 0;
    this.#rekeyings++;
  }
}

/** BIP324's FSChaCha20: a stream cipher for one direction, whose chunks come in order. */
export class FSChaCha20 {
  readonly #key: Uint8Array;
  readonly #counter = new MessageCounter();
  readonly #keystream = new Uint8Array(CHACHA20_BLOCK_SIZE);
  #used = CHACHA20_BLOCK_SIZE;
  #nextBlock = 0;

  /** `key` has 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key.slice();
  }

  /** Encrypts or decrypts the next chunk, of any size. */
  crypt(chunk: Uint8Array): Uint8Array {
    const keystream = this.#take(chunk.length);
    for (let index = 0; index < chunk.length; index++) keystream[index]! ^= chunk[index]!;
    if (this.#counter.isLastOfInterval) {
      this.#key.set(this.#take(CHACHA20_KEY_SIZE));
      this.#nextBlock = 0;
      this.#used = CHACHA20_BLOCK_SIZE;
    }
    this.#counter.advance();
    return keystream;
  }

  #take(size: number): Uint8Array {
    const taken = new Uint8Array(size);
    for (let index = 0; index < size; index++) {
      if (this.#used === CHACHA20_BLOCK_SIZE) {
        this.#keystream.fill(0);
        chaCha20Xor(this.#key, this.#counter.nonce(0), this.#nextBlock++, this.#keystream);
        this.#used = 0;
      }
      taken[index] = this.#keystream[this.#used++]!;
    }
    return taken;
  }
}

/** BIP324's FSChaCha20Poly1305: an AEAD for one direction, whose messages come in order. In place, as `Aead` is. */
export class FSChaCha20Poly1305 {
  readonly #key: Uint8Array;
  readonly #counter = new MessageCounter();

  /** `key` has 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key.slice();
  }

  /** Seals the next message; the last 16 bytes of `buffer` are room for the tag. */
  seal(associated: Uint8Array, buffer: Uint8Array): void {
    chaCha20Poly1305.seal(this.#key, this.#counter.nonce(), associated, buffer);
    this.#advance();
  }

  /** Opens the next message; false where it is not what the other side sealed, after which nothing more can be opened. */
  open(associated: Uint8Array, buffer: Uint8Array): boolean {
    const isGenuine = chaCha20Poly1305.open(this.#key, this.#counter.nonce(), associated, buffer);
    this.#advance();
    return isGenuine;
  }

  #advance(): void {
    if (this.#counter.isLastOfInterval) {
      const sealed = new Uint8Array(CHACHA20_KEY_SIZE + AEAD_TAG_SIZE);
      chaCha20Poly1305.seal(this.#key, this.#counter.nonce(REKEY_NONCE_INDEX), EMPTY_BYTES, sealed);
      this.#key.set(sealed.subarray(0, CHACHA20_KEY_SIZE));
    }
    this.#counter.advance();
  }
}

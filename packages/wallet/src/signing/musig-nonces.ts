import { concatBytes, littleEndianFromBigInt, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { nonceGen } from "@scure/btc-signer/musig2.js";

/** Signatures that can be under way at once: beyond it the oldest is given up, and has to begin anew. */
export const MUSIG_SESSIONS_MAX = 10_000;

/** What a nonce is for: never for anything else. */
export interface MusigNoncePurpose {
  /** Compressed: the key by which the signature is going to be valid. */
  readonly signingKey: Uint8Array;
  /** Compressed: whose nonce it is. */
  readonly participant: Uint8Array;
  /** The hash that is going to be signed. */
  readonly message: Uint8Array;
}

/**
 * Secret nonces of signatures that several people are making together (BIP327), from when a public nonce is told until the
 * partial signature is made. Two partial signatures by one nonce give away the private key: so a nonce is in this memory
 * alone, is never written, cannot be had twice, and is gone after a restart; then all have to begin anew.
 */
export class MusigNonces {
  readonly #sessionsMax: number;
  readonly #randomBytes: (size: number) => Uint8Array;
  /** By {@link nameOf}, the oldest first. */
  readonly #secrets = new Map<string, Uint8Array>();
  #createdCount = 0n;

  constructor(
    deps: { readonly randomBytes: (size: number) => Uint8Array },
    { sessionsMax = MUSIG_SESSIONS_MAX }: { readonly sessionsMax?: number } = {},
  ) {
    this.#randomBytes = deps.randomBytes;
    this.#sessionsMax = sessionsMax;
  }

  /** Signatures that are under way. */
  get size(): number {
    return this.#secrets.size;
  }

  /** A new nonce: its public half (66 bytes). It is bound to all that is known of the signature, and to how many were made before. */
  create(purpose: MusigNoncePurpose, privateKey: Uint8Array): Uint8Array {
    const { participant, signingKey, message } = purpose;
    const count = littleEndianFromBigInt(this.#createdCount++, 8);
    const random = this.#randomBytes(32);
    const made = nonceGen(participant, privateKey, signingKey.subarray(1), message, count, random);
    random.fill(0);
    if (this.#secrets.size >= this.#sessionsMax) this.#forget(this.#secrets.keys().next().value!);
    this.#secrets.set(nameOf(purpose, made.public), made.secret);
    return made.public;
  }

  /** Whether the secret half of this public nonce, made for this purpose, is at hand. */
  has(purpose: MusigNoncePurpose, publicNonce: Uint8Array): boolean {
    return this.#secrets.has(nameOf(purpose, publicNonce));
  }

  /** The secret half, which is here no more: the caller uses it once and overwrites it. */
  take(purpose: MusigNoncePurpose, publicNonce: Uint8Array): Uint8Array | undefined {
    const name = nameOf(purpose, publicNonce);
    const secret = this.#secrets.get(name);
    this.#secrets.delete(name);
    return secret;
  }

  /** Gives up all signatures that are under way, and overwrites their nonces. */
  clear(): void {
    for (const name of this.#secrets.keys()) this.#forget(name);
  }

  #forget(name: string): void {
    this.#secrets.get(name)?.fill(0);
    this.#secrets.delete(name);
  }
}

const nameOf = ({ signingKey, participant, message }: MusigNoncePurpose, publicNonce: Uint8Array) =>
  toHex(concatBytes(signingKey, participant, message, publicNonce));

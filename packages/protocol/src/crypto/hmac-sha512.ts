import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";

/** HMAC with SHA-512, 64 bytes: what BIP32 derives keys by. */
export function hmacSha512(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac(sha512, key, bytes);
}

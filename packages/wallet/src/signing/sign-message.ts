import { concatBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { hash160, sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { recoverPublicKey, signRecoverable } from "@bitfleet/protocol/crypto/recoverable-signature.ts";
import { type AddressPrefixes, decodeAddress, type WifKey } from "@bitfleet/protocol/script/address.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { base64 } from "@scure/base";

/** Messages signed with the key of an address (`signmessage`), so that nobody can be made to sign a transaction thus. */

const MESSAGE_MAGIC = "Bitcoin Signed Message:\n";

/** First byte of a signature: this, plus which of four keys it is, plus 4 where the key is compressed. */
const HEADER_BASE = 27;
const HEADER_COMPRESSED = 4;
const SIGNATURE_SIZE = 65;

/** What is signed of a message. */
export function messageHash(message: string): Uint8Array {
  const writer = new Writer(64 + message.length);
  const encoder = new TextEncoder();
  writer.compactBytes(encoder.encode(MESSAGE_MAGIC)).compactBytes(encoder.encode(message));
  return sha256d(writer.toBytes());
}

/** The signature of a message, in base 64. */
export function signMessage(message: string, { privateKey, compressed }: WifKey): string {
  const { signature, recoveryId } = signRecoverable(messageHash(message), privateKey);
  const header = HEADER_BASE + recoveryId + (compressed ? HEADER_COMPRESSED : 0);
  return base64.encode(concatBytes(Uint8Array.of(header), signature));
}

export type MessageVerdict = "valid" | "not-signed" | "invalid-address" | "address-without-key" | "malformed-signature";

/** Whether the key of an address (P2PKH) signed a message. */
export function verifyMessage(
  address: string,
  signatureText: string,
  message: string,
  prefixes: AddressPrefixes,
): MessageVerdict {
  const decoded = decodeAddress(address, prefixes);
  if (!("script" in decoded)) return "invalid-address";
  const template = templateOf(decoded.script);
  if (template.type !== "pubkeyhash") return "address-without-key";
  const signature = decodeBase64(signatureText);
  if (signature === undefined) return "malformed-signature";
  const publicKey = signerOf(messageHash(message), signature);
  return publicKey && equalBytes(hash160(publicKey), template.hash) ? "valid" : "not-signed";
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return base64.decode(text);
  } catch {
    // The library tells other text by throwing.
    return undefined;
  }
}

/** The public key, in the form that the signature names, whose signature it is. */
function signerOf(hash: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== SIGNATURE_SIZE) return undefined;
  const header = signature[0]! - HEADER_BASE;
  const compressed = (header & HEADER_COMPRESSED) !== 0;
  return recoverPublicKey(hash, signature.subarray(1), header & 3, compressed);
}

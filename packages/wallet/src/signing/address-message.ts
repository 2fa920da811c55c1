import { concatBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { recoverPublicKey, signRecoverable } from "@bitfleet/protocol/crypto/recoverable-signature.ts";
import { payToWitnessPublicKeyHash, templateOf } from "@bitfleet/protocol/script/templates.ts";
import { base64 } from "@scure/base";
import { bytesOfBase64Text } from "./base64-text.ts";
import { messageHash } from "./sign-message.ts";

/**
 * Messages signed with the key of a segwit address, in the forms that were there before BIP322: a signature of 65 bytes, whose first one says which of the
 * possible keys signed and, after BIP137, for which kind of address. Nodes (`verifymessage`) know the oldest kind alone.
 */

/** Kinds of addresses that a key by itself has, as the first byte of a signature tells them. */
export type KeyAddressKind = "uncompressed" | "compressed" | "nested" | "segwit";

/** First byte: that of its kind, plus which of four keys it is. */
const FIRST_HEADERS: Readonly<Record<KeyAddressKind, number>> = {
  uncompressed: 27,
  compressed: 31,
  nested: 35,
  segwit: 39,
};
const KINDS = Object.keys(FIRST_HEADERS) as readonly KeyAddressKind[];
const KEYS_OF_KIND = 4;
const SIGNATURE_SIZE = 65;

/**
 * `legacy`: of the oldest kind of address, as nodes verify it. `bip137`: its first byte says the kind. `electrum`: of a segwit address with the first byte of the
 * oldest kind, as Electrum makes it, and Trezor where it is asked to.
 */
export type MessageForm = "legacy" | "bip137" | "electrum";

export type AddressMessageVerdict =
  | { readonly status: "valid" | "not-signed"; readonly form: MessageForm }
  /** By its first byte it is for addresses of another kind. */
  | { readonly status: "other-kind"; readonly signed: KeyAddressKind }
  /** Nothing of 65 bytes with such a first one. */
  | { readonly status: "none" };

/** What a signature (base 64) in one of these forms says of a message and the output script of an address. */
export function verifyAddressMessage(script: Uint8Array, signature: string, message: string): AddressMessageVerdict {
  const bytes = bytesOfBase64Text(signature);
  const header = bytes?.[0];
  const signed = KINDS.find((kind) => header !== undefined && isHeaderOf(kind, header));
  if (bytes?.length !== SIGNATURE_SIZE || header === undefined || signed === undefined) return { status: "none" };
  const form = formOf(signed, kindsOf(script));
  if (form === undefined) return { status: "other-kind", signed };
  const recoveryId = header - FIRST_HEADERS[signed];
  const publicKey = recoverPublicKey(messageHash(message), bytes.subarray(1), recoveryId, signed !== "uncompressed");
  return { status: publicKey !== undefined && isKeyOf(script, publicKey) ? "valid" : "not-signed", form };
}

/** The signature of a message after BIP137, in base 64, for a segwit address of a key (compressed, as all that such addresses have). */
export function signBip137(message: string, privateKey: Uint8Array, kind: "nested" | "segwit"): string {
  const { signature, recoveryId } = signRecoverable(messageHash(message), privateKey);
  return base64.encode(concatBytes(Uint8Array.of(FIRST_HEADERS[kind] + recoveryId), signature));
}

const isHeaderOf = (kind: KeyAddressKind, header: number) =>
  header >= FIRST_HEADERS[kind] && header < FIRST_HEADERS[kind] + KEYS_OF_KIND;

/** Which kinds of addresses a script may be: two of the oldest, which look alike. */
function kindsOf(script: Uint8Array): readonly KeyAddressKind[] {
  switch (templateOf(script).type) {
    case "pubkeyhash":
      return ["uncompressed", "compressed"];
    case "scripthash":
      return ["nested"];
    case "witness_v0_keyhash":
      return ["segwit"];
    default:
      return [];
  }
}

function formOf(signed: KeyAddressKind, kinds: readonly KeyAddressKind[]): MessageForm | undefined {
  if (kinds.includes(signed)) return kinds.length > 1 ? "legacy" : "bip137";
  return signed === "compressed" && kinds.length > 0 ? "electrum" : undefined;
}

function isKeyOf(script: Uint8Array, publicKey: Uint8Array): boolean {
  const template = templateOf(script);
  const hash = hash160(publicKey);
  if (template.type === "scripthash") return equalBytes(hash160(payToWitnessPublicKeyHash(hash)), template.hash);
  return "hash" in template && equalBytes(hash, template.hash);
}

import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { decodeAddress, type WifKey } from "@bitfleet/protocol/script/address.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import type { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import {
  type KeyAddressKind,
  type MessageForm,
  signBip137,
  verifyAddressMessage,
} from "@bitfleet/wallet/signing/address-message.ts";
import { signBip322 } from "@bitfleet/wallet/signing/bip322.ts";
import { BIP322_SIGNATURE_LENGTH_MAX, verifyBip322 } from "@bitfleet/wallet/signing/bip322-verify.ts";
import { signMessage as signLegacy } from "@bitfleet/wallet/signing/sign-message.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { MessageFormat } from "./account.ts";

/** Messages signed with an account's addresses, and those of others checked. */

/** Characters of a message. */
const MESSAGE_LENGTH_MAX = 100_000;
export interface MessageToSign {
  readonly address: string;
  readonly message: string;
  readonly format: MessageFormat;
}

/** Throws `Error` with a sentence. */
export function signedMessage(
  { address, message, format }: MessageToSign,
  custody: CustodyAccount,
  secrets: SigningMaterial,
): string {
  if (message.length > MESSAGE_LENGTH_MAX) throw new Error(`A message has at most ${MESSAGE_LENGTH_MAX} characters.`);
  const { prefixes, secp256k1 } = custody.context;
  const decoded = decodeAddress(address.trim(), prefixes);
  if ("error" in decoded) throw new Error("This is no address of the wallet's network.");
  const { script } = decoded;
  const material = custody.keychain.materialFor(script, { includePrivate: true }, secrets);
  if (material === undefined) throw new Error("This is no address of the account: choose one of its own to sign with.");
  try {
    if (format === "bip322") {
      const signature = signBip322({ message, script }, material, secp256k1);
      if (signature === undefined) throw new Error(NO_KEY);
      return signature;
    }
    const template = templateOf(script);
    if (format === "legacy" && template.type === "pubkeyhash")
      return signLegacy(message, keyOf(template.hash, material));
    if (format === "bip137" && template.type === "witness_v0_keyhash")
      return signBip137(message, keyOf(template.hash, material).privateKey, "segwit");
    const nested = template.type === "scripthash" ? material.scripts.get(toHex(template.hash)) : undefined;
    const inner = nested && templateOf(nested);
    if (format === "bip137" && inner?.type === "witness_v0_keyhash")
      return signBip137(message, keyOf(inner.hash, material).privateKey, "nested");
    throw new Error("Addresses of this kind do not sign in this form. Sign as BIP322 says, which any address can.");
  } finally {
    material.wipe();
  }
}

function keyOf(hash: Uint8Array, material: SigningMaterial): WifKey {
  const key = material.privateKeys.get(toHex(hash));
  if (key === undefined) throw new Error(NO_KEY);
  return key;
}

const NO_KEY = "The key of this address is not in this wallet.";

/** Of anybody's address. */
export function checkedMessage(
  address: string,
  message: string,
  signature: string,
  custody: CustodyAccount,
): { readonly isValid: boolean; readonly why: string } {
  const { prefixes, secp256k1 } = custody.context;
  const text = signature.replace(/\s+/gu, "");
  const decoded = decodeAddress(address.trim(), prefixes);
  if ("error" in decoded) return { isValid: false, why: "This is no address of the wallet's network." };
  if (text === "") return { isValid: false, why: "Enter the signature." };
  if (message.length > MESSAGE_LENGTH_MAX || text.length > BIP322_SIGNATURE_LENGTH_MAX)
    return { isValid: false, why: "The message or the signature is longer than any that is made." };
  const older = verifyAddressMessage(decoded.script, text, message);
  if (older.status === "valid") return { isValid: true, why: `${SIGNED}, ${FORMS[older.form]}.` };
  if (older.status === "not-signed") return { isValid: false, why: `${NOT_SIGNED} (Read ${FORMS[older.form]}.)` };
  if (older.status === "other-kind") return { isValid: false, why: otherKind(older.signed) };
  const verdict = verifyBip322({ message, script: decoded.script, signature: text }, secp256k1);
  switch (verdict.status) {
    case "valid":
      return {
        isValid: true,
        why:
          verdict.lockTime === 0 && verdict.sequence === 0
            ? `${SIGNED}, as BIP322 has it.`
            : `${SIGNED}, as BIP322 has it; its coins can be spent only after some time.`,
      };
    case "inconclusive":
      return { isValid: false, why: `The signature cannot be judged: ${verdict.reason}` };
    case "invalid":
      return {
        isValid: false,
        why: `${NOT_SIGNED} (${verdict.reason})`,
      };
  }
}

const SIGNED = "The owner of this address signed this message";
const NOT_SIGNED = "This address did not sign this message, or the message was changed.";

/** How a signature was read that was made before BIP322. */
const FORMS: Readonly<Record<MessageForm, string>> = {
  legacy: "in the old form, which nodes verify too",
  bip137: "as BIP137 has it",
  electrum: "as Electrum and Trezor sign for segwit addresses",
};

const KINDS: Readonly<Record<KeyAddressKind, string>> = {
  uncompressed: "an address of the oldest kind, of an uncompressed key",
  compressed: "an address of a key by itself",
  nested: "a segwit address in the older form (P2SH)",
  segwit: "a segwit address (P2WPKH)",
};

const otherKind = (signed: KeyAddressKind) =>
  `By its first byte this signature is for ${KINDS[signed]}, which this address is not. Check that it is the address that signed; one of taproot or of several keys signs as BIP322 has it.`;

import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import type { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { signBip322 } from "@bitfleet/wallet/signing/bip322.ts";
import { BIP322_SIGNATURE_LENGTH_MAX, verifyBip322 } from "@bitfleet/wallet/signing/bip322-verify.ts";
import { signMessage as signLegacy, verifyMessage as verifyLegacy } from "@bitfleet/wallet/signing/sign-message.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";

/** Messages signed with an account's addresses, and those of others checked. */

/** Characters of a message. */
const MESSAGE_LENGTH_MAX = 100_000;
/** Of a legacy signature in base 64. */
const LEGACY_LENGTH = 88;

export interface MessageToSign {
  readonly address: string;
  readonly message: string;
  readonly format: "bip322" | "legacy";
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
    if (template.type !== "pubkeyhash")
      throw new Error(
        "Only addresses of the oldest kind sign in the old form. Sign as BIP322 says, which any address can.",
      );
    const key = material.privateKeys.get(toHex(template.hash));
    if (key === undefined) throw new Error(NO_KEY);
    return signLegacy(message, key);
  } finally {
    material.wipe();
  }
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
  if (text.length === LEGACY_LENGTH && templateOf(decoded.script).type === "pubkeyhash") {
    const verdict = verifyLegacy(address.trim(), text, message, prefixes);
    return verdict === "valid"
      ? { isValid: true, why: "The owner of this address signed this message." }
      : { isValid: false, why: "This address did not sign this message, or the message was changed." };
  }
  const verdict = verifyBip322({ message, script: decoded.script, signature: text }, secp256k1);
  switch (verdict.status) {
    case "valid":
      return {
        isValid: true,
        why:
          verdict.lockTime === 0 && verdict.sequence === 0
            ? "The owner of this address signed this message."
            : "The owner of this address signed this message; its coins can be spent only after some time.",
      };
    case "inconclusive":
      return { isValid: false, why: `The signature cannot be judged: ${verdict.reason}` };
    case "invalid":
      return {
        isValid: false,
        why: `This address did not sign this message, or the message was changed. (${verdict.reason})`,
      };
  }
}

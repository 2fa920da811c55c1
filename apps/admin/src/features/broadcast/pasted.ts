import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { PACKAGE_COUNT_MAX } from "@bitfleet/protocol/policy/packages.ts";

/** What somebody pasted, told apart. */
export type Pasted =
  | { readonly kind: "nothing" }
  | { readonly kind: "transaction"; readonly hex: string }
  /** Several transactions, in the order in which they stand. */
  | { readonly kind: "package"; readonly transactions: readonly string[] }
  /** In base 64; several are taken for parts of one transaction. */
  | { readonly kind: "psbt"; readonly psbts: readonly string[] }
  | { readonly kind: "unknown"; readonly problem: "odd" | "characters" | "many" | "mixed" };

/** `psbt` and a byte that no transaction begins with (BIP174). */
const PSBT_MAGIC = [0x70, 0x73, 0x62, 0x74, 0xff] as const;
const PSBT_MAGIC_HEX = "70736274ff";
const PSBT_MAGIC_BASE64 = "cHNidP8";
/** Of one transaction, at once. */
const PSBTS_MAX = 16;

/**
 * Reads a transaction in hex, or a PSBT in hex or base 64; blanks and line ends within are passed over. Several transactions, or PSBTs
 * of one transaction, stand one on a line, or in a list as JSON has it.
 */
export function readPasted(text: string): Pasted {
  const parts = partsOf(text);
  const packed = parts.join("");
  if (packed === "") return { kind: "nothing" };
  const psbts = parts.map(psbtOf).filter((psbt) => psbt !== undefined);
  if (psbts.length > 1 && psbts.length === parts.length) return severalPsbts(psbts);
  // Blanks may break one PSBT up as well.
  const psbt = psbts.length > 1 ? undefined : psbtOf(packed);
  if (psbt !== undefined) return { kind: "psbt", psbts: [psbt] };
  if (psbts.length > 0) return { kind: "unknown", problem: "mixed" };
  if (!/^[0-9a-fA-F]+$/.test(packed)) return { kind: "unknown", problem: "characters" };
  const several = parts.length > 1 ? severalTransactions(parts) : undefined;
  if (several !== undefined) return several;
  if (packed.length % 2 === 1) return { kind: "unknown", problem: "odd" };
  return { kind: "transaction", hex: packed.toLowerCase() };
}

/** What blanks, line ends, commas and the signs of a JSON list part. */
function partsOf(text: string): readonly string[] {
  const trimmed = text.trim();
  const inner =
    trimmed.startsWith("[") && trimmed.endsWith("]") ? trimmed.slice(1, -1).replace(/["',]/g, " ") : trimmed;
  return inner.split(/[\s,]+/).filter((part) => part !== "");
}

function psbtOf(part: string): string | undefined {
  if (part.startsWith(PSBT_MAGIC_BASE64) && /^[A-Za-z0-9+/]+={0,2}$/.test(part)) return part;
  const hex = part.toLowerCase();
  const isHex = hex.startsWith(PSBT_MAGIC_HEX) && hex.length % 2 === 0 && /^[0-9a-f]+$/.test(hex);
  return isHex ? base64Of(fromHex(hex)) : undefined;
}

function severalPsbts(psbts: readonly string[]): Pasted {
  return psbts.length > PSBTS_MAX ? { kind: "unknown", problem: "many" } : { kind: "psbt", psbts };
}

/** How a transaction of version 0 to 3 begins: what is relayed has no others, and lines of one that was wrapped begin otherwise. */
const TRANSACTION_BEGIN = /^0[0-3]000000/;

/** `undefined` where the parts are the lines of one. */
function severalTransactions(parts: readonly string[]): Pasted | undefined {
  if (!parts.every((part) => TRANSACTION_BEGIN.test(part) && part.length % 2 === 0)) return undefined;
  const transactions = [...new Set(parts.map((part) => part.toLowerCase()))];
  if (transactions.length === 1) return { kind: "transaction", hex: transactions[0]! };
  if (transactions.length > PACKAGE_COUNT_MAX) return { kind: "unknown", problem: "many" };
  return { kind: "package", transactions };
}

/** A file's content as it could have been pasted: wallets write PSBTs as bytes too. */
export function textOfFile(bytes: Uint8Array): string {
  const isPsbt = PSBT_MAGIC.every((byte, index) => bytes[index] === byte);
  return isPsbt ? base64Of(bytes) : new TextDecoder().decode(bytes);
}

function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

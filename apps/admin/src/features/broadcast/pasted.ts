/** What somebody pasted, told apart. */
export type Pasted =
  | { readonly kind: "nothing" }
  | { readonly kind: "transaction"; readonly hex: string }
  /** In base 64. */
  | { readonly kind: "psbt"; readonly psbt: string }
  | { readonly kind: "unknown"; readonly problem: "odd" | "characters" };

/** `psbt` and a byte that no transaction begins with (BIP174). */
const PSBT_MAGIC = [0x70, 0x73, 0x62, 0x74, 0xff] as const;
const PSBT_MAGIC_HEX = "70736274ff";
const PSBT_MAGIC_BASE64 = "cHNidP8";

/** Reads a transaction in hex, or a PSBT in hex or base 64; blanks and line ends between are passed over. */
export function readPasted(text: string): Pasted {
  const packed = text.replace(/\s+/g, "");
  if (packed === "") return { kind: "nothing" };
  if (packed.startsWith(PSBT_MAGIC_BASE64) && /^[A-Za-z0-9+/]+={0,2}$/.test(packed))
    return { kind: "psbt", psbt: packed };
  if (!/^[0-9a-fA-F]+$/.test(packed)) return { kind: "unknown", problem: "characters" };
  if (packed.length % 2 === 1) return { kind: "unknown", problem: "odd" };
  const hex = packed.toLowerCase();
  if (hex.startsWith(PSBT_MAGIC_HEX)) return { kind: "psbt", psbt: base64Of(bytesOf(hex)) };
  return { kind: "transaction", hex };
}

/** A file's content as it could have been pasted: wallets write PSBTs as bytes too. */
export function textOfFile(bytes: Uint8Array): string {
  const isPsbt = PSBT_MAGIC.every((byte, index) => bytes[index] === byte);
  return isPsbt ? base64Of(bytes) : new TextDecoder().decode(bytes);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}

function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

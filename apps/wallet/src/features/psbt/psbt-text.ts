/** Bytes of a PSBT that is opened: the largest standard transaction with all that its signers want to know of the coins. */
export const PSBT_BYTES_MAX = 4_000_000;

/** BIP174: "psbt" and 0xff. */
const MAGIC = [0x70, 0x73, 0x62, 0x74, 0xff] as const;

/** What a file has: a PSBT's bytes as they are, or its base64 as text. */
export function psbtOfFile(bytes: Uint8Array): Uint8Array | string {
  return MAGIC.every((byte, index) => bytes[index] === byte) ? bytes : new TextDecoder().decode(bytes).trim();
}

/** Base64 as it is pasted, which mail programs break into lines. */
export function pastedPsbt(text: string): string {
  return text.replace(/\s+/g, "");
}

/** The bytes that a PSBT in base64 stands for, as files have them. */
export function bytesOfPsbt(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

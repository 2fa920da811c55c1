import { isPsbt, psbtOfText } from "../../money/psbt-of-text.ts";

/** Bytes of a PSBT that is opened: the largest standard transaction with all that its signers want to know of the coins. */
export const PSBT_BYTES_MAX = 4_000_000;

/** What a file has: a PSBT's bytes as they are, or a text. */
export function psbtOfFile(bytes: Uint8Array): Uint8Array | string {
  return isPsbt(bytes) ? bytes : pastedPsbt(new TextDecoder().decode(bytes));
}

/** Base64 or hex as it is pasted, which mail programs break into lines. */
export function pastedPsbt(text: string): string {
  return psbtOfText(text.replace(/\s+/g, ""));
}

/** The bytes that a PSBT in base64 stands for, as files have them. */
export function bytesOfPsbt(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

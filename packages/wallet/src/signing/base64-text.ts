import { base64 } from "@scure/base";

/** The bytes of text in base 64, also of one that was handed on without the signs at its end; `undefined` where it is none. */
export function bytesOfBase64Text(text: string): Uint8Array | undefined {
  try {
    return base64.decode(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
  } catch {
    // The library tells other text by throwing.
    return undefined;
  }
}

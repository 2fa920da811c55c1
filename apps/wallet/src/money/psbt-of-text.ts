import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { toBase64 } from "@bitfleet/vault/base64.ts";
import { psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { psbtOfTransaction } from "@bitfleet/wallet/psbt/of-transaction.ts";

/** BIP174: "psbt" and 0xff. */
const MAGIC = [0x70, 0x73, 0x62, 0x74, 0xff] as const;

/** Whether bytes begin as a PSBT does. */
export const isPsbt = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte);

/**
 * The base64 of what signers hand back, without spaces: of a PSBT in hex, or of a signed transaction in hex, as some show what is complete. Any other text is
 * left as it is: who opens it finds out what it is.
 */
export function psbtOfText(text: string): string {
  const bytes = tryFromHex(text.toLowerCase());
  if (bytes === undefined || bytes.length === 0) return text;
  if (isPsbt(bytes)) return toBase64(bytes);
  const psbt = psbtOfTransaction(bytes);
  return psbt === undefined ? text : psbtToBase64(psbt);
}

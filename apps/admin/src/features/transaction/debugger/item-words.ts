import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { debuggerTexts } from "./texts.ts";

const texts = debuggerTexts.items;

/** Bytes of a number in a script (BIP62); longer items are no numbers. */
const NUMBER_SIZE_MAX = 4;

/** What an item of the stack may be, for who reads it. */
export function itemMeaning(hex: string): string {
  const size = hex.length / 2;
  if (size === 0) return texts.empty;
  if (size <= NUMBER_SIZE_MAX) return texts.number(numberOf(hex));
  if (/^0[23]/.test(hex) && size === 33) return texts.publicKey;
  if (/^04/.test(hex) && size === 65) return texts.publicKey;
  if (/^30/.test(hex) && size >= 67 && size <= 73) return texts.ecdsa(size);
  if (size === 64 || size === 65) return texts.schnorr(size);
  if (size === 32) return texts.bytes32;
  if (size === 20) return texts.hash160;
  const text = printable(hex);
  return text === undefined ? texts.bytes(size) : `${texts.bytes(size)} · “${text}”`;
}

/** Smallest byte first, the sign in the highest bit. */
function numberOf(hex: string): number {
  const bytes = fromHex(hex);
  let value = 0;
  for (const [index, byte] of bytes.entries()) {
    value += (index === bytes.length - 1 ? byte & 0x7f : byte) * 0x100 ** index;
  }
  return (bytes.at(-1)! & 0x80) === 0 ? value : value === 0 ? 0 : -value;
}

function printable(hex: string): string | undefined {
  const bytes = fromHex(hex);
  if (!bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return undefined;
  return String.fromCharCode(...bytes.subarray(0, 80));
}

import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { crc32 } from "./crc32.ts";

/**
 * Bytewords (BCR-2020-012) in their shortest form: of each byte's word the first and the last letter. What is written so ends with a checksum of
 * four bytes.
 */

/** The letters of all words, from that of 0 on. */
const LETTERS =
  "aeadaoaxaaahamatayasbkbdbnbtbabsbebybgbwbbbzcmchcscfcycwcecackctcxclcpcndkdadsdidedtdrdndwdpdmdldyeheyeoeeecenemetesftfrfnfsfmfh" +
  "fzfpfwfxfyfefgflfdgagegrgsgtglgwgdgygmgughgohfhghdhkhthphhhlhyhehnhsidiaieihiyioisinimjejzjnjtjljojsjpjkjykpkoktkskkknkgkekikblb" +
  "lalylflslrlplnltloldlelulklgmnmymhmemomumwmdmtmsmknlnyndnsntnnnenboyoeotoxonolospdptpkpypspmplpepfpaprqdqzrerprlrorhrdrkrfryrnrs" +
  "rtsesasrssskswstspsosgsbsfsntotktitttdtetytltbtstptatnuyuoutueurvtvyvovlvevwvavdvswlwdwmwpwewywswtwnwzwfwkykynylyaytzszoztzczezm";

const PAIR = 2;
const BYTES: ReadonlyMap<string, number> = new Map(
  Array.from({ length: LETTERS.length / PAIR }, (_, byte) => [LETTERS.slice(byte * PAIR, (byte + 1) * PAIR), byte]),
);
const CHECKSUM_SIZE = 4;

/** Bytes with their checksum, in small letters. */
export function encodeBytewords(bytes: Uint8Array): string {
  let text = "";
  for (const byte of concatBytes(bytes, checksumOf(bytes))) text += LETTERS.slice(byte * PAIR, (byte + 1) * PAIR);
  return text;
}

/** What was written, in letters of any case, without the checksum; `undefined` where that is wrong, or the letters are of no word. */
export function decodeBytewords(text: string): Uint8Array | undefined {
  if (text.length % PAIR !== 0 || text.length < CHECKSUM_SIZE * PAIR) return undefined;
  const lower = text.toLowerCase();
  const bytes = new Uint8Array(text.length / PAIR);
  for (let at = 0; at < bytes.length; at++) {
    const byte = BYTES.get(lower.slice(at * PAIR, (at + 1) * PAIR));
    if (byte === undefined) return undefined;
    bytes[at] = byte;
  }
  const content = bytes.subarray(0, -CHECKSUM_SIZE);
  return checksumOf(content).every((byte, place) => byte === bytes[content.length + place]) ? content : undefined;
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  const checksum = new Uint8Array(CHECKSUM_SIZE);
  new DataView(checksum.buffer).setUint32(0, crc32(bytes));
  return checksum;
}

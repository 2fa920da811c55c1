import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { PARTS_MAX, WHOLE_BYTES_MAX } from "./limits.ts";

/** BBQr (github.com/coinkite/BBQr): a file as capitals and digits, as it is or packed, in numbered parts, all of which are needed. */

export interface BbqrPart {
  readonly encoding: "hex" | "base32" | "packed";
  /** A letter: P for a PSBT, T for a transaction, J for JSON, U for text, and others. */
  readonly type: string;
  readonly count: number;
  /** From 0 on. */
  readonly index: number;
  readonly data: Uint8Array;
}

const FORM = /^B\$([H2Z])([A-Z])([0-9A-Z]{2})([0-9A-Z]{2})([0-9A-Z]*)$/u;
const ENCODINGS: Readonly<Record<string, BbqrPart["encoding"]>> = { H: "hex", 2: "base32", Z: "packed" };
const PART_NUMBER_BASE = 36;

/** Whether a text is meant as one of these. */
export const isBbqr = (text: string): boolean => /^B\$[0-9A-Z]{6}/u.test(text);

/** Reads a code; `undefined` where it is damaged. */
export function readBbqr(text: string): BbqrPart | undefined {
  const [, encodingCode = "", type = "", countText = "", indexText = "", letters = ""] = FORM.exec(text) ?? [];
  const encoding = ENCODINGS[encodingCode];
  if (encoding === undefined) return undefined;
  const [count, index] = [Number.parseInt(countText, PART_NUMBER_BASE), Number.parseInt(indexText, PART_NUMBER_BASE)];
  const data = encoding === "hex" ? bytesOfHex(letters) : bytesOfBase32(letters);
  return data === undefined || index >= count ? undefined : { encoding, type, count, index, data };
}

/** What the parts of one file have in common; a part has no checksum. */
export const bbqrKey = ({ encoding, type, count }: BbqrPart): string => `${encoding} ${type} ${count}`;

/**
 * Splits a file into parts of `sizeMax` bytes at most, each but the last of the same length; as base32, which every reader takes. Packed they would be shorter, but
 * browsers pack with more memory than readers must have.
 */
export function bbqrParts(type: string, bytes: Uint8Array, sizeMax: number): string[] {
  // Of letters of five bits: each part but the last ends with a whole one.
  const size = Math.max(5, sizeMax - (sizeMax % 5));
  const count = Math.max(1, Math.ceil(bytes.length / size));
  if (count > PARTS_MAX) throw new RangeError(`${bytes.length} bytes do not fit into ${PARTS_MAX} parts of ${size}`);
  const even = Math.ceil(bytes.length / count / 5) * 5;
  const evenCount = Math.max(1, Math.ceil(bytes.length / even));
  return Array.from({ length: evenCount }, (_, index) => {
    const head = `B$2${type}${numberText(evenCount)}${numberText(index)}`;
    return head + base32Of(bytes.subarray(index * even, (index + 1) * even));
  });
}

const numberText = (value: number) => value.toString(PART_NUMBER_BASE).toUpperCase().padStart(2, "0");

function bytesOfHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9A-F]{2})*$/u.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16));
}

/** RFC 4648, without padding. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32Of(bytes: Uint8Array): string {
  let text = "";
  let [rest, restBits] = [0, 0];
  for (const byte of bytes) {
    rest = ((rest << 8) | byte) & 0xfff;
    restBits += 8;
    for (; restBits >= 5; restBits -= 5) text += LETTERS[(rest >> (restBits - 5)) & 31];
  }
  return restBits > 0 ? text + LETTERS[(rest << (5 - restBits)) & 31] : text;
}

/** `undefined` where a letter is none, or the bits of the last one do not make a byte. */
function bytesOfBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let [rest, restBits, at] = [0, 0, 0];
  for (const letter of text) {
    const value = LETTERS.indexOf(letter);
    if (value < 0) return undefined;
    rest = ((rest << 5) | value) & 0xfff;
    restBits += 5;
    if (restBits < 8) continue;
    restBits -= 8;
    bytes[at++] = rest >> restBits;
  }
  return restBits < 5 && (rest & ((1 << restBits) - 1)) === 0 ? bytes : undefined;
}

/** Bytes that are unpacked in one go: a browser unpacks all that it is given before anybody can stop it, and these to a megabyte at most. */
const PIECE_SIZE = 1_024;

function inPieces(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at + PIECE_SIZE));
      at += PIECE_SIZE;
      if (at >= bytes.length) controller.close();
    },
  });
}

/** Unpacks raw deflate (RFC 1951), which has no checksum, up to the limit. Answers "too-many" beyond it, and `undefined` where the bytes are none. */
export async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | "too-many" | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const stream = inPieces(bytes).pipeThrough(new DecompressionStream("deflate-raw"));
    const reader = stream.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.length;
      if (size > WHOLE_BYTES_MAX) {
        // Whatever else it would be unpacked to is not waited for.
        void reader.cancel().catch(() => {});
        return "too-many";
      }
      chunks.push(read.value);
    }
  } catch {
    return undefined;
  }
  return concatBytes(...chunks);
}

import { bbqrParts } from "./bbqr.ts";
import { encodeCborBytes } from "./cbor.ts";
import { PARTS_MAX } from "./limits.ts";
import { urParts } from "./ur.ts";

/** A message as codes that are shown one after the other, again and again. */
export interface ShownParts {
  /** Enough for who misses none. */
  readonly count: number;
  /** Of the last one before the first comes again: UR goes on with parts that are mixed of the others. */
  readonly lastNumber: number;
  /** From 1 on. */
  part(number: number): string;
}

/** Characters of BBQr's head; of UR's with all that a part says of itself, at most. */
const BBQR_HEAD_LENGTH = 8;
const UR_HEAD_LENGTH = 80;
/** UR's mixed parts, so many times as many as plain ones. */
const MIXED_TIMES = 9;

/** A PSBT's bytes as codes of about so many characters; `undefined` where that would be more of them than are read. */
export function psbtParts(form: "ur" | "bbqr", psbt: Uint8Array, lengthMax: number): ShownParts | undefined {
  if (form === "ur") {
    // Devices know this name; the newer one, `psbt`, is known by some.
    const parts = urParts("crypto-psbt", encodeCborBytes(psbt), Math.floor((lengthMax - UR_HEAD_LENGTH) / 2));
    if (parts.count > PARTS_MAX) return undefined;
    return { ...parts, lastNumber: parts.count === 1 ? 1 : parts.count * (1 + MIXED_TIMES) };
  }
  const size = Math.floor(((lengthMax - BBQR_HEAD_LENGTH) * 5) / 8);
  if (psbt.length > PARTS_MAX * (size - (size % 5))) return undefined;
  const parts = bbqrParts("P", psbt, size);
  return { count: parts.length, lastNumber: parts.length, part: (number) => parts[number - 1]! };
}

import { formatBytes } from "@bitfleet/ui/format.ts";
import { DecoderStuck } from "./decoder.ts";
import { OPENED_PIXELS_MAX, PICTURE_BYTES_MAX, PictureError } from "./pixels.ts";
import { LongTextError, TEXT_BYTES_MAX } from "./read-file.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.picture;

/** There is nothing on a picture that could be read. */
export class NoCodeError extends Error {}

/** Why a picture, or a file of text, was not looked at, and what to do about it, in a sentence. */
export function problemOf(error: unknown): string {
  if (error instanceof NoCodeError) return texts.noCode;
  if (error instanceof LongTextError) return texts.textTooLarge(formatBytes(TEXT_BYTES_MAX));
  if (error instanceof DecoderStuck) return texts.endless;
  if (!(error instanceof PictureError)) return texts.failed;
  if (error.kind === "too-large") return texts.tooLarge(formatBytes(PICTURE_BYTES_MAX));
  return error.kind === "too-many-pixels" ? texts.tooManyPixels(OPENED_PIXELS_MAX / 1_000_000) : texts.unreadable;
}

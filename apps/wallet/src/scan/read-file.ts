import { kindOf } from "./code-kind.ts";
import type { CodeContent } from "./read-code.ts";
import { type PictureReading, readPicture } from "./read-picture.ts";

/** Bytes of a file of text: what devices export has some thousand. */
export const TEXT_BYTES_MAX = 1024 * 1024;

/** A file of text has more than that. */
export class LongTextError extends Error {}

/**
 * The codes of a file: of a picture the one that is found on it; of a text each of its lines where they are parts of codes, and otherwise all of it, as if a code held
 * it. Empty where there is none. Rejects as `readPicture` does.
 */
export async function readFile(file: Blob, reading: PictureReading, signal: AbortSignal): Promise<CodeContent[]> {
  if (!isText(file)) {
    const content = await readPicture(file, reading, signal);
    return content === undefined ? [] : [content];
  }
  if (file.size > TEXT_BYTES_MAX) throw new LongTextError();
  const text = await file.text();
  signal.throwIfAborted();
  const lines = text.split(/\r?\n/u).filter((line) => line.trim() !== "");
  const isOfParts = lines.every((line) => kindOf({ kind: "text", text: line }) === "part");
  return (isOfParts ? lines : [text]).map((one) => ({ kind: "text", text: one }));
}

function isText(file: Blob): boolean {
  const name = file instanceof File ? file.name : "";
  return /^(?:text\/|application\/json)/u.test(file.type) || /\.(?:json|txt)$/iu.test(name);
}

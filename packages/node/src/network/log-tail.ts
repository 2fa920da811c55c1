import { closeSync, openSync, readSync, statSync } from "node:fs";

/** Of a log no more than its end is read. */
const TAIL_BYTES_MAX = 16_384;

/** Size of a file in bytes; 0 where there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * The last `count` lines that were written to the file after its first `from` bytes, without empty ones, of its last `bytesMax`. None where
 * there is no file.
 */
export function lastLines(path: string, count: number, from = 0, bytesMax = TAIL_BYTES_MAX): readonly string[] {
  const size = sizeOf(path);
  // A file that has been shortened since holds nothing but what is new to us.
  const start = Math.max(size < from ? 0 : from, size - bytesMax);
  if (size <= start) return [];
  const bytes = Buffer.alloc(size - start);
  const fd = openSync(path, "r");
  try {
    readSync(fd, bytes, 0, bytes.length, start);
  } finally {
    closeSync(fd);
  }
  const lines = bytes.toString("utf8").split("\n");
  return lines.filter((line) => line !== "").slice(-count);
}

import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { LogPart } from "../server/network-control.ts";

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
  const lines = bytesOf(path, start, size).toString("utf8").split("\n");
  return lines.filter((line) => line !== "").slice(-count);
}

/**
 * Of what was written behind byte `after`, or of all, the last `count` whole lines, of the last `bytesMax` bytes; a line that is being
 * written is left to the next time. Nothing where there is no file.
 */
export function logPart(path: string, { count, after, bytesMax }: LogRange): LogPart {
  const size = sizeOf(path);
  // A file that has been shortened since holds nothing but what is new to us.
  const isAnew = after !== undefined && size < after;
  const wantedStart = after === undefined || isAnew ? 0 : after;
  const start = Math.max(wantedStart, size - bytesMax);
  const bytes = bytesOf(path, start, size);
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  const whole = bytes.subarray(0, end).toString("utf8").split("\n");
  // What stands before the first line's end may be a part of one.
  if (start > wantedStart) whole.shift();
  const lines = whole.filter((line) => line !== "");
  const isCut = isAnew || (after !== undefined && (start > wantedStart || lines.length > count));
  return { lines: lines.slice(-count), end: start + end, isCut };
}

const NEWLINE = 10;

interface LogRange {
  readonly count: number;
  readonly after: number | undefined;
  readonly bytesMax: number;
}

function bytesOf(path: string, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - start);
  if (bytes.length === 0) return bytes;
  const fd = openSync(path, "r");
  try {
    readSync(fd, bytes, 0, bytes.length, start);
  } finally {
    closeSync(fd);
  }
  return bytes;
}

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TimeChange } from "../server/network-control.ts";

/** The time that all nodes of a network are told, where it is not the real one. Nodes that start again keep to it. */

const FILE_NAME = "mock-time.json";
/** The last second that a header can say. */
const TIME_MAX = 0xffff_ffff;

/** In seconds since 1970; `undefined` where the time is real. Throws `Error` where the file cannot be read. */
export function readMockTime(folder: string): number | undefined {
  const file = join(folder, FILE_NAME);
  if (!existsSync(file)) return undefined;
  try {
    return requireTime((JSON.parse(readFileSync(file, "utf8")) as { readonly seconds: number }).seconds);
  } catch {
    throw new Error(`${file} cannot be read; remove it, and run "bitfleet time reset".`);
  }
}

export function writeMockTime(folder: string, seconds: number | undefined): void {
  const file = join(folder, FILE_NAME);
  if (seconds === undefined) {
    rmSync(file, { force: true });
    return;
  }
  writeFileSync(`${file}.new`, `${JSON.stringify({ seconds })}\n`);
  renameSync(`${file}.new`, file);
}

/** Options of a node that starts in the network of `folder`. */
export function mockTimeArguments(folder: string): readonly string[] {
  const seconds = readMockTime(folder);
  return seconds === undefined ? [] : [`-mocktime=${seconds}`];
}

/** What a change of time leads to: `undefined` is real time again. Throws `RangeError` where that is no time a header can say. */
export function changedTime(
  change: TimeChange,
  now: { readonly mockSeconds: number | undefined; readonly realSeconds: number },
): number | undefined {
  if (change === "real") return undefined;
  if ("seconds" in change) return requireTime(change.seconds);
  return requireTime((now.mockSeconds ?? now.realSeconds) + change.offsetSeconds);
}

function requireTime(seconds: number): number {
  if (!Number.isSafeInteger(seconds) || seconds < 1 || seconds > TIME_MAX)
    throw new RangeError(`A time from 1 to ${TIME_MAX}, in seconds since 1970, is expected, not ${seconds}.`);
  return seconds;
}

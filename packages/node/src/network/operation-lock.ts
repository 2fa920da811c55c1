import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NetworkFault } from "../server/network-control.ts";
import { isAlive } from "./running-network.ts";

/** One change of a network at a time, whichever processes ask for it: a file in the network's folder names who is at it. */

const LOCK_FILE = "operation.lock";
/** How long others are waited for. */
export const LOCK_WAIT_MS = 15_000;
const POLL_MS = 15;
/** Nothing takes so long: the number of a process that ended is another's by now. */
const HELD_MS_MAX = 15 * 60_000;

interface Holder {
  readonly pid: number;
  readonly what: string;
  readonly token: string;
}

let tokenCount = 0;

/**
 * Does `work` while nobody else changes the network in `folder`. `what` is said to those who wait in vain. Rejects with
 * {@link NetworkFault}, kind conflict, where another does not end in time.
 */
export async function whileLocked<Value>(
  folder: string,
  what: string,
  work: () => Promise<Value>,
  waitMs = LOCK_WAIT_MS,
): Promise<Value> {
  const file = join(folder, LOCK_FILE);
  const own: Holder = { pid: process.pid, what, token: `${process.pid}-${tokenCount++}` };
  const limitMs = performance.now() + waitMs;
  while (!tryLock(file, own)) {
    if (performance.now() >= limitMs) throw busy(readHolder(file));
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
  try {
    return await work();
  } finally {
    // Not where somebody thought us dead.
    if (readHolder(file)?.token === own.token) rmSync(file, { force: true });
  }
}

function busy(holder: Holder | undefined): NetworkFault {
  const who = holder === undefined ? "Another change of the network" : `A ${holder.what} (process ${holder.pid})`;
  return new NetworkFault("conflict", `${who} is under way and takes long; try again when it is over.`);
}

/** A link is made or refused as one: of several that try one has the lock, and nobody sees it half written. */
function tryLock(file: string, own: Holder): boolean {
  const draft = `${file}.${own.token}`;
  writeFileSync(draft, JSON.stringify(own));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    removeStale(file, own);
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function removeStale(file: string, own: Holder): void {
  const holder = readHolder(file);
  if (holder === undefined || (isAlive(holder.pid) && !isOld(file))) return;
  const taken = `${file}.${own.token}.stale`;
  try {
    renameSync(file, taken);
  } catch {
    // Another was faster.
    return;
  }
  // Where another was faster still and has the lock by now, it is theirs.
  if (readHolder(taken)?.token !== holder.token) linkBack(taken, file);
  rmSync(taken, { force: true });
}

function linkBack(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // A third one has it.
  }
}

function isOld(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > HELD_MS_MAX;
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

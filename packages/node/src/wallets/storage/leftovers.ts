import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** What was not written to for so long, nobody is writing any more: its process was killed. */
const LEFT_AFTER_MS = 10 * 60 * 1000;

/**
 * Removes from `folder` what killed processes have left of work like that which is under way now: files and folders with such a name,
 * which hold keys perhaps, and of which each kill would leave another. `current`: one that was just made there, and so tells the time; it
 * stays. What cannot be removed is left.
 */
export async function removeLeft(folder: string, name: RegExp, current: string): Promise<void> {
  const now = await lastWrite(current);
  const names = await readdir(folder).catch(() => []);
  for (const path of names.filter((each) => name.test(each)).map((each) => join(folder, each))) {
    if ((await lastWrite(path)) > now - LEFT_AFTER_MS) continue;
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** Of a file, or of a folder and what is right in it: milliseconds; infinity where that cannot be told. */
async function lastWrite(path: string): Promise<number> {
  try {
    const entry = await stat(path);
    const inside = entry.isDirectory() ? (await readdir(path)).map((name) => join(path, name)) : [];
    const times = await Promise.all(inside.map(async (each) => (await stat(each)).mtimeMs));
    return Math.max(entry.mtimeMs, ...times);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

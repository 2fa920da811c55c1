import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { formatKeyFile, KeyFileError, parseKeyFile, type StoredKey } from "./key-file.ts";

/** Longest wait for another program that changes the file. */
const LOCK_TIMEOUT_MS = 5_000;
const LOCK_POLL_MS = 20;
/** A change takes milliseconds: the lock of one that has not ended by then was left behind. */
const LOCK_AGE_MAX_MS = 30_000;

/** The text of the file; `undefined` where there is none. Throws {@link KeyFileError} where it cannot be read. */
export function readKeyText(file: string): string | undefined {
  try {
    // A pipe would have the whole node wait for whoever writes into it.
    if (!statSync(file).isFile()) throw Object.assign(new Error(), { code: "no file" });
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new KeyFileError(`The API keys in ${file} cannot be read: ${code}.`);
  }
}

/** The keys in the file; `undefined` where there is none. Throws {@link KeyFileError}. */
export function readKeys(file: string): readonly StoredKey[] | undefined {
  const text = readKeyText(file);
  return text === undefined ? undefined : parseKeyFile(text, file);
}

/**
 * Writes what `change` makes of the file's text. Of two programs that do so at a time one waits; whoever reads has the old file or the
 * new one, never half of one, and both survive a power cut. Readable by its owner alone. Rejects with {@link KeyFileError} where it
 * cannot be written, and with what `change` throws, the file being as it was.
 */
export async function changeKeys(
  file: string,
  change: (text: string | undefined) => readonly StoredKey[] | undefined,
): Promise<void> {
  const unlock = await lock(file);
  try {
    const keys = change(readKeyText(file));
    if (keys !== undefined) replaceFile(file, formatKeyFile(keys));
  } finally {
    unlock();
  }
}

/** Writes a small secret file whole, beside the old one first. Throws {@link KeyFileError}. */
export function replaceFile(file: string, text: string): void {
  const fresh = `${file}.new`;
  try {
    rmSync(fresh, { force: true });
    const fd = openSync(fresh, "wx", 0o600);
    try {
      writeSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, file);
  } catch (error) {
    throw notWritable(file, error);
  }
}

/** A file beside it that only one can make. Returns what removes it. */
async function lock(file: string): Promise<() => void> {
  const path = `${file}.lock`;
  const limitMs = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    if (tryLock(path, file)) return () => rmSync(path, { force: true });
    removeIfLeft(path);
    if (performance.now() > limitMs) {
      throw new KeyFileError(`Another program changes ${file}; if none does, remove ${path}.`);
    }
    await new Promise((resume) => setTimeout(resume, LOCK_POLL_MS));
  }
}

function tryLock(path: string, file: string): boolean {
  try {
    closeSync(openSync(path, "wx", 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw notWritable(file, error);
  }
}

function removeIfLeft(path: string): void {
  const age = ageOf(path);
  if (age === undefined || age.ms < LOCK_AGE_MAX_MS) return;
  // Taken away by its name and looked at again: another program may have done the same and made its own meanwhile.
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (ageOf(aside)?.inode === age.inode) rmSync(aside, { force: true });
    else renameSync(aside, path);
  } catch {
    // Somebody else was quicker.
  }
}

function ageOf(path: string): { readonly ms: number; readonly inode: number } | undefined {
  try {
    const { mtimeMs, ino } = statSync(path);
    return { ms: Date.now() - mtimeMs, inode: ino };
  } catch {
    return undefined;
  }
}

function notWritable(file: string, error: unknown): KeyFileError {
  const { code } = error as NodeJS.ErrnoException;
  const help = code === "ENOENT" ? " Its folder does not exist: a node makes it at its first start." : "";
  return new KeyFileError(`The API keys in ${file} cannot be written: ${code}.${help}`);
}

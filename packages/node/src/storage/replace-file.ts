import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";

/** Only its owner may read it and write to it. */
const PRIVATE = 0o600;

/** Replaces a file at once: whoever reads it sees the old contents or the new. It gets this mode, whatever it had before. */
export async function replaceFile(path: string, bytes: Uint8Array, mode = PRIVATE): Promise<void> {
  const temporary = `${path}.${randomBytes(2).toString("hex")}`;
  try {
    const file = await open(temporary, "w", PRIVATE);
    try {
      await file.writeFile(bytes);
      // Not by opening it: what is shut out there by the umask of the process is wanted here.
      if (mode !== PRIVATE) await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Contents of a file, or `undefined` where there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder, and those above it that are missing; whether it was missing. Rejects with the system's error. Node's own way of doing that
 * never ends where the system says of a new folder that it is not there, as below /proc: it then keeps one of the few threads that read files.
 */
export async function makeFolder(path: string, mode?: number): Promise<boolean> {
  const refusal = await tryMake(path, mode);
  if (refusal === undefined) return true;
  if (refusal.code === "EEXIST" && (await isFolder(path))) return false;
  if (refusal.code !== "ENOENT" || dirname(path) === path) throw refusal;
  await makeFolder(dirname(path), mode);
  const again = await tryMake(path, mode);
  if (again !== undefined && !(again.code === "EEXIST" && (await isFolder(path)))) throw again;
  return true;
}

async function tryMake(path: string, mode: number | undefined): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path, mode === undefined ? {} : { mode });
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

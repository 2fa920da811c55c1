import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { blockFileName } from "./block-files.ts";
import { listBlockFiles } from "./block-scan.ts";
import { storageErrorFor } from "./level-errors.ts";

/**
 * Makes room before a pruning node rebuilds its index: deletes the blk files behind the first gap, whose blocks build upon ones
 * that are gone, and all rev files, which are written anew. Rejects with `StorageError`.
 */
export async function removeUnusableFiles(blocksPath: string): Promise<void> {
  const numbers = await listBlockFiles(blocksPath);
  const unusable = numbers.filter((number, index) => number !== index).map((number) => blockFileName("blk", number));
  const names = await readdir(blocksPath).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw storageErrorFor(error, blocksPath);
  });
  const undo = names.filter((name) => /^rev\d{5}\.dat$/.test(name));
  for (const name of [...undo, ...unusable]) {
    const path = join(blocksPath, name);
    await rm(path, { force: true }).catch((error) => {
      throw storageErrorFor(error, path);
    });
  }
}

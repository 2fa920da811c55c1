import { randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { storageErrorFor } from "./level-errors.ts";
import { OBFUSCATION_KEY_SIZE } from "./obfuscation.ts";
import { StorageError } from "./storage-error.ts";

/**
 * The key that the files in `blocksPath` are XORed with, from `xor.dat`. Where there is none it is made: random on a directory
 * without block files if `useXor`, zeros (no obfuscation) elsewhere, as the files present were written without. Rejects with
 * `StorageError`, also where the operator wants no obfuscation (`-blocksxor=0`) and the files have it.
 */
export async function loadBlocksKey(blocksPath: string, useXor: boolean): Promise<Uint8Array> {
  const path = join(blocksPath, "xor.dat");
  const key = (await readKey(path)) ?? (await makeKey(blocksPath, path, useXor));
  if (!useXor && key.some((byte) => byte !== 0)) {
    throw new StorageError(
      "options",
      path,
      "The blocksdir XOR-key can not be disabled when a random key was already stored! " +
        `Stored key: '${toHex(key)}', stored path: '${path}'.`,
    );
  }
  return key;
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(path).catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw storageErrorFor(error, path);
  });
  if (bytes === undefined) return undefined;
  if (bytes.length < OBFUSCATION_KEY_SIZE) {
    throw new StorageError("corrupt", path, `${path} holds ${bytes.length} bytes instead of a key of 8.`);
  }
  return Uint8Array.from(bytes.subarray(0, OBFUSCATION_KEY_SIZE));
}

async function makeKey(blocksPath: string, path: string, useXor: boolean): Promise<Uint8Array> {
  try {
    const isFresh = !(await readdir(blocksPath)).some((name) => /^(blk|rev)\d+\.dat$/.test(name));
    const key = new Uint8Array(OBFUSCATION_KEY_SIZE);
    if (useXor && isFresh) key.set(randomBytes(OBFUSCATION_KEY_SIZE));
    await writeFile(path, key, { flag: "wx", flush: true });
    return key;
  } catch (error) {
    throw storageErrorFor(error, path);
  }
}

import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { concatBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { HASH_SIZE } from "@bitfleet/protocol/primitives/types.ts";

/** Network magic in front, sha256d of everything behind it at the end: the form of peers.dat and anchors.dat. */

const MAGIC_SIZE = 4;

/** A file that is not what it should be, in Core's words. */
export class CheckedFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CheckedFileError";
  }
}

/** Replaces a file at once: whoever reads it sees the old contents or the new. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(2).toString("hex")}`;
  try {
    const file = await open(temporary, "w", 0o600);
    try {
      await file.writeFile(bytes);
      await file.datasync();
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

export function seal(magic: Uint8Array, contents: Uint8Array): Uint8Array {
  const bytes = concatBytes(magic, contents);
  return concatBytes(bytes, sha256d(bytes));
}

/** What is between magic and checksum. Throws {@link CheckedFileError}. */
export function unseal(magic: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (bytes.length < MAGIC_SIZE) throw new CheckedFileError("end of file");
  if (!equalBytes(bytes.subarray(0, MAGIC_SIZE), magic)) throw new CheckedFileError("Invalid network magic number");
  if (bytes.length < MAGIC_SIZE + HASH_SIZE) throw new CheckedFileError("end of file");
  return bytes.subarray(MAGIC_SIZE, bytes.length - HASH_SIZE);
}

/** Throws where the checksum is not that of the contents. Asked last: what is wrong with the contents says more. */
export function verifyChecksum(bytes: Uint8Array): void {
  const end = bytes.length - HASH_SIZE;
  if (!equalBytes(sha256d(bytes.subarray(0, end)), bytes.subarray(end)))
    throw new CheckedFileError("Checksum mismatch, data corrupted");
}

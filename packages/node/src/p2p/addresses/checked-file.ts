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

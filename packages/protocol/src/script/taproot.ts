import { compareBytes } from "../bytes/bytes.ts";
import { compactSizeLength, Writer } from "../bytes/cursor.ts";
import { sha256 } from "../crypto/hash.ts";
import type { Hash256 } from "../primitives/types.ts";

/** BIP341: a last witness item that begins with this byte is the annex. */
export const ANNEX_TAG = 0x50;

/** BIP342: leaf version of tapscript. */
export const TAPSCRIPT_LEAF_VERSION = 0xc0;

/** BIP341: bits of a control block's first byte that are the leaf version; the lowest is the output key's parity. */
export const LEAF_VERSION_MASK = 0xfe;

/** BIP341: control block of a script at the tree's root: leaf version and parity, internal key. */
export const CONTROL_BLOCK_SIZE_MIN = 33;
const PATH_NODE_SIZE = 32;
/** BIP341: deepest leaf. */
export const TAPROOT_DEPTH_MAX = 128;
export const CONTROL_BLOCK_SIZE_MAX = CONTROL_BLOCK_SIZE_MIN + PATH_NODE_SIZE * TAPROOT_DEPTH_MAX;

type TaprootTag = "TapLeaf" | "TapBranch" | "TapTweak" | "TapSighash";

/** BIP340: hashes begin with the tag's hash, twice. */
function tagPrefix(tag: TaprootTag): Uint8Array {
  const hash = sha256(new TextEncoder().encode(tag));
  return new Writer(64).bytes(hash).bytes(hash).finish();
}

const TAG_PREFIXES: Readonly<Record<TaprootTag, Uint8Array>> = {
  TapLeaf: tagPrefix("TapLeaf"),
  TapBranch: tagPrefix("TapBranch"),
  TapTweak: tagPrefix("TapTweak"),
  TapSighash: tagPrefix("TapSighash"),
};

/** A writer that holds the tag's prefix, with room for `size` bytes: the SHA-256 of all is the tagged hash. */
export function taggedWriter(tag: TaprootTag, size: number): Writer {
  return new Writer(64 + size).bytes(TAG_PREFIXES[tag]);
}

/** BIP341: hash of a script in the tree. */
export function tapLeafHash(leafVersion: number, script: Uint8Array): Hash256 {
  const writer = taggedWriter("TapLeaf", 1 + compactSizeLength(script.length) + script.length);
  return sha256(writer.uint8(leafVersion).compactBytes(script).finish());
}

/** BIP341: hash of two branches, whichever is left. */
export function tapBranchHash(a: Uint8Array, b: Uint8Array): Hash256 {
  const writer = taggedWriter("TapBranch", 64);
  if (compareBytes(a, b) < 0) writer.bytes(a).bytes(b);
  else writer.bytes(b).bytes(a);
  return sha256(writer.finish());
}

/** BIP341: what the internal key is tweaked by; without `merkleRoot`, for an output that has no scripts. */
export function tapTweakHash(internalKey: Uint8Array, merkleRoot?: Uint8Array): Hash256 {
  const writer = taggedWriter("TapTweak", 64).bytes(internalKey);
  if (merkleRoot !== undefined) writer.bytes(merkleRoot);
  return sha256(writer.finish());
}

/** BIP341: 33 bytes and up to 128 nodes of 32. */
export function isControlBlockSize(size: number): boolean {
  return (
    size >= CONTROL_BLOCK_SIZE_MIN &&
    size <= CONTROL_BLOCK_SIZE_MAX &&
    (size - CONTROL_BLOCK_SIZE_MIN) % PATH_NODE_SIZE === 0
  );
}

/** BIP341: the root of the tree in which a control block of proper size places the leaf. */
export function taprootMerkleRoot(controlBlock: Uint8Array, leafHash: Uint8Array): Hash256 {
  let hash = leafHash;
  for (let offset = CONTROL_BLOCK_SIZE_MIN; offset < controlBlock.length; offset += PATH_NODE_SIZE) {
    hash = tapBranchHash(hash, controlBlock.subarray(offset, offset + PATH_NODE_SIZE));
  }
  return hash;
}

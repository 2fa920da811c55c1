import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { type BlockHash, HASH_SIZE } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";

/** Hashes in a row before the steps begin to double. */
const DENSE_HASHES = 10;
/** Nobody reads it; Bitcoin Core writes it in front of every locator. */
const LOCATOR_VERSION = 70_016;

/**
 * The hash of a block and of blocks below it, in steps that grow, genesis last: from it one finds the way back to a block
 * that is known, even where the first is not any more.
 */
export function locatorOf(entry: BlockIndexEntry): readonly BlockHash[] {
  const hashes: BlockHash[] = [];
  let step = 1;
  for (let walk: BlockIndexEntry = entry; ; walk = walk.ancestor(Math.max(walk.height - step, 0))!) {
    hashes.push(walk.hash);
    if (walk.height === 0) return hashes;
    if (hashes.length > DENSE_HASHES) step *= 2;
  }
}

/** A locator as databases keep it: int32 version, count, hashes. */
export function encodeLocator(hashes: readonly BlockHash[]): Uint8Array {
  const writer = new Writer(5 + HASH_SIZE * hashes.length).int32(LOCATOR_VERSION).compactSize(hashes.length);
  for (const hash of hashes) writer.bytes(hash);
  return writer.finish();
}

/** The hashes of {@link encodeLocator}. Throws `DecodeError`. */
export function decodeLocator(bytes: Uint8Array): readonly BlockHash[] {
  const reader = new Reader(bytes);
  reader.int32();
  const count = reader.count(HASH_SIZE);
  const hashes = Array.from({ length: count }, () => reader.bytes(HASH_SIZE) as BlockHash);
  reader.end();
  return hashes;
}

import { sha256dOfPairs } from "../crypto/hash.ts";
import type { Block } from "./block.ts";
import { HASH_SIZE, type Hash256, type MerkleRoot, ZERO_HASH } from "./types.ts";

export interface MerkleResult {
  readonly root: MerkleRoot;
  /** Two equal hashes stood side by side on some level, so other lists of leaves have this root too (CVE-2012-2459). */
  readonly mutated: boolean;
}

/** The merkle root of `leaves` in order; of none, 32 zero bytes. A level of odd length repeats its last hash. */
export function merkleRoot(leaves: readonly Hash256[]): MerkleResult {
  if (leaves.length === 0) return { root: ZERO_HASH as MerkleRoot, mutated: false };
  let mutated = false;
  let count = leaves.length;
  let level: Uint8Array = new Uint8Array((count + (count & 1)) * HASH_SIZE);
  for (let index = 0; index < count; index++) level.set(leaves[index]!, index * HASH_SIZE);
  while (count > 1) {
    mutated ||= hasEqualPair(level, count);
    if (count & 1) level = withLastRepeated(level, count);
    level = sha256dOfPairs(level);
    count = (count + 1) >> 1;
  }
  return { root: level.slice(0, HASH_SIZE) as MerkleRoot, mutated };
}

function hasEqualPair(level: Uint8Array, count: number): boolean {
  for (let left = 0; left + 2 * HASH_SIZE <= count * HASH_SIZE; left += 2 * HASH_SIZE) {
    // Hashes that differ do so in the first bytes already.
    let index = 0;
    while (index < HASH_SIZE && level[left + index] === level[left + HASH_SIZE + index]) index++;
    if (index === HASH_SIZE) return true;
  }
  return false;
}

function withLastRepeated(level: Uint8Array, count: number): Uint8Array {
  const padded = new Uint8Array((count + 1) * HASH_SIZE);
  padded.set(level.subarray(0, count * HASH_SIZE));
  padded.copyWithin(count * HASH_SIZE, (count - 1) * HASH_SIZE, count * HASH_SIZE);
  return padded;
}

/** Root over the txids: what the header commits to. */
export function blockMerkleRoot(block: Pick<Block, "transactions">): MerkleResult {
  return merkleRoot(block.transactions.map((tx) => tx.txid));
}

/** BIP141: root over the wtxids, the coinbase's taken as zero, which a block with witnesses commits to in its coinbase. */
export function blockWitnessMerkleRoot(block: Pick<Block, "transactions">): MerkleRoot {
  return merkleRoot(block.transactions.map((tx, index) => (index === 0 ? ZERO_HASH : tx.wtxid))).root;
}

import { concatBytes, equalBytes } from "../bytes/bytes.ts";
import { DecodeError, Reader } from "../bytes/cursor.ts";
import { sha256d } from "../crypto/hash.ts";
import { decodeTransaction } from "./transaction.ts";
import { HASH_SIZE, type Hash256, type MerkleRoot, type Txid } from "./types.ts";

/** Levels of a block's tree: it has less than 2^15 transactions (4,000,000 weight units over 240 for the least that one takes). */
export const BRANCH_LENGTH_MAX = 15;

/**
 * The hashes beside the way from leaf `index` to the root of a merkle tree, lowest first: hashing the leaf with each of them in
 * turn gives the root. The last of an odd number stands for its missing neighbour too. Throws `RangeError` where there is no such leaf.
 */
export function merkleBranch(leaves: readonly Hash256[], index: number): readonly Hash256[] {
  if (!(index >= 0 && index < leaves.length)) throw new RangeError(`there is no leaf ${index} of ${leaves.length}`);
  const branch: Hash256[] = [];
  let row = leaves;
  let at = index;
  while (row.length > 1) {
    branch.push(row[at ^ 1] ?? row[at]!);
    const next: Hash256[] = [];
    for (let left = 0; left < row.length; left += 2) {
      next.push(sha256d(concatBytes(row[left]!, row[left + 1] ?? row[left]!)) as Hash256);
    }
    row = next;
    at >>= 1;
  }
  return branch;
}

/**
 * The root that a branch from anybody leads a transaction to; `undefined` where it is no branch of a block's tree. To be compared with a header's: without
 * that nothing is shown. Refused are: a place beyond the branch, a right node equal to the left one (CVE-2012-2459), and a way through a node that
 * is a transaction of 64 bytes itself, below whose place in the true tree anything could be hung (CVE-2017-12842). The other way round, a node
 * that is taken for a transaction: who has the transaction's bytes refuses one of 64 bytes without its witness ({@link isNodeSized}).
 */
export function rootOfBranch(txid: Txid, index: number, branch: readonly Hash256[]): MerkleRoot | undefined {
  if (branch.length > BRANCH_LENGTH_MAX || !Number.isInteger(index) || index < 0 || index >= 2 ** branch.length)
    return undefined;
  let hash: Hash256 = txid;
  for (const [level, beside] of branch.entries()) {
    const isRight = (index >> level) % 2 === 1;
    if (beside.length !== HASH_SIZE || (isRight && equalBytes(beside, hash))) return undefined;
    const node = isRight ? concatBytes(beside, hash) : concatBytes(hash, beside);
    if (isTransaction(node)) return undefined;
    hash = sha256d(node) as Hash256;
  }
  return hash as Uint8Array as MerkleRoot;
}

/** Whether a transaction's bytes without witness, which its txid is the hash of, could be two hashes of a merkle tree. */
export function isNodeSized({ strippedSize }: { readonly strippedSize: number }): boolean {
  return strippedSize === 2 * HASH_SIZE;
}

/** Two hashes are one by chance once in some 10^9 times: four of their bytes must be counts that go together. */
function isTransaction(node: Uint8Array): boolean {
  const reader = new Reader(node);
  try {
    const { inputs, outputs } = decodeTransaction(reader, "forbidden");
    reader.end();
    return inputs.length > 0 && outputs.length > 0;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

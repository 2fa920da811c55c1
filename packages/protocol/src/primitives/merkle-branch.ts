import { concatBytes } from "../bytes/bytes.ts";
import { sha256d } from "../crypto/hash.ts";
import type { Hash256 } from "./types.ts";

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

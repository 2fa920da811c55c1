import { isBranch, type Tree } from "../signing/taproot-tree.ts";
import type { TaprootTreeLeaf } from "./psbt.ts";

/** Trees of scripts as BIP371 writes them: their leaves with depths, as a depth-first walk meets them. */

/** The tree of such a list; `undefined` where it is none. */
export function treeOfLeaves<Leaf extends Pick<TaprootTreeLeaf, "depth">>(
  leaves: readonly Leaf[],
): Tree<Leaf> | undefined {
  // At each depth the left half that waits for its right one.
  const waiting: { readonly depth: number; readonly tree: Tree<Leaf> }[] = [];
  for (const leaf of leaves) {
    let { depth }: { depth: number } = leaf;
    let tree: Tree<Leaf> = leaf;
    const deepest = waiting.at(-1)?.depth ?? -1;
    // A deeper half that waits could never be completed.
    if (depth < deepest) return undefined;
    while (waiting.at(-1)?.depth === depth) {
      if (depth === 0) return undefined;
      tree = [waiting.pop()!.tree, tree];
      depth--;
    }
    waiting.push({ depth, tree });
  }
  const [root, ...others] = waiting;
  return root !== undefined && root.depth === 0 && others.length === 0 ? root.tree : undefined;
}

/** The list of a tree of scripts, all of one leaf version. */
export function leavesOfTree(tree: Tree<Uint8Array>, leafVersion: number, depth = 0): readonly TaprootTreeLeaf[] {
  if (!isBranch(tree)) return [{ depth, leafVersion, script: tree }];
  return tree.flatMap((half) => leavesOfTree(half, leafVersion, depth + 1));
}

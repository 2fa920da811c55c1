import { compareBytes, concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { TAPSCRIPT_LEAF_VERSION, tapBranchHash, tapLeafHash, tapTweakHash } from "@bitfleet/protocol/script/taproot.ts";

/** A binary tree: a leaf, or two trees (BIP341, BIP386). No leaf is an array. */
export type Tree<Leaf> = Leaf | readonly [Tree<Leaf>, Tree<Leaf>];

export function isBranch<Leaf>(tree: Tree<Leaf>): tree is readonly [Tree<Leaf>, Tree<Leaf>] {
  return Array.isArray(tree);
}

/** The same tree with other leaves; `undefined` where `change` answers that for one. */
export function mapTree<From, To>(tree: Tree<From>, change: (leaf: From) => To | undefined): Tree<To> | undefined {
  if (!isBranch(tree)) return change(tree);
  const left = mapTree(tree[0], change);
  const right = left === undefined ? undefined : mapTree(tree[1], change);
  return left === undefined || right === undefined ? undefined : [left, right];
}

/** The leaves from left to right. */
export function leavesOf<Leaf>(tree: Tree<Leaf>): readonly Leaf[] {
  return isBranch(tree) ? [...leavesOf(tree[0]), ...leavesOf(tree[1])] : [tree];
}

/** `{a,{b,c}}` */
export function treeText<Leaf>(tree: Tree<Leaf>, leafText: (leaf: Leaf) => string): string {
  return isBranch(tree) ? `{${treeText(tree[0], leafText)},${treeText(tree[1], leafText)}}` : leafText(tree);
}

/** A tapscript and what shows that it is in the tree. */
export interface TaprootLeaf {
  readonly script: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly controlBlock: Uint8Array;
}

/** BIP341: what a taproot output is made of. */
export interface TaprootOutput {
  /** x of the internal key. */
  readonly internalKey: Uint8Array;
  /** x of the output key. */
  readonly outputKey: Uint8Array;
  /** Absent where there are no scripts. */
  readonly merkleRoot: Uint8Array | undefined;
  /** The scripts, in the order of the tree. */
  readonly tree: Tree<Uint8Array> | undefined;
  readonly leaves: readonly TaprootLeaf[];
}

interface Node {
  readonly hash: Uint8Array;
  readonly leaves: readonly {
    readonly script: Uint8Array;
    readonly leafHash: Uint8Array;
    readonly path: readonly Uint8Array[];
  }[];
}

/** The output of an internal key and a tree of tapscripts; `undefined` where the key is none. */
export function taprootOutput(
  internalKey: Uint8Array,
  tree: Tree<Uint8Array> | undefined,
  secp256k1: Pick<Secp256k1, "tweakXOnly">,
): TaprootOutput | undefined {
  const root = tree && nodeOf(tree);
  const output = secp256k1.tweakXOnly(internalKey, tapTweakHash(internalKey, root?.hash));
  if (output === undefined) return undefined;
  const head = Uint8Array.of(TAPSCRIPT_LEAF_VERSION | output.parity);
  const leaves = (root?.leaves ?? []).map(({ script, leafHash, path }) => ({
    script,
    leafHash,
    controlBlock: concatBytes(head, internalKey, ...path),
  }));
  return { internalKey, outputKey: output.x, merkleRoot: root?.hash, tree, leaves };
}

function nodeOf(tree: Tree<Uint8Array>): Node {
  if (!isBranch(tree)) {
    const leafHash = tapLeafHash(TAPSCRIPT_LEAF_VERSION, tree);
    return { hash: leafHash, leaves: [{ script: tree, leafHash, path: [] }] };
  }
  const left = nodeOf(tree[0]);
  const right = nodeOf(tree[1]);
  const below = (node: Node, sibling: Node) =>
    node.leaves.map((leaf) => ({ ...leaf, path: [...leaf.path, sibling.hash] }));
  return { hash: tapBranchHash(left.hash, right.hash), leaves: [...below(left, right), ...below(right, left)] };
}

/**
 * The tree as one sees it who knows scripts and control blocks only, which do not tell left from right: of two branches
 * the one with the first script, in the order of bytes, is left.
 */
export function sortedTree(tree: Tree<Uint8Array>): Tree<Uint8Array> {
  if (!isBranch(tree)) return tree;
  const branches = [sortedTree(tree[0]), sortedTree(tree[1])] as const;
  return compareBytes(firstLeaf(branches[0]), firstLeaf(branches[1])) <= 0 ? branches : [branches[1], branches[0]];
}

/** The leftmost leaf, which in a sorted tree is the first of all. */
function firstLeaf(tree: Tree<Uint8Array>): Uint8Array {
  return isBranch(tree) ? firstLeaf(tree[0]) : tree;
}

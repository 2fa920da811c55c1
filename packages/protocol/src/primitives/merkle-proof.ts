import { equalBytes } from "../bytes/bytes.ts";
import { type Reader, Writer } from "../bytes/cursor.ts";
import { sha256dOfPairs } from "../crypto/hash.ts";
import { type Block, type BlockHeader, decodeBlockHeader, writeBlockHeader } from "./block.ts";
import { HASH_SIZE, type Hash256, type HashKey, hashKey, type MerkleRoot, type Txid } from "./types.ts";

/** A block cannot hold more: 4,000,000 weight units over 60 bytes, the least that a valid transaction takes. */
const TRANSACTION_COUNT_MAX = 16_666;

/**
 * Part of a block's transaction tree (BIP37), enough to show that some transactions are in it. The tree is walked from
 * the root, left before right. Each node met has a flag: whether a wanted transaction is below. Where none is, and at the
 * leaves, the node's hash is given; elsewhere the walk goes down.
 */
export interface PartialMerkleTree {
  /** Transactions in the block, wanted or not. */
  readonly transactionCount: number;
  readonly hashes: readonly Hash256[];
  /** One bit for each node met, lowest bit first, filled up with zeros. */
  readonly flags: Uint8Array;
}

/** A header with the part of the tree below it: what `gettxoutproof` returns and `merkleblock` carries. */
export interface MerkleBlock {
  readonly header: BlockHeader;
  readonly tree: PartialMerkleTree;
}

/** What a partial tree proves. */
export interface MerkleProof {
  /** To compare with the header's: without that nothing is proven. */
  readonly root: MerkleRoot;
  readonly matches: readonly { readonly txid: Txid; readonly index: number }[];
}

/** The proof that those transactions of `block` that `isWanted` picks are in it. */
export function merkleBlockOf(
  block: Pick<Block, "header" | "transactions">,
  isWanted: (txid: Txid) => boolean,
): MerkleBlock {
  const txids = block.transactions.map((tx) => tx.txid);
  return { header: block.header, tree: buildPartialMerkleTree(txids, txids.map(isWanted)) };
}

/** The proof for the given transactions, or `undefined` where one of them is not in the block. */
export function proofOfTransactions(
  block: Pick<Block, "header" | "transactions">,
  txids: readonly Txid[],
): MerkleBlock | undefined {
  const wanted = new Set<HashKey>(txids.map(hashKey));
  const present = new Set<HashKey>(block.transactions.map((tx) => hashKey(tx.txid)));
  for (const key of wanted) if (!present.has(key)) return undefined;
  return merkleBlockOf(block, (txid) => wanted.has(hashKey(txid)));
}

/** Builds the partial tree over `txids` (at least one) that shows those whose entry in `wanted` is true. */
export function buildPartialMerkleTree(txids: readonly Txid[], wanted: readonly boolean[]): PartialMerkleTree {
  if (txids.length === 0) throw new RangeError("a block has at least one transaction");
  const levels = treeLevels(txids, wanted);
  const hashes: Hash256[] = [];
  const flags: boolean[] = [];
  const walk = (height: number, position: number): void => {
    const level = levels[height]!;
    const isParentOfWanted = level.wanted[position]!;
    flags.push(isParentOfWanted);
    if (height === 0 || !isParentOfWanted) {
      hashes.push(level.hashes[position]!);
      return;
    }
    walk(height - 1, 2 * position);
    if (2 * position + 1 < levels[height - 1]!.hashes.length) walk(height - 1, 2 * position + 1);
  };
  walk(levels.length - 1, 0);
  return { transactionCount: txids.length, hashes, flags: packBits(flags) };
}

interface TreeLevel {
  readonly hashes: readonly Hash256[];
  /** Whether a wanted leaf is below. */
  readonly wanted: readonly boolean[];
}

/** All levels of a tree, leaves first. */
function treeLevels(leaves: readonly Hash256[], wanted: readonly boolean[]): TreeLevel[] {
  let level: TreeLevel = { hashes: leaves, wanted };
  const levels = [level];
  while (level.hashes.length > 1) {
    const below: TreeLevel = level;
    const pairs = Array.from({ length: Math.ceil(below.hashes.length / 2) }, (_, index) => 2 * index);
    level = {
      hashes: pairs.map((left) => hashPair(below.hashes[left]!, below.hashes[left + 1] ?? below.hashes[left]!)),
      wanted: pairs.map((left) => below.wanted[left]! || (below.wanted[left + 1] ?? false)),
    };
    levels.push(level);
  }
  return levels;
}

/**
 * Walks a partial tree from anybody and returns its root and the transactions it shows, or `undefined` where it is no
 * such tree: too large, with flags or hashes missing or left over, or with two equal branches (CVE-2012-2459).
 *
 * CVE-2017-12842: a transaction of 64 bytes can be an inner node of a tree one level deeper than the true one. Whoever
 * knows the block compares `transactionCount` with its number of transactions; whoever does not, asks for a proof of the
 * coinbase too.
 */
export function verifyPartialMerkleTree(tree: PartialMerkleTree): MerkleProof | undefined {
  const { transactionCount, hashes, flags } = tree;
  if (transactionCount === 0 || transactionCount > TRANSACTION_COUNT_MAX) return undefined;
  if (hashes.length > transactionCount || 8 * flags.length < hashes.length) return undefined;

  const widthAt = (height: number) => Math.ceil(transactionCount / 2 ** height);
  const matches: { txid: Txid; index: number }[] = [];
  let flagsUsed = 0;
  let hashesUsed = 0;
  const walk = (height: number, position: number): Hash256 | undefined => {
    if (flagsUsed >= 8 * flags.length) return undefined;
    const isParentOfWanted = ((flags[flagsUsed >> 3]! >> (flagsUsed & 7)) & 1) === 1;
    flagsUsed++;
    if (height === 0 || !isParentOfWanted) {
      const hash = hashes[hashesUsed++];
      if (hash !== undefined && isParentOfWanted) matches.push({ txid: hash as Txid, index: position });
      return hash;
    }
    const left = walk(height - 1, 2 * position);
    if (left === undefined) return undefined;
    if (2 * position + 1 >= widthAt(height - 1)) return hashPair(left, left);
    const right = walk(height - 1, 2 * position + 1);
    if (right === undefined || equalBytes(left, right)) return undefined;
    return hashPair(left, right);
  };

  let height = 0;
  while (widthAt(height) > 1) height++;
  const root = walk(height, 0);
  const isUsedUp = Math.ceil(flagsUsed / 8) === flags.length && hashesUsed === hashes.length;
  return root === undefined || !isUsedUp ? undefined : { root: root as MerkleRoot, matches };
}

/** Header (80 bytes), transaction count (uint32), hashes behind their count, flag bytes behind theirs. */
export function encodeMerkleBlock({ header, tree }: MerkleBlock): Uint8Array {
  const writer = new Writer();
  writeBlockHeader(writer, header);
  writer.uint32(tree.transactionCount).compactSize(tree.hashes.length);
  for (const hash of tree.hashes) writer.bytes(hash);
  return writer.compactBytes(tree.flags).toBytes();
}

/** Decodes {@link encodeMerkleBlock} and leaves the reader behind it. Throws `DecodeError`. Hashes are copies. */
export function decodeMerkleBlock(reader: Reader): MerkleBlock {
  const header = decodeBlockHeader(reader);
  const transactionCount = reader.uint32();
  const hashes = Array.from({ length: reader.count(HASH_SIZE) }, () => reader.bytes(HASH_SIZE).slice());
  const flags = reader.compactBytes().slice();
  return { header, tree: { transactionCount, hashes, flags } };
}

function hashPair(left: Hash256, right: Hash256): Hash256 {
  const pair = new Uint8Array(2 * HASH_SIZE);
  pair.set(left);
  pair.set(right, HASH_SIZE);
  return sha256dOfPairs(pair).slice();
}

function packBits(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, index) => {
    if (bit) bytes[index >> 3]! |= 1 << (index & 7);
  });
  return bytes;
}

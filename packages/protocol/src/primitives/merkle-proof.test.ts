import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError, Reader } from "../bytes/cursor.ts";
import { sha256d } from "../crypto/hash.ts";
import { BlockHeader } from "./block.ts";
import { merkleRoot } from "./merkle.ts";
import {
  buildPartialMerkleTree,
  decodeMerkleBlock,
  encodeMerkleBlock,
  merkleBlockOf,
  type PartialMerkleTree,
  proofOfTransactions,
  verifyPartialMerkleTree,
} from "./merkle-proof.ts";
import { Transaction } from "./transaction.ts";
import { type BlockHash, type Txid, ZERO_HASH } from "./types.ts";

function leaf(number: number): Txid {
  return sha256d(Uint8Array.of(number, number >> 8)) as Txid;
}

const leaves = (count: number) => Array.from({ length: count }, (_, index) => leaf(index));
const rootOf = (txids: readonly Txid[]) => merkleRoot(txids).root;

describe("partial merkle trees", () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 100, 1000])(
    "of %i transactions prove one, none and all",
    (count) => {
      const txids = leaves(count);
      for (const wanted of [-1, 0, count - 1, count >> 1, "all"] as const) {
        const picks = txids.map((_, index) => wanted === "all" || index === wanted);
        const proof = verifyPartialMerkleTree(buildPartialMerkleTree(txids, picks));
        expect(proof?.root).toEqual(rootOf(txids));
        expect(proof?.matches.map(({ index }) => index)).toEqual(picks.flatMap((pick, index) => (pick ? [index] : [])));
      }
    },
  );

  test("prove any subset of any block, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 70 }), (wanted) => {
        const txids = leaves(wanted.length);
        const tree = buildPartialMerkleTree(txids, wanted);
        const proof = verifyPartialMerkleTree(tree)!;
        expect(proof.root).toEqual(rootOf(txids));
        expect(proof.matches).toEqual(txids.flatMap((txid, index) => (wanted[index] ? [{ txid, index }] : [])));
      }),
      { numRuns: 300 },
    );
  });

  test("of one transaction are its txid", () => {
    const [txid] = leaves(1);
    expect(buildPartialMerkleTree([txid!], [true])).toEqual({
      transactionCount: 1,
      hashes: [txid],
      flags: Uint8Array.of(1),
    });
    expect(buildPartialMerkleTree([txid!], [false])).toEqual({
      transactionCount: 1,
      hashes: [txid],
      flags: Uint8Array.of(0),
    });
    expect(() => buildPartialMerkleTree([], [])).toThrow(RangeError);
  });
});

describe("partial trees that prove nothing", () => {
  const txids = leaves(7);
  const tree = buildPartialMerkleTree(
    txids,
    txids.map((_, index) => index === 2),
  );
  const verify = (changes: Partial<PartialMerkleTree>) => verifyPartialMerkleTree({ ...tree, ...changes });

  test("have no transaction, or more than fit into a block", () => {
    expect(verify({})?.matches.length).toBe(1);
    expect(verify({ transactionCount: 0 })).toBeUndefined();
    const one = { hashes: [leaf(1)], flags: Uint8Array.of(0) };
    expect(verify({ transactionCount: 16_666, ...one })?.root).toEqual(leaf(1));
    expect(verify({ transactionCount: 16_667, ...one })).toBeUndefined();
    expect(verify({ transactionCount: 0xffffffff, ...one })).toBeUndefined();
  });

  test("lack hashes or flags, or have some left over", () => {
    expect(verify({ hashes: tree.hashes.slice(1) })).toBeUndefined();
    expect(verify({ hashes: [...tree.hashes, leaf(9)] })).toBeUndefined();
    expect(verify({ flags: new Uint8Array(0) })).toBeUndefined();
    expect(verify({ flags: concatBytes(tree.flags, Uint8Array.of(0)) })).toBeUndefined();
    expect(verify({ hashes: [] })).toBeUndefined();
    const many = Array.from({ length: 8 }, (_, index) => leaf(index));
    expect(verify({ hashes: many })).toBeUndefined();
    expect(verify({ transactionCount: 8, hashes: many, flags: new Uint8Array(0) })).toBeUndefined();
  });

  test("have two equal branches (CVE-2012-2459)", () => {
    // Six transactions as seen by who repeats the last two: eight leaves, the same root, other positions.
    const six = leaves(6);
    const repeated = [...six, six[4]!, six[5]!];
    expect(rootOf(repeated)).toEqual(rootOf(six));
    const wanted = (index: number) => repeated.map((_, at) => at === index);
    expect(verifyPartialMerkleTree(buildPartialMerkleTree(repeated, wanted(6)))).toBeUndefined();
    expect(verifyPartialMerkleTree(buildPartialMerkleTree(repeated, wanted(4)))).toBeUndefined();
    const three = [...leaves(3), leaf(2)];
    expect(verifyPartialMerkleTree(buildPartialMerkleTree(three, [false, false, false, true]))).toBeUndefined();
    // An honest odd level repeats its last hash too, but is not asked to show it.
    expect(verifyPartialMerkleTree(buildPartialMerkleTree(leaves(3), [false, false, true]))?.root).toEqual(
      rootOf(leaves(3)),
    );
  });

  test("change their root with any bit of any hash", () => {
    for (let index = 0; index < tree.hashes.length; index++) {
      const hashes = tree.hashes.map((hash) => hash.slice());
      hashes[index]![5]! ^= 4;
      expect(verify({ hashes })?.root).not.toEqual(rootOf(txids));
    }
  });

  test("never show a transaction that is not in the tree, and never throw", () => {
    const known = new Set(txids.map(toHex));
    const root = toHex(rootOf(txids));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20 }),
        fc.array(fc.oneof(fc.constantFrom(...tree.hashes), fc.uint8Array({ minLength: 32, maxLength: 32 })), {
          maxLength: 9,
        }),
        fc.uint8Array({ maxLength: 4 }),
        (transactionCount, hashes, flags) => {
          const proof = verifyPartialMerkleTree({ transactionCount, hashes, flags });
          if (proof === undefined || toHex(proof.root) !== root) return;
          // CVE-2017-12842: another count may give inner nodes as transactions. With the true one it cannot be.
          if (transactionCount !== 7) return;
          for (const { txid } of proof.matches) expect(known.has(toHex(txid))).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("may show inner nodes when the count is wrong: whoever knows the block compares it (CVE-2017-12842)", () => {
    const four = leaves(4);
    const inner = [sha256d(concatBytes(four[0]!, four[1]!)), sha256d(concatBytes(four[2]!, four[3]!))] as Txid[];
    const proof = verifyPartialMerkleTree(buildPartialMerkleTree(inner, [true, false]))!;
    expect(proof.root).toEqual(rootOf(four));
  });
});

describe("merkleblock", () => {
  const transactions = [1, 2, 3, 4, 5].map(
    (number) => new Transaction({ version: number, inputs: [], outputs: [], lockTime: 0 }),
  );
  const txids = transactions.map((tx) => tx.txid);
  const header = new BlockHeader({
    version: 1,
    previousBlockHash: ZERO_HASH as BlockHash,
    merkleRoot: rootOf(txids),
    time: 1,
    bits: 2,
    nonce: 3,
  });
  const block = { header, transactions };

  test("survives encoding", () => {
    const one = merkleBlockOf(block, (txid) => txid === txids[3]);
    const bytes = encodeMerkleBlock(one);
    const reader = new Reader(bytes);
    const again = decodeMerkleBlock(reader);
    expect(reader.remaining).toBe(0);
    expect(again.header.hash).toEqual(header.hash);
    expect(again.tree).toEqual(one.tree);
    expect(verifyPartialMerkleTree(again.tree)).toEqual({
      root: header.merkleRoot,
      matches: [{ txid: txids[3], index: 3 }],
    });
    // Header, count of transactions, hashes behind their count, flags behind theirs.
    expect(toHex(bytes.subarray(80, 85))).toBe("0500000004");
    expect(toHex(bytes.subarray(85 + 4 * 32))).toBe(`01${toHex(one.tree.flags)}`);
  });

  test("that is cut off throws DecodeError", () => {
    const bytes = encodeMerkleBlock(merkleBlockOf(block, () => true));
    for (let size = 0; size < bytes.length; size++) {
      expect(() => decodeMerkleBlock(new Reader(bytes.subarray(0, size)))).toThrow(DecodeError);
    }
    const huge = concatBytes(bytes.subarray(0, 84), fromHex("feffffff01"));
    expect(() => decodeMerkleBlock(new Reader(huge))).toThrow(DecodeError);
  });

  test("is made for transactions of the block only", () => {
    const proof = proofOfTransactions(block, [txids[1]!, txids[4]!])!;
    expect(verifyPartialMerkleTree(proof.tree)?.matches.map(({ index }) => index)).toEqual([1, 4]);
    expect(proofOfTransactions(block, [txids[1]!, leaf(1)])).toBeUndefined();
  });
});

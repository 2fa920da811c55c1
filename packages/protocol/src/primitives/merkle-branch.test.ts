import { describe, expect, test } from "vitest";
import { concatBytes, toHex } from "../bytes/bytes.ts";
import { hasVectors, readRealBlock } from "../consensus/test-kit.ts";
import { sha256d } from "../crypto/hash.ts";
import { merkleRoot } from "./merkle.ts";
import { BRANCH_LENGTH_MAX, isNodeSized, merkleBranch, rootOfBranch } from "./merkle-branch.ts";
import { Transaction } from "./transaction.ts";
import type { Hash256, Txid } from "./types.ts";

const leaf = (index: number) => sha256d(Uint8Array.of(index)) as Hash256;

describe("the hashes beside the way lead every leaf to the root", () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 13])("of %d", (count) => {
    const leaves = Array.from({ length: count }, (_, index) => leaf(index));
    const root = toHex(merkleRoot(leaves).root);
    for (let index = 0; index < count; index++) {
      let hash: Uint8Array = leaves[index]!;
      for (const [level, beside] of merkleBranch(leaves, index).entries()) {
        const isRight = (index >> level) % 2 === 1;
        hash = sha256d(isRight ? concatBytes(beside, hash) : concatBytes(hash, beside));
      }
      expect(toHex(hash)).toBe(root);
    }
  });
});

test("there is none of a leaf that is not there", () => {
  expect(merkleBranch([leaf(0)], 0)).toEqual([]);
  for (const index of [-1, 1, Number.NaN]) expect(() => merkleBranch([leaf(0)], index)).toThrow(RangeError);
});

describe.skipIf(!hasVectors)("branches of real blocks (need the vectors)", () => {
  test.each(["mainnet-300025", "mainnet-413567", "mainnet-482683", "testnet3-928816"])("of %s", (name) => {
    const { header, transactions } = readRealBlock(name);
    const txids = transactions.map(({ txid }) => txid);
    for (const index of new Set([0, 1, 2, txids.length >> 1, txids.length - 2, txids.length - 1])) {
      const branch = merkleBranch(txids, index);
      const rootHex = (txid: Txid, at: number, beside: readonly Hash256[]) => {
        const root = rootOfBranch(txid, at, beside);
        return root && toHex(root);
      };
      const root = toHex(header.merkleRoot);
      expect(rootHex(txids[index]!, index, branch)).toBe(root);
      expect(rootHex(txids[index === 0 ? 1 : 0]!, index, branch)).not.toBe(root);
      // The other side of the edge: a place beside it, a hash beside it, a level less or more.
      expect(rootHex(txids[index]!, index ^ 1, branch)).not.toBe(root);
      for (const level of branch.keys()) {
        const wrong = branch.map((hash, at) =>
          at === level ? hash.map((byte, place) => byte ^ Number(place === 7)) : hash,
        );
        expect(rootHex(txids[index]!, index, wrong)).not.toBe(root);
      }
      expect(rootHex(txids[index]!, index >> 1, branch.slice(1))).not.toBe(root);
      expect(rootHex(txids[index]!, index, [...branch, branch[0]!])).not.toBe(root);
    }
  });
});

describe("a branch from anybody", () => {
  const leaves = Array.from({ length: 5 }, (_, index) => leaf(index) as Txid);

  test("has a place within it", () => {
    const branch = merkleBranch(leaves, 4);
    expect(rootOfBranch(leaves[4]!, 4, branch)).toEqual(merkleRoot(leaves).root);
    for (const index of [8, -1, 0.5, Number.NaN]) expect(rootOfBranch(leaves[4]!, index, branch)).toBeUndefined();
  });

  test("is no longer than that of the fullest block", () => {
    const branch = (length: number) => Array.from({ length }, (_, index) => leaf(100 + index));
    expect(rootOfBranch(leaves[0]!, 0, branch(BRANCH_LENGTH_MAX))).toBeDefined();
    expect(rootOfBranch(leaves[0]!, 0, branch(BRANCH_LENGTH_MAX + 1))).toBeUndefined();
    expect(rootOfBranch(leaves[0]!, 0, [Uint8Array.of(1)])).toBeUndefined();
  });

  test("has no right node that is the left one again (CVE-2012-2459), only a left one without a neighbour", () => {
    const [alone] = leaves as [Txid];
    expect(rootOfBranch(alone, 0, [alone])).toBeDefined();
    expect(rootOfBranch(alone, 1, [alone])).toBeUndefined();
  });

  test("leads through no transaction of 64 bytes, whose halves would be what hangs below it (CVE-2017-12842)", () => {
    // The last 32 of its bytes are the txid of a transaction that is in no block.
    const before = new Transaction({
      version: 1,
      inputs: [
        { previousOutput: { txid: leaf(1) as Txid, index: 0 }, scriptSig: new Uint8Array(4), sequence: 0, witness: [] },
      ],
      outputs: [{ value: 5n, scriptPubKey: new Uint8Array() }],
      lockTime: 0,
    });
    expect(before.bytes).toHaveLength(64);
    expect(isNodeSized(before)).toBe(true);
    const [left, right] = [before.bytes.slice(0, 32), before.bytes.slice(32)];
    const rest = merkleBranch([leaves[0]!, before.txid, leaves[2]!], 1);
    const { root } = merkleRoot([leaves[0]!, before.txid, leaves[2]!]);
    // The tree does hold that way, hash for hash: only what the node is tells the trick.
    expect(rootOfBranch(before.txid, 1, rest)).toEqual(root);
    expect(sha256d(concatBytes(left, right))).toEqual(before.txid);
    expect(rootOfBranch(right as Txid, 3, [left, ...rest])).toBeUndefined();
    expect(rootOfBranch(left as Txid, 2, [right, ...rest])).toBeUndefined();
    // One byte more in its script, and it is none.
    const none = before.bytes.map((byte, at) => (at === 41 ? byte + 1 : byte));
    expect(rootOfBranch(none.slice(32) as Txid, 3, [none.slice(0, 32), ...rest])).toBeDefined();
  });

  test("and only a transaction of that size, without its witness, can pass for a node", () => {
    expect([63, 64, 65].map((strippedSize) => isNodeSized({ strippedSize }))).toEqual([false, true, false]);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, toHex } from "../bytes/bytes.ts";
import { sha256d } from "../crypto/hash.ts";
import { blockMerkleRoot, blockWitnessMerkleRoot, merkleRoot } from "./merkle.ts";
import { transactions } from "./test-kit.ts";
import { type Hash256, ZERO_HASH } from "./types.ts";

const leaf = (number: number): Hash256 => sha256d(Uint8Array.of(number & 0xff, number >> 8));
const leaves = (count: number) => Array.from({ length: count }, (_, index) => leaf(index));

/** The tree as its definition reads. */
function slowRoot(level: readonly Hash256[]): Hash256 {
  if (level.length === 1) return level[0]!;
  const next: Hash256[] = [];
  for (let index = 0; index < level.length; index += 2) {
    next.push(sha256d(concatBytes(level[index]!, level[index + 1] ?? level[index]!)));
  }
  return slowRoot(next);
}

describe("root", () => {
  test("of nothing, of one", () => {
    expect(merkleRoot([])).toEqual({ root: ZERO_HASH, mutated: false });
    expect(merkleRoot([leaf(1)])).toEqual({ root: leaf(1), mutated: false });
  });

  test("as the definition has it, for every count up to 70 and beyond the kernel's piece", () => {
    for (const count of [...Array.from({ length: 70 }, (_, index) => index + 1), 2047, 2048, 2049, 4100]) {
      const list = leaves(count);
      const kept = toHex(list.at(-1)!);
      expect(toHex(merkleRoot(list).root)).toBe(toHex(slowRoot(list)));
      expect(toHex(list.at(-1)!)).toBe(kept);
    }
  });

  test("is a copy of the only leaf", () => {
    const only = leaf(3);
    const { root } = merkleRoot([only]);
    only.fill(0);
    expect(toHex(root)).toBe(toHex(leaf(3)));
  });
});

describe("CVE-2012-2459: lists that share a root", () => {
  test("an odd level's end, doubled, has the same root and is told", () => {
    for (const [honest, doubled] of [
      [
        [1, 2, 3],
        [1, 2, 3, 3],
      ],
      [
        [1, 2, 3, 4, 5, 6],
        [1, 2, 3, 4, 5, 6, 5, 6],
      ],
      [
        [1, 2, 3, 4, 5],
        [1, 2, 3, 4, 5, 5],
      ],
      [
        [1, 2, 3, 4, 5],
        [1, 2, 3, 4, 5, 5, 5, 5],
      ],
    ] as const) {
      const good = merkleRoot(honest.map(leaf));
      const bad = merkleRoot(doubled.map(leaf));
      expect(toHex(bad.root)).toBe(toHex(good.root));
      expect([good.mutated, bad.mutated]).toEqual([false, true]);
    }
  });

  test("any list of different leaves is not told; an equal pair in any even place is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), (count, position) => {
        const list = leaves(count);
        expect(merkleRoot(list).mutated).toBe(false);
        const pair = 2 * (position % Math.floor(count / 2));
        list[pair + 1] = list[pair]!;
        expect(merkleRoot(list).mutated).toBe(true);
      }),
    );
  });

  test("equal neighbours of different pairs have no other list, and are not told", () => {
    expect(merkleRoot([1, 2, 2, 3].map(leaf)).mutated).toBe(false);
  });

  test("leaves that differ in their last byte alone are different", () => {
    const [left, right] = [leaf(1), leaf(1)];
    right[31]! ^= 1;
    expect(merkleRoot([left, right]).mutated).toBe(false);
  });
});

test("a block's roots: over txids, and over wtxids with the coinbase's taken as zero", () => {
  fc.assert(
    fc.property(fc.array(transactions, { minLength: 1, maxLength: 5 }), (list) => {
      const block = { transactions: list };
      expect(blockMerkleRoot(block).root).toEqual(slowRoot(list.map((tx) => tx.txid)));
      const wtxids = list.map((tx, index) => (index === 0 ? ZERO_HASH : tx.wtxid));
      expect(toHex(blockWitnessMerkleRoot(block))).toBe(toHex(slowRoot(wtxids)));
    }),
    { numRuns: 30 },
  );
});

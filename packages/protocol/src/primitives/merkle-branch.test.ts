import { describe, expect, test } from "vitest";
import { concatBytes, toHex } from "../bytes/bytes.ts";
import { sha256d } from "../crypto/hash.ts";
import { merkleRoot } from "./merkle.ts";
import { merkleBranch } from "./merkle-branch.ts";
import type { Hash256 } from "./types.ts";

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

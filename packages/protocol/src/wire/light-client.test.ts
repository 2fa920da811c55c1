import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../bytes/bytes.ts";
import { Block } from "../primitives/block.ts";
import { blockMerkleRoot } from "../primitives/merkle.ts";
import { verifyPartialMerkleTree } from "../primitives/merkle-proof.ts";
import { headers, transactions } from "../primitives/test-kit.ts";
import type { BlockHash } from "../primitives/types.ts";
import { makeMerkleBlock } from "./light-client.ts";
import { decodeMessage, encodeMessage, type MessageOf } from "./message.ts";

const number = (value: number) => value.toString(16).padStart(2, "0") + "00".repeat(31);
const hash = (value: number) => fromHex(number(value)) as BlockHash;

test("a merkleblock shows the chosen transactions, and no others, to who knows the header", () => {
  const blocks = fc.tuple(
    headers,
    fc.uniqueArray(transactions, { minLength: 1, maxLength: 9, selector: (tx) => toHex(tx.txid) }),
    fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
  );
  fc.assert(
    fc.property(blocks, ([header, list, choice]) => {
      const block = new Block(header, list);
      const matches = choice.slice(0, list.length);
      const { payload } = encodeMessage(makeMerkleBlock(block, matches));
      const message = decodeMessage("merkleblock", payload) as MessageOf<"merkleblock">;
      expect(message.header.hash).toEqual(header.hash);
      const proof = verifyPartialMerkleTree(message)!;
      expect(proof.root).toEqual(blockMerkleRoot(block).root);
      expect(proof.matches.map(({ index }) => index)).toEqual([...matches.keys()].filter((index) => matches[index]));
    }),
  );
});

describe("bytes", () => {
  test.each([
    ["filterload", "03614e9b050000000000000001", { data: fromHex("614e9b"), hashFunctionCount: 5, tweak: 0, flags: 1 }],
    ["filteradd", "0201ff", { data: fromHex("01ff") }],
    ["getcfilters", `0004030201${number(5)}`, { filterType: 0, startHeight: 0x01020304, stop: hash(5) }],
    ["getcfheaders", `0104030201${number(5)}`, { filterType: 1, startHeight: 0x01020304, stop: hash(5) }],
    ["getcfcheckpt", `00${number(5)}`, { filterType: 0, stop: hash(5) }],
    ["cfilter", `00${number(1)}02abcd`, { filterType: 0, blockHash: hash(1), filter: fromHex("abcd") }],
    [
      "cfheaders",
      `00${number(1)}${number(2)}01${number(3)}`,
      { filterType: 0, stop: hash(1), previousHeader: hash(2), filterHashes: [hash(3)] },
    ],
    [
      "cfcheckpt",
      `00${number(1)}02${number(2)}${number(3)}`,
      { filterType: 0, stop: hash(1), headers: [hash(2), hash(3)] },
    ],
  ] as const)("%s", (type, hex, fields) => {
    const message = decodeMessage(type, fromHex(hex))!;
    expect(message).toEqual({ type, ...fields });
    expect(toHex(encodeMessage(message).payload)).toBe(hex);
  });

  test("a filter that is too large is the receiver's to judge", () => {
    const data = new Uint8Array(36_001);
    const { payload } = encodeMessage({ type: "filterload", data, hashFunctionCount: 51, tweak: 0, flags: 0 });
    expect(decodeMessage("filterload", payload)).toMatchObject({ hashFunctionCount: 51, data });
  });
});

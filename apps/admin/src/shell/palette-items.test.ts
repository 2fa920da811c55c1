import { expect, test } from "vitest";
import { hitFacts, isDescriptor, isMethodName, isSearchable, searchedText } from "./palette-items.ts";

const HASH = "ab".repeat(32);

test.each([
  [" 42 ", "42"],
  ["1,234", "1234"],
  ["1 234 567", "1234567"],
  [` ${HASH} `, HASH],
  ["not a block", "not a block"],
])("'%s' is searched as '%s'", (text, searched) => {
  expect(searchedText(text)).toBe(searched);
});

test.each([
  ["42", true],
  [HASH, true],
  [`${HASH}:0`, true],
  ["bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", true],
  ["", false],
  ["two words", false],
  ["a".repeat(129), false],
  [`${"a".repeat(127)}:1`, false],
])("whether the node is asked for '%s': %s", (text, isAsked) => {
  expect(isSearchable(text)).toBe(isAsked);
});

test.each([
  ["getblock", true],
  [" send ", true],
  ["ge", false],
  ["getBlock", false],
  ["get block", false],
  ["12", false],
])("whether '%s' may be a part of a method's name: %s", (text, isName) => {
  expect(isMethodName(text)).toBe(isName);
});

test.each([
  ["wpkh([73c5da0a/84h/1h/0h]tpubDC/<0;1>/*)#abcdefgh", true],
  [` vpub${"5".repeat(107)} `, true],
  [`[73c5da0a/84h/1h/0h]tpub${"D".repeat(107)}/0/*`, true],
  [`wpkh(tprv${"8".repeat(107)}/0/*)`, false],
  ["public", false],
  ["blocks (all)", false],
])("whether '%s' is a descriptor: %s", (text, isOne) => {
  expect(isDescriptor(text)).toBe(isOne);
});

test("a transaction leads to itself, and to its block where it has one", () => {
  const hit = { kind: "transaction", id: HASH, height: 1234, block_hash: "cd".repeat(32) } as const;
  expect(hitFacts(hit)).toEqual({
    title: "Transaction",
    detail: "ababababab…ababababab · in block 1,234",
    places: [
      { kind: "transaction", id: HASH },
      { kind: "block", id: "cd".repeat(32) },
    ],
  });
  const waiting = hitFacts({ ...hit, height: null, block_hash: null });
  expect(waiting.detail).toContain("waits for a block");
  expect(waiting.places).toHaveLength(1);
});

test("a block and an address are named", () => {
  expect(hitFacts({ kind: "block", id: HASH, height: 7, block_hash: HASH }).title).toBe("Block 7");
  expect(hitFacts({ kind: "address", id: "bcrt1q", height: null, block_hash: null }).places).toEqual([
    { kind: "address", id: "bcrt1q" },
  ]);
});

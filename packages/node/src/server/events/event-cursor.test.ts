import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { expect, test } from "vitest";
import { BlockIndexEntry } from "../../chain/block-index.ts";
import { GENESIS, mineMany } from "../../chain/test-kit.ts";
import { CursorCodec, type CursorPart, hasPrefix, isBefore } from "./event-cursor.ts";

const INSTANCE = fromHex("0102030405060708");
const codec = new CursorCodec({ instance: INSTANCE, magic: fromHex("fabfb5da") });
const entries: BlockIndexEntry[] = [new BlockIndexEntry(GENESIS.block.header, undefined)];
for (const { block } of mineMany(GENESIS, 300)) entries.push(new BlockIndexEntry(block.header, entries.at(-1)));
const at = (height: number) => entries[height]!;

const parts: readonly CursorPart[] = [
  { kind: "whole" },
  { kind: "own", next: { tx: 0, script: 3 } },
  { kind: "connected", next: { tx: 70_000, script: 252 } },
  { kind: "disconnected", block: at(300).hash, next: { tx: 1, script: 100_000 } },
];

test.each(parts)("what is written is read again: $kind", (part) => {
  for (const sequence of [1, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5]) {
    const cursor = codec.parse(codec.text(at(299), sequence, part))!;
    expect(cursor).toMatchObject({ sequence, height: 299, hash: at(299).hash, part });
    expect(codec.isOurs(cursor)).toBe(true);
  }
  const rebuilt = codec.parse(codec.text(at(299), undefined, part))!;
  expect(rebuilt).toMatchObject({ instance: undefined, part });
  expect(codec.isOurs(rebuilt)).toBe(false);
});

test("a cursor names ancestors at growing distances, as far as there are any", () => {
  const heights = (height: number) => codec.parse(codec.text(at(height), 1))!.ancestors.map((one) => one.height);
  expect(heights(0)).toEqual([]);
  expect(heights(1)).toEqual([0]);
  expect(heights(5)).toEqual([4, 3, 1]);
  expect(heights(300)).toEqual([299, 298, 296, 292, 284, 236, 44]);
  for (const { height, prefix } of codec.parse(codec.text(at(300), 1))!.ancestors) {
    expect(hasPrefix(at(height), prefix)).toBe(true);
    expect(hasPrefix(at(height + 1), prefix)).toBe(false);
  }
});

test("it is short enough for an address, whatever it says", () => {
  for (const part of parts) expect(codec.text(at(300), 2 ** 40, part).length).toBeLessThanOrEqual(256);
});

test("what was cut, changed anywhere, or is of another network or version is none", () => {
  const text = codec.text(at(300), 7, parts[2]);
  const other = new CursorCodec({ instance: INSTANCE, magic: fromHex("0a03cf40") });
  expect(other.parse(text)).toBeUndefined();
  const bytes = Buffer.from(text, "base64url");
  for (let index = 0; index < bytes.length; index++) {
    expect(codec.parse(bytes.subarray(0, index).toString("base64url"))).toBeUndefined();
    const changed = Buffer.from(bytes);
    changed[index]! ^= 0x10;
    expect(codec.parse(changed.toString("base64url"))).toBeUndefined();
  }
  for (const nonsense of ["", "!", "a b", "é", "A".repeat(4), "A".repeat(200)])
    expect(codec.parse(nonsense)).toBeUndefined();
});

test("another instance reads it and knows that it is not its own", () => {
  const other = new CursorCodec({ instance: fromHex("ffffffffffffffff"), magic: fromHex("fabfb5da") });
  expect(other.isOurs(other.parse(codec.text(at(10), 7))!)).toBe(false);
});

test("ordinals are ordered by transaction, then by script", () => {
  const order = [
    { tx: 0, script: 0 },
    { tx: 0, script: 1 },
    { tx: 1, script: 0 },
    { tx: 2, script: 5 },
  ];
  for (const [a, left] of order.entries())
    for (const [b, right] of order.entries()) expect(isBefore(left, right)).toBe(a < b);
});

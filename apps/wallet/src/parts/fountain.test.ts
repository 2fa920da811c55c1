import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { describe, expect, test } from "vitest";
import { crc32 } from "./crc32.ts";
import { drawn, FragmentChooser, SeededRandom, WeightedChoice } from "./fountain.ts";
import { messageOf, seededBy } from "./parts.test-kit.ts";

/** The vectors of BCR-2024-001, section 4. */

test("the checksum", () => {
  expect(crc32(new TextEncoder().encode("Wolf"))).toBe(0x598c84dc);
  expect(crc32(messageOf(1_024))).toBe(0x2f19f3bb);
  expect(crc32(new Uint8Array())).toBe(0);
});

describe("random numbers", () => {
  test("of 64 bits", () => {
    const random = seededBy("Wolf");
    const numbers = Array.from({ length: 20 }, () => Number(random.next() % 100n));
    expect(numbers).toEqual([42, 81, 85, 8, 82, 84, 76, 73, 70, 88, 2, 74, 40, 48, 77, 54, 88, 7, 5, 88]);
  });

  test("from a checksum", () => {
    const random = new SeededRandom(Uint8Array.of(0x59, 0x8c, 0x84, 0xdc));
    const numbers = Array.from({ length: 20 }, () => Number(random.next() % 100n));
    expect(numbers).toEqual([88, 44, 94, 74, 0, 99, 7, 77, 68, 35, 47, 78, 19, 21, 50, 15, 42, 36, 91, 11]);
  });

  test("below a number", () => {
    const random = seededBy("Wolf");
    const numbers = Array.from({ length: 20 }, () => random.nextIndex(10) + 1);
    expect(numbers).toEqual([6, 5, 8, 4, 10, 5, 7, 10, 4, 9, 10, 9, 7, 7, 1, 1, 2, 9, 9, 2]);
  });

  test("as the bytes of a message", () => {
    expect(toHex(messageOf(30))).toBe("916ec65cf77cadf55cd7f9cda1a1030026ddd42e905b77adc36e4f2d3ccb".slice(0, 60));
  });
});

test("the larger weight is chosen more often", () => {
  const [choice, random] = [new WeightedChoice([1, 2, 4, 8]), seededBy("Wolf")];
  const chosen = Array.from({ length: 500 }, () => choice.next(random));
  expect(chosen.slice(0, 20)).toEqual([3, 3, 3, 3, 3, 3, 3, 0, 2, 3, 3, 3, 3, 1, 2, 2, 1, 3, 3, 2]);
  expect([0, 1, 2, 3].map((one) => chosen.filter((other) => other === one).length)).toEqual([28, 68, 130, 274]);
});

test("some of many are drawn", () => {
  const draws = [1, 2, 5, 10].map((count) => drawn(10, count, seededBy("Wolf")).map((place) => place + 1));
  expect(draws).toEqual([[6], [6, 4], [6, 4, 9, 3, 10], [6, 4, 9, 3, 10, 5, 7, 8, 1, 2]]);
});

test("a part is mixed of the fragments that its number says", () => {
  const chooser = new FragmentChooser(11, crc32(messageOf(1_024)));
  const sorted = (number: number) => chooser.fragmentsOf(number).sort((one, other) => one - other);
  expect(Array.from({ length: 11 }, (_, place) => sorted(place + 1))).toEqual(
    Array.from({ length: 11 }, (_, place) => [place]),
  );
  const mixed = [
    [9],
    [2, 5, 6, 8, 9, 10],
    [8],
    [1, 5],
    [1],
    [0, 2, 4, 5, 8, 10],
    [5],
    [2],
    [2],
    [0, 1, 3, 4, 5, 7, 9, 10],
    [0, 1, 2, 3, 5, 6, 8, 9, 10],
    [0, 2, 4, 5, 7, 8, 9, 10],
    [3, 5],
    [4],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  ];
  expect(mixed.map((_, place) => sorted(place + 12))).toEqual(mixed);
});

test("a message of one fragment has that one in each part", () => {
  expect([1, 2, 0xffffffff].map((number) => new FragmentChooser(1, 7).fragmentsOf(number))).toEqual([[0], [0], [0]]);
});

import { expect, test } from "vitest";
import { SortedList } from "./sorted-list.ts";
import { seededRandom } from "./test-kit.ts";

const listOf = (...numbers: readonly number[]) => {
  const list = new SortedList<number>((a, b) => a - b);
  for (const number of numbers) list.add(number);
  return list;
};

test("an empty list has neither first nor last", () => {
  const list = listOf();
  expect([list.size, list.first, list.last, [...list]]).toEqual([0, undefined, undefined, []]);
  list.add(1);
  list.delete(1);
  expect([list.size, list.first, list.last, [...list]]).toEqual([0, undefined, undefined, []]);
});

test("items stand in order, whenever they came", () => {
  const list = listOf(5, 1, 9, 3);
  expect([...list]).toEqual([1, 3, 5, 9]);
  expect([list.size, list.first, list.last]).toEqual([4, 1, 9]);
  list.delete(9);
  expect([list.size, list.first, list.last]).toEqual([3, 1, 5]);
});

test("taking out what is not there is a bug", () => {
  expect(() => listOf().delete(1)).toThrow("not in the list");
  expect(() => listOf(1, 3).delete(2)).toThrow("not in the list");
  expect(() => listOf(1, 3).delete(4)).toThrow("not in the list");
});

test("thousands that come and go in any order stand as a sorted array has them", () => {
  const random = seededRandom(7);
  const list = listOf();
  const naive = new Set<number>();
  for (let step = 0; step < 20_000; step++) {
    const number = random(6000);
    // Grows over several blocks, then shrinks to nothing.
    const grows = step < 10_000;
    if (naive.has(number) && (!grows || random(4) === 0)) {
      naive.delete(number);
      list.delete(number);
    } else if (!naive.has(number) && grows) {
      naive.add(number);
      list.add(number);
    }
    if (step % 500 !== 0) continue;
    const sorted = [...naive].sort((a, b) => a - b);
    expect([...list]).toEqual(sorted);
    expect([list.size, list.first, list.last]).toEqual([sorted.length, sorted[0], sorted.at(-1)]);
  }
});

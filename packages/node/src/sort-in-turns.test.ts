import fc from "fast-check";
import { expect, test } from "vitest";
import { sortInTurns } from "./sort-in-turns.ts";

const byKey = (a: { readonly key: number }, b: { readonly key: number }) => a.key - b.key;

test("sorts as the language does, equals in the order in which they came, whatever the size of the lots", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(9)), fc.integer({ min: 1, max: 7 }), async (keys, lot) => {
      const items = keys.map((key, place) => ({ key, place }));
      expect(await sortInTurns(items, byKey, lot)).toEqual(items.toSorted(byKey));
    }),
  );
});

test("the list that is given stays as it is", async () => {
  const items = [3, 1, 2];
  expect(await sortInTurns(items, (a, b) => a - b, 2)).toEqual([1, 2, 3]);
  expect(items).toEqual([3, 1, 2]);
});

test("others have a turn between lots", async () => {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await sortInTurns([...Array(100).keys()].reverse(), (a, b) => a - b, 10);
  isOver = true;
  expect(turns).toBeGreaterThan(20);
});

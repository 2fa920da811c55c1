import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newestOfMany } from "./newest-of-many.ts";

interface Placed {
  readonly place: number;
  readonly list: number;
}

const isBefore = (a: Placed, b: Placed) => a.place > b.place;

/** A list in falling order that counts what was read of it. */
async function* listOf(places: readonly number[], list: number, reads: number[]): AsyncGenerator<Placed> {
  for (const place of places) {
    reads[list] = (reads[list] ?? 0) + 1;
    yield { place, list };
  }
}

describe("many lists as one", () => {
  test("gives every item, in order, those of one place together", async () => {
    const falling = fc.uniqueArray(fc.integer({ min: 0, max: 30 })).map((places) => places.sort((a, b) => b - a));
    await fc.assert(
      fc.asyncProperty(fc.array(falling, { maxLength: 80 }), async (lists) => {
        const groups: Placed[][] = [];
        const sources = lists.map((places, list) => listOf(places, list, []));
        for await (const group of newestOfMany(sources, isBefore)) groups.push([...group]);
        const places = [...new Set(lists.flat())].sort((a, b) => b - a);
        const expected = places.map((place) =>
          lists.flatMap((list, index) => (list.includes(place) ? [{ place, list: index }] : [])),
        );
        const inListOrder = (group: Placed[]) => [...group].sort((a, b) => a.list - b.list);
        expect(groups.map(inListOrder)).toEqual(expected);
      }),
    );
  });

  test("reads no more of a list than the item behind what was given", async () => {
    const reads: number[] = [];
    const lists = [
      [9, 8, 7, 6],
      [5, 4, 3],
    ].map((places, list) => listOf(places, list, reads));
    const merged = newestOfMany(lists, isBefore);
    expect((await merged.next()).value).toEqual([{ place: 9, list: 0 }]);
    expect((await merged.next()).value).toEqual([{ place: 8, list: 0 }]);
    expect(reads).toEqual([3, 1]);
  });
});

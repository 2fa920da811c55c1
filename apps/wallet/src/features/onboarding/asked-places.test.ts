import { expect, test } from "vitest";
import { askedPlaces } from "./asked-places.ts";

test("one word of each third of the phrase is asked for", () => {
  expect(askedPlaces(12, () => 0)).toEqual([0, 4, 8]);
  expect(askedPlaces(12, () => 0.9999)).toEqual([3, 7, 11]);
  expect(askedPlaces(24, () => 0.5)).toEqual([4, 12, 20]);
});

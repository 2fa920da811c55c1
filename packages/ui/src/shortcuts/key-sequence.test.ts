import { expect, test } from "vitest";
import { KeySequence } from "./key-sequence.ts";

const SEQUENCES = ["g d", "g b"];

test.each([
  [["g", "b"], 100, "g b"],
  [["g", "x"], 100, undefined],
  [["b"], 100, undefined],
  [["g", "g", "b"], 100, "g b"],
  [["g", "b"], 1500, "g b"],
  [["g", "b"], 1501, undefined],
])("%j, %i ms apart, is %s", (keys, gapMs, found) => {
  const sequence = new KeySequence();
  expect(keys.map((key, index) => sequence.press(key, index * gapMs, SEQUENCES)).at(-1)).toBe(found);
});

test("a sequence counts once", () => {
  const sequence = new KeySequence();
  sequence.press("g", 0, SEQUENCES);
  expect(sequence.press("b", 1, SEQUENCES)).toBe("g b");
  expect(sequence.press("b", 2, SEQUENCES)).toBeUndefined();
});

import { expect, test } from "vitest";
import { pictureSize } from "./pixels.ts";

test.each([
  ["a screenshot stays as it is", [1_280, 860], [1_280, 860]],
  ["a code with a pixel for each module is made larger", [53, 53], [636, 636]],
  ["a photo of 50 megapixels is made smaller", [8_192, 6_144], [4_000, 3_000]],
  ["a long picture has no side that is too long", [900, 40_000], [92, 4_096]],
  ["a line of pixels stays one", [1, 10_000], [1, 4_096]],
])("%s", (_name, [width, height], [toWidth, toHeight]) => {
  expect(pictureSize({ width: width!, height: height! })).toEqual({ width: toWidth, height: toHeight });
});

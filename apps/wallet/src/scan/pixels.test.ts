import { describe, expect, test } from "vitest";
import { PICTURE_BYTES_MAX, pictureSize, refuseTooLarge } from "./pixels.ts";

test.each([
  ["a screenshot stays as it is", [1_280, 860], [1_280, 860]],
  ["a code with a pixel for each module is made larger", [53, 53], [636, 636]],
  ["a photo of 50 megapixels is made smaller", [8_192, 6_144], [4_000, 3_000]],
  ["a long picture has no side that is too long", [900, 40_000], [92, 4_096]],
  ["a line of pixels stays one", [1, 10_000], [1, 4_096]],
])("%s", (_name, [width, height], [toWidth, toHeight]) => {
  expect(pictureSize({ width: width!, height: height! })).toEqual({ width: toWidth, height: toHeight });
});

describe("a picture is refused before the browser opens it", () => {
  /** The beginning of a PNG that says that it is so large. */
  const png = (width: number, height: number) => {
    const bytes = new DataView(new ArrayBuffer(33));
    for (const [place, word] of [0x89504e47, 0x0d0a1a0a, 13, 0x49484452, width, height].entries())
      bytes.setUint32(place * 4, word);
    return new Blob([bytes.buffer]);
  };

  test("with more pixels than a camera has", async () => {
    await refuseTooLarge(png(12_000, 10_000));
    await expect(refuseTooLarge(png(12_001, 10_000))).rejects.toMatchObject({ kind: "too-many-pixels" });
    await expect(refuseTooLarge(png(20_000, 20_000))).rejects.toMatchObject({ kind: "too-many-pixels" });
    await refuseTooLarge(new Blob(["no picture"]));
  });

  test("with more bytes than a photo has", async () => {
    const fileOf = (size: number) => new Blob([new Uint8Array(size)]);
    await refuseTooLarge(fileOf(PICTURE_BYTES_MAX));
    await expect(refuseTooLarge(fileOf(PICTURE_BYTES_MAX + 1))).rejects.toMatchObject({ kind: "too-large" });
  });
});

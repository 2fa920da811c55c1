import { expect, test } from "vitest";
import { fittingSize, readWindowSize, WINDOW_SIZE_DEFAULT } from "./messages.ts";

const size = (width: number, height: number) => ({ width, height, isMaximized: false });

test("a window is as large as it was, where a screen has room for it, and else as large as the largest", () => {
  const rooms = [size(1280, 768), size(1920, 1040)];
  expect(fittingSize(size(1900, 1000), rooms)).toEqual(size(1900, 1000));
  expect(fittingSize(size(2360, 900), rooms)).toEqual(size(1920, 900));
  expect(fittingSize(size(1180, 820), [size(640, 450)])).toEqual(size(640, 450));
  expect(fittingSize(size(1180, 820), [size(200, 0)])).toEqual(size(320, 320));
  expect(fittingSize(size(1180, 820), [])).toEqual(size(1180, 820));
});

test("what was kept is a size, or the usual one", () => {
  expect(readWindowSize(size(500, 400))).toEqual(size(500, 400));
  for (const value of [undefined, null, 5, "x", size(10, 400), size(1e6, 400), { width: "500", height: 400 }]) {
    expect(readWindowSize(value)).toEqual(WINDOW_SIZE_DEFAULT);
  }
});

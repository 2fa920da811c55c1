import { expect, test } from "vitest";
import { readGapLimit } from "./read-gap-limit.ts";

test("the number of unused addresses that end a search is taken as people write it, and refused beyond its bounds", () => {
  expect(readGapLimit("20")).toEqual({ gapLimit: 20 });
  expect(readGapLimit(" 1000 ")).toEqual({ gapLimit: 1000 });
  expect(readGapLimit("1,000")).toEqual({ gapLimit: 1000 });
  for (const entry of ["", "19", "1001", "20.5", "1e2", "-30", "many", "１００"])
    expect(readGapLimit(entry)).toEqual({ problem: "Enter a number from 20 to 1,000." });
  expect(readGapLimit("40", 41)).toEqual({ problem: "Enter a number from 41 to 1,000." });
});

import { expect, test } from "vitest";
import { parseTimeChange } from "./time-text.ts";

test.each([
  ["+2h", { offsetSeconds: 7200 }],
  ["-30m", { offsetSeconds: -1800 }],
  ["+1w", { offsetSeconds: 604_800 }],
  ["+0s", { offsetSeconds: 0 }],
  ["@1900000000", { seconds: 1_900_000_000 }],
  ["2030-01-01T00:00:00Z", { seconds: 1_893_456_000 }],
  ["reset", "real"],
] as const)("%s is understood", (text, change) => {
  expect(parseTimeChange(text)).toEqual(change);
});

test.each(["", "2h", "+2y", "+h", "soon", "@x", "+1.5h"])("'%s' is not", (text) => {
  expect(() => parseTimeChange(text)).toThrow(/^\+2h, -30m/);
});

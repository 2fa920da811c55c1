import { expect, test } from "vitest";
import { summaryOf } from "./time-series.tsx";

const format = (value: number) => `${value} B`;

test("a chart is told in words", () => {
  expect(summaryOf([1, 2, 3], [{ label: "Size", values: [5, null, 2] }], format)).toBe(
    "3 points. Size: 2 B at last, between 2 B and 5 B.",
  );
  expect(summaryOf([1], [{ label: "Size", values: [null] }], format)).toBe("1 point. Size: no values.");
  expect(summaryOf([], [], format)).toBe("No values yet.");
});

test("of very many points too", () => {
  const values = Array.from({ length: 300_000 }, (_, index) => index);
  expect(summaryOf(values, [{ label: "Size", values }], format)).toContain("between 0 B and 299999 B");
});

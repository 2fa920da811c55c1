import { expect, test } from "vitest";
import { nextSorting, sortRows } from "./sort-rows.ts";

const rows = [
  { name: "b", size: 2n },
  { name: "a", size: null },
  { name: "c", size: 10n },
  { name: "d", size: 2n },
];
const namesBy = (isDescending: boolean) =>
  sortRows(rows, (row) => row.size, isDescending)
    .map(({ name }) => name)
    .join("");

test("least first or most first; equal rows keep their order, and those without a value are last", () => {
  expect(namesBy(false)).toBe("bdca");
  expect(namesBy(true)).toBe("cbda");
  expect(rows.map(({ name }) => name).join("")).toBe("bacd");
});

test("a head is pressed three times until the rows are as they came", () => {
  const first = nextSorting(undefined, "size");
  expect(first).toEqual({ columnId: "size", isDescending: true });
  const second = nextSorting(first, "size");
  expect(second).toEqual({ columnId: "size", isDescending: false });
  expect(nextSorting(second, "size")).toBeUndefined();
  expect(nextSorting(second, "name")).toEqual({ columnId: "name", isDescending: true });
});

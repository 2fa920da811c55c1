import { expect, test } from "vitest";
import { tiedHeight } from "./tied-height.ts";

const at = (height: number | null, hash: string | null) => ({ height, hash }) as never;

test("nodes of one height with different tips wait for the next block", () => {
  expect(tiedHeight({ nodes: [at(5, "a"), at(5, "b"), at(5, "b")], partition: [] })).toBe(5);
  expect(tiedHeight({ nodes: [at(5, "a"), at(null, null), at(5, "b")], partition: [] })).toBe(5);
});

test("none where they agree, one is ahead, none answers, or groups are separated", () => {
  expect(tiedHeight({ nodes: [at(5, "a"), at(5, "a")], partition: [] })).toBeUndefined();
  expect(tiedHeight({ nodes: [at(5, "a"), at(6, "b")], partition: [] })).toBeUndefined();
  expect(tiedHeight({ nodes: [at(null, null)], partition: [] })).toBeUndefined();
  expect(tiedHeight({ nodes: [at(5, "a"), at(5, "b")], partition: [["x"], ["y"]] })).toBeUndefined();
});

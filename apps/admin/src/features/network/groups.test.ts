import { expect, test } from "vitest";
import { groupsOf, isSameGroups, moved } from "./groups.ts";

test("without a partition all nodes are in one group", () => {
  expect(groupsOf([], ["a", "b"])).toEqual([["a", "b"]]);
});

test("a node that the partition does not know stands with the last group, and one that is gone stands nowhere", () => {
  expect(groupsOf([["a", "gone"], ["b"]], ["a", "b", "c"])).toEqual([["a"], ["b", "c"]]);
});

test("a node goes to another group, or to a new one, and empty groups go", () => {
  expect(moved([["a", "b"], ["c"]], "a", 1)).toEqual([["b"], ["c", "a"]]);
  expect(moved([["a", "b"]], "b", 1)).toEqual([["a"], ["b"]]);
  expect(moved([["a"], ["b"]], "a", 1)).toEqual([["b", "a"]]);
  expect(moved([["a"], ["b"]], "a", 2)).toEqual([["b"], ["a"]]);
});

test("where it is already nothing changes", () => {
  const groups = [["a"], ["b"]];
  expect(moved(groups, "a", 0)).toBe(groups);
});

test("groups are the same in whatever order", () => {
  expect(isSameGroups([["a", "b"], ["c"]], [["c"], ["b", "a"]])).toBe(true);
  expect(isSameGroups([["a", "b"], ["c"]], [["a"], ["b", "c"]])).toBe(false);
  expect(isSameGroups([["a", "b"]], [["a"], ["b"]])).toBe(false);
});

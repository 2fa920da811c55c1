import { expect, test } from "vitest";
import { blockSearch, blocksSearch } from "./block-search.ts";

test("a block's page takes page and filter of the address, and leaves out what is none", () => {
  expect(blockSearch({ page: 2, find: "ab", feerate: "1.5" })).toEqual({ page: 2, find: "ab", feerate: 1.5 });
  expect(blockSearch({ find: 12, feerate: 1_000_000 })).toEqual({ find: "12", feerate: 1_000_000 });
  expect(blockSearch({ page: 1, find: "", feerate: 0 })).toEqual({});
  expect(blockSearch({ find: { a: 1 }, feerate: 1_000_001 })).toEqual({});
  expect(blockSearch({ find: "f".repeat(65) }).find).toHaveLength(64);
});

test("a height goes before a page of the list", () => {
  expect(blocksSearch({ at: 0, page: 3 })).toEqual({ at: 0 });
  expect(blocksSearch({ at: "999999999" })).toEqual({ at: 999_999_999 });
  for (const at of [-1, 1.5, "", "x", 1_000_000_000]) expect(blocksSearch({ at, page: 3 })).toEqual({ page: 3 });
});

import { expect, test } from "vitest";
import { ApiKeys } from "./api-keys.ts";

test("a key is known whole, or not at all", () => {
  const keys = new ApiKeys([
    { role: "admin", key: "correct horse" },
    { role: "admin", key: "battery staple" },
  ]);
  expect(keys.has("admin")).toBe(true);
  for (const key of ["correct horse", "battery staple"]) expect(keys.roleOf(key)).toBe("admin");
  for (const key of ["", "correct hors", "correct horse ", "Correct horse", "horse"]) {
    expect(keys.roleOf(key)).toBeUndefined();
  }
});

test("without keys nobody is anybody", () => {
  const keys = new ApiKeys();
  expect(keys.has("admin")).toBe(false);
  expect(keys.roleOf("")).toBeUndefined();
});

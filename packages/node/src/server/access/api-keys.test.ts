import { describe, expect, test } from "vitest";
import { ApiKeys, hashOfKey, type KeyGrant } from "./api-keys.ts";
import { holdsRole, KEY_ROLES } from "./key-roles.ts";

const grant = (name: string, key: string, more: Partial<KeyGrant> = {}): KeyGrant => ({
  name,
  role: "wallet",
  hash: hashOfKey(key),
  ...more,
});

test("a key is known whole, or not at all", () => {
  const keys = new ApiKeys([
    { role: "admin", key: "correct horse" },
    { role: "wallet", key: "battery staple", name: "shop" },
  ]);
  expect(keys.find("correct horse")).toMatchObject({ name: "admin", role: "admin" });
  expect(keys.find("battery staple")).toMatchObject({ name: "shop", role: "wallet" });
  for (const key of ["", "correct hors", "correct horse ", "Correct horse", "horse"]) {
    expect(keys.find(key)).toBeUndefined();
  }
});

test("without keys nobody is anybody", () => {
  const keys = new ApiKeys();
  expect(keys.isEmpty).toBe(true);
  for (const role of KEY_ROLES) expect(keys.has(role)).toBe(false);
  expect(keys.find("")).toBeUndefined();
});

test("a role holds those before it, and none behind it", () => {
  const held = KEY_ROLES.map((given) => KEY_ROLES.filter((needed) => holdsRole(given, needed)));
  expect(held).toEqual([["public"], ["public", "wallet"], ["public", "wallet", "admin"]]);
  const keys = new ApiKeys([{ role: "wallet", key: "k" }]);
  expect(KEY_ROLES.filter((role) => keys.has(role))).toEqual(["public", "wallet"]);
});

describe("keys of a file", () => {
  test("come, stay and go with it; those given at the start stay", () => {
    const keys = new ApiKeys([{ role: "admin", key: "given" }]);
    keys.replace([grant("a", "one"), grant("b", "two")]);
    expect(keys.find("one")).toMatchObject({ name: "a" });
    keys.replace([grant("b", "two")]);
    expect(keys.find("one")).toBeUndefined();
    expect(keys.find("two")).toMatchObject({ name: "b" });
    keys.replace([]);
    expect(keys.find("two")).toBeUndefined();
    expect(keys.find("given")).toMatchObject({ role: "admin" });
  });

  test("that are gone, or are others now, are told to who listens; those that stay are not", () => {
    const keys = new ApiKeys();
    const told: string[][] = [];
    const stop = keys.onChange((gone) => told.push([...gone]));
    keys.replace([grant("a", "one"), grant("b", "two"), grant("c", "three"), grant("d", "four")]);
    keys.replace([grant("a", "one"), grant("b", "other"), grant("c", "three", { role: "public" }), grant("e", "five")]);
    expect(told).toEqual([["b", "c", "d"]]);
    keys.replace([grant("a", "one"), grant("b", "other"), grant("c", "three", { role: "public" }), grant("e", "five")]);
    expect(told.length).toBe(1);
    keys.replace([grant("a", "one", { allow: ["mining"] })]);
    expect(told[1]).toEqual(["a", "b", "c", "e"]);
    stop();
    keys.replace([]);
    expect(told.length).toBe(2);
  });

  test("are none from their end on", () => {
    let nowMs = 999;
    const keys = new ApiKeys([], () => nowMs);
    const told: string[][] = [];
    keys.onChange((gone) => told.push([...gone]));
    keys.replace([grant("a", "one", { expiresMs: 1000 }), grant("b", "two", { expiresMs: 2000 })]);
    expect(keys.find("one")).toBeDefined();
    keys.dropExpired();
    expect(told).toEqual([]);
    nowMs = 1000;
    // At once, whoever has noticed.
    expect(keys.find("one")).toBeUndefined();
    expect(keys.find("two")).toBeDefined();
    keys.dropExpired();
    keys.dropExpired();
    expect(told).toEqual([["a"]]);
    nowMs = 2000;
    expect(keys.has("wallet")).toBe(false);
  });
});

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSettingsFile } from "./settings-file.ts";
import { startupWallets } from "./startup-wallets.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "bitfleet-startup-wallets-"));
  path = join(dir, "settings.json");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = () => startupWallets(openSettingsFile(path));
const content = () => JSON.parse(readFileSync(path, "utf8"));

test("names are added once, taken out, and there again at the next start; other keys stay", () => {
  writeFileSync(path, '{"dbcache":7,"wallet":["a"],"unknown":[1]}');
  const wallets = open();
  expect(wallets.names()).toEqual(["a"]);
  expect([wallets.add("b"), wallets.add("b"), wallets.add("")]).toEqual([true, true, true]);
  expect([wallets.remove("a"), wallets.remove("never there")]).toEqual([true, true]);
  expect(open().names()).toEqual(["b", ""]);
  expect(content()).toMatchObject({ dbcache: 7, wallet: ["b", ""], unknown: [1] });
  expect(existsSync(`${path}.tmp`)).toBe(false);
});

test("the first name makes the list; a setting that is no list gives way to one", () => {
  expect(open().names()).toEqual([]);
  expect(open().add("a")).toBe(true);
  expect(content().wallet).toEqual(["a"]);
  writeFileSync(path, '{"wallet":true}');
  const wallets = open();
  expect([wallets.names(), wallets.remove("")]).toEqual([[], true]);
  expect(content().wallet).toBe(true);
  wallets.add("a");
  expect(content().wallet).toEqual(["a"]);
});

test("the unnamed wallet, which is loaded where nothing is said, is kept out by an empty list", () => {
  const wallets = open();
  expect(wallets.remove("a")).toBe(true);
  expect(content()).not.toHaveProperty("wallet");
  expect(wallets.remove("")).toBe(true);
  expect(content().wallet).toEqual([]);
});

test("a file that cannot be written is told of", () => {
  const wallets = open();
  // A folder in the place of what is written first fails also for who may write everywhere.
  mkdirSync(`${path}.tmp`);
  expect(wallets.add("a")).toBe(false);
  expect(content()).not.toHaveProperty("wallet");
});

test("without a file nothing can be changed", () => {
  const wallets = startupWallets(undefined);
  expect(wallets.names()).toEqual([]);
  expect(() => wallets.add("a")).toThrow("Attempt to write settings file when dynamic settings are disabled.");
  expect(wallets.remove("b")).toBe(true);
});

test("the unnamed wallet that was loaded by itself is among the names as soon as the file is written, and not before", () => {
  const wallets = open();
  wallets.assumeUnnamed();
  expect(wallets.names()).toEqual([""]);
  expect(open().names()).toEqual([]);
  wallets.add("a");
  expect(content().wallet).toEqual(["", "a"]);
  wallets.remove("");
  expect(open().names()).toEqual(["a"]);
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readIfThere, replaceFile } from "./replace-file.ts";

const FIRST = Uint8Array.of(1, 2, 3);
const SECOND = Uint8Array.of(4, 5);

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
  path = join(folder, "file.dat");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("replacing a file", () => {
  test("makes it, replaces it, and leaves nothing else", async () => {
    await replaceFile(path, FIRST);
    expect(new Uint8Array(readFileSync(path))).toEqual(FIRST);
    await replaceFile(path, SECOND);
    expect(new Uint8Array(readFileSync(path))).toEqual(SECOND);
    expect(readdirSync(folder)).toEqual(["file.dat"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("that fails keeps what was there, and leaves nothing else", async () => {
    mkdirSync(path);
    writeFileSync(join(path, "inside"), "");
    await expect(replaceFile(path, FIRST)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["file.dat"]);
    expect(readdirSync(path)).toEqual(["inside"]);
  });
});

test("a missing file is none, another failure is one", async () => {
  expect(await readIfThere(path)).toBeUndefined();
  writeFileSync(path, FIRST);
  expect(await readIfThere(path)).toEqual(FIRST);
  await expect(readIfThere(folder)).rejects.toThrow("EISDIR");
});

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { makeFolder } from "./make-folder.ts";

const root = mkdtempSync(join(tmpdir(), "bitfleet-folder-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...parts: string[]) => join(root, ...parts);

describe("a folder", () => {
  test("is made with those above it, for its owner alone where that is asked for", async () => {
    expect(await makeFolder(at("a", "b", "c"), 0o700)).toBe(true);
    for (const path of [at("a"), at("a", "b"), at("a", "b", "c")]) expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(await makeFolder(at("a", "b", "c"), 0o700)).toBe(false);
    expect(await makeFolder(at("a", "b", "d"))).toBe(true);
  });

  test("may be a link to one, and no file", async () => {
    mkdirSync(at("real"));
    symlinkSync(at("real"), at("link"));
    expect(await makeFolder(at("link"))).toBe(false);
    expect(await makeFolder(at("link", "in"))).toBe(true);
    expect(existsSync(at("real", "in"))).toBe(true);
    writeFileSync(at("file"), "");
    await expect(makeFolder(at("file"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolder(at("file", "in"))).rejects.toMatchObject({ code: "ENOTDIR" });
    symlinkSync(at("nowhere", "x"), at("dangling"));
    await expect(makeFolder(at("dangling"))).rejects.toMatchObject({ code: "EEXIST" });
    symlinkSync(at("loop"), at("loop"));
    await expect(makeFolder(at("loop", "in"))).rejects.toMatchObject({ code: "ELOOP" });
  });

  test.runIf(existsSync("/proc/self"))("that the system has no place for is refused at once", async () => {
    await expect(makeFolder("/proc/self/x")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(makeFolder("/proc/self/x/y")).rejects.toMatchObject({ code: "ENOENT" });
  });
});

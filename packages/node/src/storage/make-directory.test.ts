import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeDirectory } from "./make-directory.ts";

const folder = mkdtempSync(join(tmpdir(), "bitfleet-directory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const codeOf = (path: string) => {
  try {
    makeDirectory(path);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

test("a directory with those above it, and again where it is there", () => {
  const path = join(folder, "a", "b", "c");
  makeDirectory(path);
  makeDirectory(path);
  makeDirectory("/");
  expect(statSync(path).isDirectory()).toBe(true);
});

test("a file in its place, or in the place of one above, is an error", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(codeOf(file)).toBe("EEXIST");
  expect(codeOf(join(file, "below"))).toBe("ENOTDIR");
  symlinkSync(join(folder, "nowhere"), join(folder, "link"));
  expect(codeOf(join(folder, "link"))).toBe("EEXIST");
});

test.skipIf(process.platform !== "linux")(
  "where none can be made the system's error comes, and no endless trying",
  () => {
    expect(codeOf("/proc/bitfleet")).toBe("ENOENT");
    expect(codeOf("/proc/bitfleet/data")).toBe("ENOENT");
  },
);

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { lastLines, sizeOf } from "./log-tail.ts";

const folder = mkdtempSync(join(tmpdir(), "bitfleet-tail-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "debug.log");

describe("the last lines of a log", () => {
  test("are as many as asked for, without empty ones", () => {
    writeFileSync(file, "one\n\n\ntwo\nthree\n");
    expect(lastLines(file, 2)).toEqual(["two", "three"]);
    expect(lastLines(file, 9)).toEqual(["one", "two", "three"]);
  });

  test("begin behind what was there before", () => {
    writeFileSync(file, "old\n");
    const before = sizeOf(file);
    expect(lastLines(file, 9, before)).toEqual([]);
    appendFileSync(file, "new\n");
    expect(lastLines(file, 9, before)).toEqual(["new"]);
  });

  test("of a log that was shortened since are all new", () => {
    writeFileSync(file, "new\n");
    expect(lastLines(file, 9, 1000)).toEqual(["new"]);
  });

  test("of a long log come from its end alone", () => {
    writeFileSync(file, `${"x".repeat(99)}\n`.repeat(1000));
    appendFileSync(file, "last\n");
    expect(lastLines(file, 2)).toEqual(["x".repeat(99), "last"]);
  });

  test("of none are none", () => {
    expect(sizeOf(join(folder, "none"))).toBe(0);
    expect(lastLines(join(folder, "none"), 5)).toEqual([]);
  });
});

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { lastLines, logPart, sizeOf } from "./log-tail.ts";

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

describe("a part of a log", () => {
  const part = (count: number, after?: number, bytesMax = 1000) => logPart(file, { count, after, bytesMax });

  test("goes on where the one before ended, by whole lines", () => {
    writeFileSync(file, "one\ntwo\nthr");
    expect(part(9)).toEqual({ lines: ["one", "two"], end: 8, isCut: false });
    expect(part(1)).toEqual({ lines: ["two"], end: 8, isCut: false });
    expect(part(9, 8)).toEqual({ lines: [], end: 8, isCut: false });
    appendFileSync(file, "ee\n\nfour\n");
    expect(part(9, 8)).toEqual({ lines: ["three", "four"], end: 20, isCut: false });
    expect(part(9, 20)).toEqual({ lines: [], end: 20, isCut: false });
  });

  test("says when lines are left out: too many, too much, or a log that was begun anew", () => {
    writeFileSync(file, "one\ntwo\nthree\n");
    expect(part(1, 4)).toEqual({ lines: ["three"], end: 14, isCut: true });
    expect(part(2, 4)).toEqual({ lines: ["two", "three"], end: 14, isCut: false });
    expect(part(9, 0, 8)).toEqual({ lines: ["three"], end: 14, isCut: true });
    expect(part(9, undefined, 8)).toEqual({ lines: ["three"], end: 14, isCut: false });
    expect(part(9, 15)).toEqual({ lines: ["one", "two", "three"], end: 14, isCut: true });
  });

  test("of none is empty", () => {
    const none = logPart(join(folder, "none"), { count: 5, after: undefined, bytesMax: 10 });
    expect(none).toEqual({ lines: [], end: 0, isCut: false });
  });
});

import { expect, test } from "vitest";
import { LOG_LINES_MAX, levelOf, matching, withPart } from "./log-lines.ts";

const part = (lines: readonly string[], end: number, isCut = false) => ({ lines, end, is_cut: isCut });

test("parts follow each other, and lines keep their numbers", () => {
  const first = withPart(undefined, part(["a", "b"], 4));
  expect(withPart(first, part([], 4))).toBe(first);
  const second = withPart(first, part(["c"], 6));
  expect(second.lines.map(({ number, text }) => `${number}${text}`)).toEqual(["0a", "1b", "2c"]);
  expect(second.end).toBe(6);
  expect(withPart(second, part(["z"], 2, true)).lines.map(({ text }) => text)).toEqual(["a", "b", "c", "…", "z"]);
});

test("the oldest make room", () => {
  const full = withPart(undefined, part(Array(LOG_LINES_MAX).fill("x"), 9));
  const more = withPart(full, part(["y"], 11));
  expect(more.lines).toHaveLength(LOG_LINES_MAX);
  expect(more.lines[0]?.number).toBe(1);
  expect(more.lines.at(-1)).toMatchObject({ number: LOG_LINES_MAX, text: "y" });
});

test.each([
  ["2026-01-01T00:00:00Z a plain line [warning] it quotes", "plain"],
  ["2026-01-01T00:00:00Z [warning] slow", "warning"],
  ["2026-01-01T00:00:00Z [net:warning] slow", "warning"],
  ["2026-01-01T00:00:00Z [main] [error] broken", "error"],
  ["2026-01-01T00:00:00Z [net] peer", "plain"],
])("%s", (line, level) => expect(levelOf(line)).toBe(level));

test("lines are found by part of their text and by how grave they are", () => {
  const { lines } = withPart(undefined, part(["T one", "T [warning] Two", "T [error] three"], 9));
  const found = (text: string, level: "plain" | "warning" | "error") =>
    matching(lines, { text, level }).map(({ number }) => number);
  expect(found("", "plain")).toEqual([0, 1, 2]);
  expect(found(" tWO ", "plain")).toEqual([1]);
  expect(found("", "warning")).toEqual([1, 2]);
  expect(found("", "error")).toEqual([2]);
  expect(found("two", "error")).toEqual([]);
});

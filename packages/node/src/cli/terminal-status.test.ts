import { describe, expect, test } from "vitest";
import { ageText, ProgressLine } from "./terminal-status.ts";

function output(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text: string) => written.push(text) };
}

describe("progress", () => {
  test("is one line that renews itself in a terminal, and leaves nothing behind", () => {
    const terminal = output(true);
    const line = new ProgressLine(terminal);
    line.show("Verifying blocks…", 0);
    line.show("Verifying blocks…", 50);
    line.show("Verifying blocks…", 50.4);
    line.clear();
    expect(terminal.written).toEqual([
      "\r\x1b[K  Verifying blocks…",
      "\r\x1b[K  Verifying blocks…  ████████████▒░░░░░░░░░░░ 50%",
      "\r\x1b[K",
    ]);
  });

  test("is never wider than the terminal", () => {
    const narrow = output(true, 20);
    new ProgressLine(narrow).show("Reindexing blocks on disk…", 99);
    expect(narrow.written).toEqual(["\r\x1b[K  Reindexing blocks"]);
  });

  test("of something short is not told where lines stay", () => {
    const file = output(false);
    const line = new ProgressLine(file);
    for (let percent = 0; percent < 100; percent++) line.show("Verifying blocks…", percent);
    line.clear();
    expect(file.written).toEqual([]);
  });
});

test.each([
  [0, "0 s ago"],
  [59, "59 s ago"],
  [60, "1 min ago"],
  [3600, "1 h ago"],
  [172_800, "2 days ago"],
])("%i seconds are %s", (seconds, text) => {
  expect(ageText(seconds)).toBe(text);
});

import { expect, test } from "vitest";
import { groupsOf, lineCount, offsetText } from "./hex-lines.ts";

test("lines hold so many bytes, in groups of four, and the last one what is left", () => {
  const hex = "00112233445566778899";
  expect(lineCount(hex, 8)).toBe(2);
  expect(groupsOf(hex, 0, 8)).toBe("00112233 44556677");
  expect(groupsOf(hex, 1, 8)).toBe("8899");
  expect(groupsOf(hex, 2, 8)).toBe("");
  expect(lineCount(hex.slice(0, 16), 8)).toBe(1);
  expect(lineCount("", 8)).toBe(0);
});

test("offsets have six digits, and more where they are needed", () => {
  expect(offsetText(255)).toBe("0000ff");
  expect(offsetText(0x1000000)).toBe("1000000");
});

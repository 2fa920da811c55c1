import { describe, expect, test } from "vitest";
import { countFor, pasteAt, wordsIn } from "./entered-words.ts";

const empty = (count: number) => Array.from({ length: count }, () => "");

describe("a phrase that is pasted", () => {
  test.each([
    ["abandon ability able", ["abandon", "ability", "able"]],
    ["1. Abandon\n2. Ability\r\n3) ABLE ", ["abandon", "ability", "able"]],
    ["abandon,ability;\table", ["abandon", "ability", "able"]],
    ["  ", []],
  ])("has its words, whatever is between them: %j", (text, words) => {
    expect(wordsIn(text)).toEqual(words);
  });

  test("fills the fields, and makes as many as it needs", () => {
    const twelve = Array.from({ length: 12 }, (_, index) => `w${index}`);
    expect(pasteAt(empty(24), 0, twelve).fields.slice(0, 13)).toEqual([...twelve, ""]);
    expect(pasteAt(empty(12), 0, [...twelve, ...twelve])).toEqual({ fields: [...twelve, ...twelve], count: 24 });
    expect(pasteAt(empty(12), 2, ["x", "y"]).fields).toEqual(["", "", "x", "y", ...empty(8)]);
    expect(pasteAt(empty(12), 10, ["x", "y", "z"])).toMatchObject({ count: 15 });
    expect(pasteAt(empty(24), 23, ["x", "y"]).fields).toHaveLength(24);
  });

  test("of a count in between has room in the next larger one", () => {
    expect([1, 12, 13, 18, 22, 24, 30].map(countFor)).toEqual([12, 12, 15, 18, 24, 24, 24]);
  });
});

import { expect, test } from "vitest";
import { pickLanguage } from "./language.ts";
import { plural, textsOf } from "./texts.ts";

test("texts are those of the language there is", () => {
  const texts = textsOf({
    en: { title: "Blocks", count: (count: number) => `${count} blocks`, parts: { end: "End" } },
  });
  expect(texts.title).toBe("Blocks");
  expect(texts.count(3)).toBe("3 blocks");
  expect(texts.parts.end).toBe("End");
});

test.each([
  [0, "blocks"],
  [1, "block"],
  [2, "blocks"],
])("%i goes with %s", (count, word) => {
  expect(plural(count, { one: "block", other: "blocks" })).toBe(word);
});

test("a language without words is English", () => {
  expect(pickLanguage(["de-CH", "en-GB"])).toBe("en");
  expect(pickLanguage(["xx"])).toBe("en");
  expect(pickLanguage([])).toBe("en");
});

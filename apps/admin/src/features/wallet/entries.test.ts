import { expect, test } from "vitest";
import { passphraseProblem } from "./entries.ts";
import { texts } from "./texts.ts";

test("a passphrase is entered twice alike", () => {
  expect(passphraseProblem("correct horse", "correct horse")).toBeUndefined();
  expect(passphraseProblem("correct horse", "correct horze")).toBe(texts.entries.notTheSame);
});

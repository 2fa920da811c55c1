import { describe, expect, test } from "vitest";
import { strengthOf } from "./strength.ts";

describe("a passphrase is", () => {
  test.each([
    "password",
    "Password1",
    "P@ssw0rd!",
    "12345678",
    "87654321",
    "qwertyuiop",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcabcabcabcabcabcabcabc",
    "satoshi2009",
    "Summer2024!",
    "31121999",
    "jessica1985",
    "letmeinletmeinletmein",
  ])("weak where it is what is tried first: %s", (passphrase) => {
    expect(strengthOf(passphrase).level).toBe("weak");
  });

  test("the stronger the more words it has, and strong with six of them", () => {
    const words = ["turtle", "harvest", "piano", "gravel", "window", "ember"];
    const levels = words.map((_, index) => strengthOf(words.slice(0, index + 1).join(" ")).level);
    expect(levels).toEqual(["weak", "weak", "fair", "good", "strong", "strong"]);
  });

  test("strong where it is long and without any order", () => {
    expect(strengthOf("k7#Vq!x2Zr@9").level).toBe("strong");
    expect(strengthOf("xQ3$").level).toBe("weak");
  });

  test("not made stronger by what everybody adds", () => {
    const plain = strengthOf("monkey").bits;
    for (const more of ["Monkey", "MONKEY", "monkey1", "monkey!", "m0nkey"]) {
      expect(strengthOf(more).bits - plain, more).toBeLessThan(7);
    }
  });

  test("of nothing, nothing; and what is very long is looked at quickly", () => {
    expect(strengthOf("")).toMatchObject({ level: "weak", bits: 0 });
    expect(strengthOf("turtle harvest piano ".repeat(500)).level).toBe("strong");
  });

  test("told by the time it takes", () => {
    const { bits, seconds } = strengthOf("turtle harvest piano gravel");
    expect(seconds).toBeCloseTo(2 ** bits / 100_000);
  });
});

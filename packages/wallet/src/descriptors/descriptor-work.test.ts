import { expect, test } from "vitest";
import { DESCRIPTOR_CHARACTERS_MAX, DESCRIPTOR_STEPS_MAX, excessOf, stepCountOf } from "./descriptor-work.ts";

/** What a descriptor costs is told from its text, before it is read. */

const values = (count: number) => `<${Array.from({ length: count }, (_, value) => value % 10).join(";")}>`;

test("a text counts once for each of its variants", () => {
  expect(excessOf(`wpkh(xpub${values(1000)})`)).toContain("too long");
  const few = `wpkh(xpub${values(10)})`;
  expect(excessOf(few.padEnd(DESCRIPTOR_CHARACTERS_MAX / 10))).toBeUndefined();
  expect(excessOf(few.padEnd(DESCRIPTOR_CHARACTERS_MAX / 10 + 1))).toContain("too long");
  expect(excessOf("x".repeat(DESCRIPTOR_CHARACTERS_MAX))).toBeUndefined();
  expect(excessOf("x".repeat(DESCRIPTOR_CHARACTERS_MAX + 1))).toContain("too long");
});

test("steps count once for each variant, those of an origin not at all", () => {
  expect(excessOf("/".repeat(DESCRIPTOR_STEPS_MAX))).toBeUndefined();
  expect(excessOf("/".repeat(DESCRIPTOR_STEPS_MAX + 1))).toContain("too much work");
  expect(excessOf("<0;1>".padEnd(DESCRIPTOR_STEPS_MAX / 2, "/"))).toBeUndefined();
  expect(excessOf(`<0;1>${"/".repeat(DESCRIPTOR_STEPS_MAX / 2 + 1)}`)).toContain("too much work");
  expect(stepCountOf("wpkh([01234567/84h/0h/0h]xpub/0/*)")).toBe(2);
  expect(stepCountOf("wpkh(02)")).toBe(1);
  expect(stepCountOf("tr(musig(a,b)/0/*)")).toBe(2 + 2 * 8);
});

test("what is no descriptor is counted all the same, in time that grows with it alone", () => {
  expect(excessOf("<")).toBeUndefined();
  expect(excessOf("<;".repeat(1000))).toBeUndefined();
  expect(excessOf("")).toBeUndefined();
});

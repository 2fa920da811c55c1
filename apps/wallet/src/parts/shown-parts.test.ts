import { describe, expect, test } from "vitest";
import { type Added, PartsGatherer } from "./gather-parts.ts";
import { PARTS_MAX } from "./limits.ts";
import { messageOf } from "./parts.test-kit.ts";
import { psbtParts, type ShownParts } from "./shown-parts.ts";

const PSBT = messageOf(2_000);

/** What our own reader makes of some of them. */
function read(parts: ShownParts, numbers: readonly number[]): Added {
  const gatherer = new PartsGatherer();
  return (
    numbers.map((number) => gatherer.add(parts.part(number), 0)).find(({ kind }) => kind === "whole") ?? {
      kind: "more",
    }
  );
}
const from = (first: number, count: number) => Array.from({ length: count }, (_, place) => first + place);

describe.each(["ur", "bbqr"] as const)("a PSBT as %s", (form) => {
  test.each([220, 440, 1_000, 4_296])("in codes of %i characters at most", (length) => {
    const parts = psbtParts(form, PSBT, length)!;
    for (const number of [1, parts.count, parts.lastNumber])
      expect(parts.part(number).length).toBeLessThanOrEqual(length);
    expect(read(parts, from(1, parts.count)).kind).toBe("whole");
    expect(read(parts, from(1, parts.count - 1)).kind).toBe("more");
  });

  test("in as many codes as are read, and in no more", () => {
    const most = (length: number) => psbtParts(form, messageOf(length), 100);
    expect(most(PARTS_MAX * 10 - 5)).toBeDefined();
    expect(most(PARTS_MAX * 60)).toBeUndefined();
  });
});

test("UR goes on with parts that make up for those that were missed", () => {
  const parts = psbtParts("ur", PSBT, 440)!;
  expect(parts.lastNumber).toBe(parts.count * 10);
  expect(read(parts, from(parts.count + 1, 4 * parts.count)).kind).toBe("whole");
});

test("BBQr is as long as it need be, and begins anew", () => {
  const parts = psbtParts("bbqr", PSBT, 440)!;
  expect(parts).toMatchObject({ count: 8, lastNumber: 8 });
});

test("a short one is one code", () => {
  for (const form of ["ur", "bbqr"] as const)
    expect(psbtParts(form, messageOf(100), 440)).toMatchObject({ count: 1, lastNumber: 1 });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareFeerates, type FeeAndSize } from "./feerate.ts";
import { compareDiagrams, type DiagramOrder } from "./feerate-diagram.ts";

const chunk = (fee: number, size: number): FeeAndSize => ({ fee: BigInt(fee), size });
const MIRRORED: Readonly<Record<DiagramOrder, DiagramOrder>> = {
  better: "worse",
  worse: "better",
  equal: "equal",
  incomparable: "incomparable",
};

/** Height of a diagram at `size`, as a fraction with the divisor that `scale` is, which every chunk's size divides. */
function height(chunks: readonly FeeAndSize[], size: number, scale: bigint): bigint {
  let left = size;
  let sum = 0n;
  for (const { fee, size: width } of chunks) {
    const taken = Math.min(left, width);
    sum += (fee * BigInt(taken) * scale) / BigInt(width);
    left -= taken;
  }
  return sum;
}

function compareEverywhere(a: readonly FeeAndSize[], b: readonly FeeAndSize[]): DiagramOrder {
  const scale = [...a, ...b].reduce((product, { size }) => product * BigInt(size), 1n);
  const end = Math.max(...[a, b].map((chunks) => chunks.reduce((sum, { size }) => sum + size, 0)));
  let [isAbove, isBelow] = [false, false];
  for (let size = 0; size <= end; size++) {
    const difference = height(a, size, scale) - height(b, size, scale);
    isAbove ||= difference > 0n;
    isBelow ||= difference < 0n;
  }
  if (isAbove && isBelow) return "incomparable";
  return isAbove ? "better" : isBelow ? "worse" : "equal";
}

describe("feerate diagrams", () => {
  test.each<[string, readonly FeeAndSize[], readonly FeeAndSize[], DiagramOrder]>([
    ["nothing and nothing", [], [], "equal"],
    ["something that pays and nothing", [chunk(1, 100)], [], "better"],
    ["something that pays nothing and nothing", [chunk(0, 100)], [], "equal"],
    ["one satoshi more", [chunk(101, 100)], [chunk(100, 100)], "better"],
    ["the same in fewer bytes", [chunk(100, 99)], [chunk(100, 100)], "better"],
    [
      "the same fee and size in one chunk and in two of its feerate",
      [chunk(100, 100)],
      [chunk(50, 50), chunk(50, 50)],
      "equal",
    ],
    ["more in all, less at first", [chunk(300, 300)], [chunk(200, 100)], "incomparable"],
    ["more at first, less in all", [chunk(200, 100)], [chunk(100, 100), chunk(150, 200)], "incomparable"],
    ["better at one corner alone", [chunk(200, 100), chunk(100, 100)], [chunk(199, 100), chunk(101, 100)], "better"],
    ["a tail that costs", [chunk(100, 100), chunk(-1, 100)], [chunk(100, 100)], "worse"],
  ])("%s", (_, a, b, order) => {
    expect(compareDiagrams(a, b)).toBe(order);
    expect(compareDiagrams(b, a)).toBe(MIRRORED[order]);
  });

  test("are compared as at every single byte", () => {
    const chunks = fc
      .array(fc.record({ fee: fc.bigInt(0n, 40n), size: fc.integer({ min: 1, max: 12 }) }), { maxLength: 5 })
      .map((list) => list.sort((a, b) => compareFeerates(b, a)));
    fc.assert(
      fc.property(chunks, chunks, (a, b) => {
        expect(compareDiagrams(a, b)).toBe(compareEverywhere(a, b));
      }),
      { seed: 431, numRuns: 500 },
    );
  });
});

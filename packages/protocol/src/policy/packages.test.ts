import { describe, expect, test } from "vitest";
import { input, outPoint } from "../consensus/test-kit.ts";
import { isChildWithParents, packageFault } from "./packages.ts";
import { childOf, ofWeight, standardTransaction } from "./test-kit.ts";

const numbered = (number: number) => standardTransaction({ inputs: [input(outPoint(number))] });
const many = (count: number) => Array.from({ length: count }, (_, index) => numbered(index));

describe("a package", () => {
  test("has 25 transactions at most", () => {
    expect(packageFault(many(25))).toBeUndefined();
    expect(packageFault(many(26))).toBe("package-too-many-transactions");
  });

  test("weighs 404,000 units at most", () => {
    const first = ofWeight(200_000, { inputs: [input(outPoint(1))] });
    const second = (weight: number) => ofWeight(weight, { inputs: [input(outPoint(2))] });
    expect(packageFault([first, second(204_000)])).toBeUndefined();
    expect(packageFault([first, second(204_001)])).toBe("package-too-large");
  });

  test("of one transaction may weigh what it likes: that is told of the transaction", () => {
    expect(packageFault([ofWeight(404_001)])).toBeUndefined();
  });

  test("has no transaction twice, not with another witness either", () => {
    const tx = numbered(1);
    const other = standardTransaction({ inputs: [input(outPoint(1), { witness: [Uint8Array.of(1)] })] });
    expect(packageFault([tx, numbered(2), tx])).toBe("package-contains-duplicates");
    expect(packageFault([tx, other])).toBe("package-contains-duplicates");
  });

  test("has parents before children", () => {
    const parent = numbered(1);
    const child = childOf([parent]);
    const grandchild = childOf([child]);
    expect(packageFault([parent, child, grandchild])).toBeUndefined();
    expect(packageFault([child, parent])).toBe("package-not-sorted");
    expect(packageFault([parent, grandchild, child])).toBe("package-not-sorted");
  });

  test("spends no output twice", () => {
    const double = standardTransaction({ lockTime: 1, inputs: [input(outPoint(3)), input(outPoint(1))] });
    expect(packageFault([numbered(1), double])).toBe("conflict-in-package");
    expect(packageFault([numbered(1), numbered(2)])).toBeUndefined();
  });

  test("leaves it to consensus that one transaction spends an output twice, or nothing", () => {
    const twice = standardTransaction({ inputs: [input(outPoint(1)), input(outPoint(1))] });
    expect(packageFault([twice, numbered(2)])).toBeUndefined();
    expect(packageFault([standardTransaction({ inputs: [] })])).toBe("conflict-in-package");
  });

  test("the first fault is told", () => {
    const tx = numbered(1);
    expect(packageFault(Array(26).fill(tx))).toBe("package-too-many-transactions");
    expect(packageFault([childOf([tx]), tx, tx])).toBe("package-contains-duplicates");
  });
});

describe("a child with parents", () => {
  const [one, two, three] = many(3) as [
    ReturnType<typeof numbered>,
    ReturnType<typeof numbered>,
    ReturnType<typeof numbered>,
  ];

  test("is the last, and spends every other", () => {
    expect(isChildWithParents([one, childOf([one])])).toBe(true);
    expect(isChildWithParents([one, two, childOf([two, one])])).toBe(true);
    expect(isChildWithParents([one, two, three, childOf([one, two])])).toBe(false);
    expect(isChildWithParents([one, two])).toBe(false);
    expect(isChildWithParents([one, childOf([one]), two])).toBe(false);
  });

  test("may have a parent that spends another", () => {
    const middle = childOf([one]);
    expect(isChildWithParents([one, middle, childOf([one, middle], {}, 1)])).toBe(true);
  });

  test("has a parent", () => {
    expect(isChildWithParents([one])).toBe(false);
    expect(isChildWithParents([])).toBe(false);
  });
});

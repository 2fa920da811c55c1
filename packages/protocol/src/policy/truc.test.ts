import { describe, expect, test } from "vitest";
import { input, outPoint } from "../consensus/test-kit.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { displayHash } from "../primitives/types.ts";
import { childOf, standardTransaction } from "./test-kit.ts";
import { type TrucMember, type TrucParent, trucPackageViolation, trucViolation } from "./truc.ts";

const names = ({ txid, wtxid }: Transaction) => `tx ${displayHash(txid)} (wtxid=${displayHash(wtxid)})`;
const root = (version: number, salt = 1) => standardTransaction({ version, inputs: [input(outPoint(salt))] });
const asParent = (tx: Transaction, ancestorCount = 1, descendantCount = 0): TrucParent => {
  return { tx, ancestorCount, descendantCount };
};

describe("BIP431, a transaction alone", () => {
  const parent = root(3);
  const child = childOf([parent], { version: 3 });

  test("of version 3 takes 10,000 vbytes, with an unconfirmed parent 1,000", () => {
    expect(trucViolation(parent, 10_000, [])).toBeUndefined();
    expect(trucViolation(parent, 10_001, [])).toBe(
      `version=3 ${names(parent)} is too big: 10001 > 10000 virtual bytes`,
    );
    expect(trucViolation(child, 1000, [asParent(parent)])).toBeUndefined();
    expect(trucViolation(child, 1001, [asParent(parent)])).toBe(
      `version=3 child ${names(child)} is too big: 1001 > 1000 virtual bytes`,
    );
    expect(trucViolation(child, 10_001, [asParent(parent)])).toBe(
      `version=3 ${names(child)} is too big: 10001 > 10000 virtual bytes`,
    );
  });

  test("of another version has no limits", () => {
    const plain = root(2);
    const second = root(2, 2);
    const joined = childOf([plain, second]);
    expect(trucViolation(plain, 100_000, [])).toBeUndefined();
    expect(trucViolation(joined, 100_000, [asParent(plain, 20, 20), asParent(second, 20, 20)])).toBeUndefined();
  });

  test("is of version 3 if its parents are, and only then", () => {
    const plain = root(2);
    const heir = childOf([plain], { version: 3 });
    expect(trucViolation(heir, 100, [asParent(plain)])).toBe(
      `version=3 ${names(heir)} cannot spend from non-version=3 ${names(plain)}`,
    );
    const stranger = childOf([plain, parent]);
    expect(trucViolation(stranger, 100, [asParent(plain), asParent(parent)])).toBe(
      `non-version=3 ${names(stranger)} cannot spend from version=3 ${names(parent)}`,
    );
    // Before its size.
    expect(trucViolation(heir, 10_001, [asParent(plain)])).toContain("cannot spend from");
  });

  test("has one unconfirmed ancestor at most", () => {
    const other = root(3, 2);
    const joined = childOf([parent, other], { version: 3 });
    const text = `${names(joined)} would have too many ancestors`;
    expect(trucViolation(joined, 100, [asParent(parent), asParent(other)])).toBe(text);
    expect(trucViolation(child, 100, [asParent(parent, 2)])).toBe(`${names(child)} would have too many ancestors`);
    // Before the size of a child.
    expect(trucViolation(child, 1001, [asParent(parent, 2)])).toContain("too many ancestors");
  });

  test("is the only descendant of its parent", () => {
    expect(trucViolation(child, 1000, [asParent(parent, 1, 1)])).toBe(
      `${names(parent)} would exceed descendant count limit`,
    );
    expect(trucViolation(child, 1001, [asParent(parent, 1, 1)])).toContain("is too big");
  });
});

describe("BIP431, a package", () => {
  const member = (tx: Transaction, parents: readonly TrucParent[] = [], virtualSize = 100): TrucMember => {
    return { tx, parents, virtualSize };
  };
  const check = (...members: readonly TrucMember[]) => trucPackageViolation(members);
  const parent = root(3);
  const child = childOf([parent], { version: 3 });

  test("of a parent and a child of version 3", () => {
    expect(check(member(parent, [], 10_000), member(child, [], 1000))).toBeUndefined();
    expect(check(member(parent), member(child, [], 1001))).toBe(
      `version=3 child ${names(child)} is too big: 1001 > 1000 virtual bytes`,
    );
  });

  test("of other versions has no limits", () => {
    const first = root(2);
    const second = childOf([first]);
    expect(check(member(first), member(second), member(childOf([first, second], {}, 1)))).toBeUndefined();
  });

  test("inherits the version", () => {
    const heir = childOf([root(2)], { version: 3 });
    const text = `version=3 ${names(heir)} cannot spend from non-version=3 ${names(root(2))}`;
    expect(check(member(root(2)), member(heir))).toBe(text);
    expect(check(member(heir, [asParent(root(2))]))).toBe(text);
    // Its size comes first, other than for a transaction alone.
    expect(check(member(root(2)), member(heir, [], 1001))).toContain("is too big");
    const stranger = childOf([parent]);
    const strange = `non-version=3 ${names(stranger)} cannot spend from version=3 ${names(parent)}`;
    expect(check(member(parent), member(stranger))).toBe(strange);
    expect(check(member(stranger, [asParent(parent)]))).toBe(strange);
  });

  test("has no grandchild", () => {
    const grandchild = childOf([child], { version: 3 });
    const text = `${names(grandchild)} would have too many ancestors`;
    expect(check(member(parent), member(child), member(grandchild))).toBe(text);
    expect(check(member(child, [asParent(parent)]), member(grandchild))).toBe(text);
    expect(check(member(grandchild, [asParent(child, 2)]))).toBe(text);
    // Found at the child already, whatever the version of the grandchild.
    const stranger = childOf([child]);
    expect(check(member(parent), member(child), member(stranger))).toBe(
      `${names(stranger)} would have too many ancestors`,
    );
  });

  test("has no second parent, wherever the two are", () => {
    const other = root(3, 2);
    const joined = childOf([parent, other], { version: 3 });
    const text = `${names(joined)} would have too many ancestors`;
    expect(check(member(parent), member(other), member(joined))).toBe(text);
    expect(check(member(other), member(joined, [asParent(parent)]))).toBe(text);
    expect(check(member(joined, [asParent(parent), asParent(other)]))).toBe(text);
  });

  test("has no second child, wherever the two are", () => {
    const sibling = childOf([parent], { version: 3 }, 1);
    const text = `${names(parent)} would exceed descendant count limit`;
    expect(check(member(parent), member(child), member(sibling))).toBe(text);
    expect(check(member(child, [asParent(parent)]), member(sibling, [asParent(parent)]))).toBe(text);
    expect(check(member(child, [asParent(parent, 1, 1)]))).toBe(text);
    expect(check(member(child, [asParent(parent)]), member(root(2, 7)))).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BlockIndex, type BlockIndexEntry, commonAncestor, compareBranches } from "./block-index.ts";
import { BlockStatus } from "./block-index-codec.ts";
import { BranchCandidates } from "./branch-candidates.ts";
import { GENESIS, mineMany } from "./test-kit.ts";

const MAIN = mineMany(GENESIS, 700);
const SIDE = mineMany(MAIN[299]!, 150, { salt: 1 });

/** An index with the headers of both branches, and their entries by height: `main[h]`, `side[h - 301]`. */
function twoBranches() {
  const index = new BlockIndex();
  const add = (previous: BlockIndexEntry | undefined, header: typeof GENESIS.block.header) =>
    index.addHeader(header, previous);
  const main = [add(undefined, GENESIS.block.header)];
  for (const { block } of MAIN) main.push(add(main.at(-1), block.header));
  const side: BlockIndexEntry[] = [];
  for (const { block } of SIDE) side.push(add(side.at(-1) ?? main[300], block.header));
  return { index, main, side };
}

describe("ancestors", () => {
  const { main, side } = twoBranches();

  test("are found at every height, in few steps", () => {
    for (const entry of [main[700]!, main[513]!, main[1]!, side[149]!])
      for (let height = 0; height <= entry.height; height++) {
        const expected = height > 300 && side.includes(entry) ? side[height - 301] : main[height];
        expect(entry.ancestor(height)).toBe(expected);
      }
    expect(main[10]!.ancestor(11)).toBeUndefined();
    expect(main[10]!.ancestor(-1)).toBeUndefined();
    for (const { skip, height, previous } of main.slice(1)) {
      expect(skip).toBeDefined();
      expect(skip!.height).toBeLessThan(height);
      expect(previous!.height).toBe(height - 1);
    }
  });

  test("that two branches share", () => {
    expect(commonAncestor(main[700]!, side[149]!)).toBe(main[300]);
    expect(commonAncestor(side[0]!, main[299]!)).toBe(main[299]);
    expect(commonAncestor(main[700]!, main[5]!)).toBe(main[5]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 149 }), (a, b) => {
        expect(commonAncestor(main[a]!, side[b]!)).toBe(main[Math.min(a, 300)]);
      }),
    );
  });
});

test("a header comes back as it went in, also after its object was let go", () => {
  const { main } = twoBranches();
  const entry = main[400]!;
  const { header } = MAIN[399]!.block;
  for (let round = 0; round < 2; round++) {
    expect({ ...entry.header }).toEqual({ ...header });
    expect(entry.hash).toEqual(header.hash);
    entry.forgetHeader();
    expect(entry.hash).toEqual(header.hash);
  }
});

describe("data that comes in any order", () => {
  test("makes chains complete from the bottom up, and gives them their turn", () => {
    const { index, main } = twoBranches();
    const add = (height: number) =>
      index.addData(main[height]!, { file: 0, offset: height }, 2, true).map((e) => e.height);
    expect(add(0)).toEqual([0]);
    expect(add(3)).toEqual([]);
    expect(add(2)).toEqual([]);
    expect(add(1)).toEqual([1, 2, 3]);
    expect(main.slice(0, 4).map((entry) => entry.chainTransactionCount)).toEqual([2, 4, 6, 8]);
    expect(main[4]!.chainTransactionCount).toBe(0);
    expect(main[2]!.sequenceId).toBeLessThan(main[3]!.sequenceId);
    expect(main[3]!.status & BlockStatus.OPT_WITNESS).not.toBe(0);
  });
});

describe("marks", () => {
  test("go to all descendants and come back from there, up and down", () => {
    const { index, main, side } = twoBranches();
    index.takeDirty();
    const marked = index.markInvalid(main[250]!);
    expect(marked.length).toBe(451 + 150);
    expect(index.bestHeader).toBe(main[249]);
    expect(index.takeDirty().length).toBe(601);
    expect(main[700]!.isValid(BlockStatus.VALID_TREE)).toBe(false);
    index.clearInvalid(side[0]!);
    expect(index.bestHeader).toBe(side[149]);
    expect(main[300]!.isInvalid).toBe(false);
    expect(main[301]!.isInvalid).toBe(true);
  });

  test("of older versions, and missing ones, are set when an index is loaded", () => {
    const { main } = twoBranches();
    const index = new BlockIndex();
    const load = (height: number, status: number) =>
      index.addStored(
        { ...main[height]!.stored(), status },
        height === 0 ? undefined : index.find(main[height - 1]!.hash),
      );
    load(0, BlockStatus.VALID_TREE);
    expect(load(1, BlockStatus.VALID_TREE | BlockStatus.FAILED_CHILD).status).toBe(
      BlockStatus.VALID_TREE | BlockStatus.FAILED_VALID,
    );
    expect(load(2, BlockStatus.VALID_TREE).isInvalid).toBe(true);
    expect(index.bestHeader?.height).toBe(0);
    expect(index.takeDirty().map(({ height }) => height)).toEqual([1, 2]);
  });
});

test("an entry is on disk when what was taken to be written is written, and until it changes", () => {
  const { index, main } = twoBranches();
  const entry = main[5]!;
  expect(index.isOnDisk(entry)).toBe(false);
  index.takeDirty();
  expect(index.isOnDisk(entry)).toBe(false);
  index.markDirty(entry);
  index.written();
  expect(index.isOnDisk(entry)).toBe(false);
  expect(index.isOnDisk(main[6]!)).toBe(true);
  expect(index.takeDirty()).toEqual([entry]);
  index.written();
  expect(index.isOnDisk(entry)).toBe(true);
});

describe("candidates", () => {
  test("give the best first, whatever order they came in, and drop the invalid and the weak", () => {
    const { main, side } = twoBranches();
    const all = [...main.slice(1), ...side];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(all, { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 0, max: 700 }),
        fc.func(fc.boolean()),
        (subset, tipHeight, isBad) => {
          const tip = main[tipHeight]!;
          const bad = subset.filter((entry) => entry !== tip && isBad(entry.height));
          for (const entry of bad) entry.status |= BlockStatus.FAILED_VALID;
          const candidates = new BranchCandidates();
          for (const entry of subset) candidates.add(entry);
          const usable = [tip, ...subset.filter((entry) => !entry.isInvalid)];
          const expected = usable.reduce((best, entry) => (compareBranches(entry, best) > 0 ? entry : best));
          expect(candidates.best(tip)).toBe(expected);
          expect(candidates.best(tip)).toBe(expected);
          for (const entry of bad) entry.status &= ~BlockStatus.FAILED_VALID;
        },
      ),
    );
  });

  test("of equal work go by arrival, then by preference, then by hash", () => {
    const { main, side } = twoBranches();
    const [a, b] = [main[310]!, side[9]!];
    expect(a.chainwork).toBe(b.chainwork);
    expect(compareBranches(a, b)).toBe(-compareBranches(b, a));
    expect(compareBranches(a, b)).not.toBe(0);
    a.sequenceId = 5;
    b.sequenceId = 6;
    expect(compareBranches(a, b)).toBeGreaterThan(0);
    b.sequenceId = -1;
    expect(compareBranches(a, b)).toBeLessThan(0);
    expect(compareBranches(main[311]!, b)).toBeGreaterThan(0);
  });
});

import { describe, expect, test } from "vitest";
import { lanesOf } from "./lanes-of.ts";
import { NOTHING_SEEN, type Story } from "./story.ts";

const own = (from: number, to: number, letter = "a") =>
  new Map(Array.from({ length: to - from + 1 }, (_, index) => [from + index, `${from + index}${letter}`]));

const PARTED: Story = {
  ...NOTHING_SEEN,
  phase: "parted",
  forkHeight: 8,
  own: own(1, 9),
  lanes: [
    {
      nodes: ["miner-1"],
      isLeft: false,
      blocks: [
        { height: 9, hash: undefined },
        { height: 10, hash: "10b" },
      ],
    },
    { nodes: ["miner-0"], isLeft: false, blocks: [{ height: 9, hash: "9a" }] },
  ],
};

describe("the picture of chains", () => {
  test("together there is one line, of no group", () => {
    const { heights, rows } = lanesOf({ ...NOTHING_SEEN, own: own(1, 9) }, "miner-0", 4);
    expect(heights).toEqual([6, 7, 8, 9]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ kind: "own", nodes: [], group: undefined });
    expect(rows[0]?.blocks.map(({ height }) => height)).toEqual(heights);
  });

  test("a chain that is shorter than the picture has as many columns as blocks", () => {
    expect(lanesOf({ ...NOTHING_SEEN, own: own(0, 1) }, null, 4).heights).toEqual([0, 1]);
  });

  test("parted, this node's own group is the first line, and others go off above the common block", () => {
    const { heights, rows } = lanesOf(PARTED, "miner-0", 4);
    expect(heights).toEqual([7, 8, 9, 10]);
    expect(rows).toMatchObject([
      { kind: "own", nodes: ["miner-0"], group: 1, from: 8 },
      { kind: "other", nodes: ["miner-1"], group: 0, from: 8 },
    ]);
    expect(rows[1]?.blocks).toHaveLength(2);
  });

  test("what was left aside is a line as long as it is in view", () => {
    const left = { nodes: [], isLeft: true, blocks: [{ height: 9, hash: "9x" }] };
    const story: Story = { ...NOTHING_SEEN, own: own(1, 10), lanes: [left] };
    expect(lanesOf(story, "miner-0", 4).rows).toMatchObject([{ kind: "own" }, { kind: "left", from: 8 }]);
    expect(lanesOf({ ...story, own: own(1, 20) }, "miner-0", 4).rows).toHaveLength(1);
  });

  test("what was taken up again is not left aside any more", () => {
    const left = { nodes: [], isLeft: true, blocks: [{ height: 9, hash: "9a" }] };
    expect(lanesOf({ ...NOTHING_SEEN, own: own(1, 10), lanes: [left] }, "miner-0", 4).rows).toHaveLength(1);
  });
});

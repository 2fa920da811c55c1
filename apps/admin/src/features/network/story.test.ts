import { describe, expect, test } from "vitest";
import { NOTHING_SEEN, type Story, seeBlocks, seeStatus, tipOfGroup } from "./story.ts";

const NAMES = ["miner-0", "miner-1", "miner-2"];

/** `tips`: of each node, as `height` and letter of the chain it follows; null where it does not answer. */
function statusOf(tips: readonly (string | null)[], partition: string[][] = []) {
  const nodes = tips.map((tip, index) => ({
    name: NAMES[index]!,
    role: "miner" as const,
    state: "running" as const,
    height: tip === null ? null : Number.parseInt(tip, 10),
    hash: tip,
    peers: 1,
    p2p_port: 2001 + index,
    web_url: null,
    connects_to: [],
    miner: null,
  }));
  return { nodes, partition };
}

const GROUPS = [["miner-0"], ["miner-1", "miner-2"]];
const kinds = ({ events }: Story) => events.map(({ kind }) => kind);

describe("what is seen of a network", () => {
  test("while all nodes agree there is nothing to tell", () => {
    const story = seeStatus(seeStatus(NOTHING_SEEN, statusOf(["5a", "5a", "5a"]), 1), statusOf(["6a", "6a", "6a"]), 2);
    expect(story).toMatchObject({ phase: "together", agreed: { height: 6, hash: "6a" }, lanes: [], events: [] });
    // One is a moment behind: that is no story.
    expect(seeStatus(story, statusOf(["7a", "7a", "6a"]), 3)).toMatchObject({
      phase: "together",
      agreed: { height: 6 },
    });
  });

  test("parted groups go on from the last common block, each with a line of its own", () => {
    let story = seeStatus(NOTHING_SEEN, statusOf(["5a", "5a", "5a"]), 1);
    story = seeStatus(story, statusOf(["5a", "5a", "5a"], GROUPS), 2);
    expect(story).toMatchObject({ phase: "parted", forkHeight: 5 });
    expect(story.events[0]).toMatchObject({ kind: "parted", height: 5, groups: GROUPS, at: 2 });
    expect(story.lanes.map(({ blocks }) => blocks)).toEqual([[], []]);
    story = seeStatus(story, statusOf(["6a", "7b", "7b"], GROUPS), 3);
    expect(story.lanes).toEqual([
      { nodes: ["miner-0"], isLeft: false, blocks: [{ height: 6, hash: "6a" }] },
      {
        nodes: ["miner-1", "miner-2"],
        isLeft: false,
        // Nobody looked while it was the tip.
        blocks: [
          { height: 6, hash: undefined },
          { height: 7, hash: "7b" },
        ],
      },
    ]);
    expect(kinds(story)).toEqual(["parted"]);
  });

  test("they heal, and are told to have met when all have one tip; the shorter line is left aside", () => {
    let story = seeStatus(NOTHING_SEEN, statusOf(["5a", "5a", "5a"]), 1);
    story = seeStatus(story, statusOf(["6a", "7b", "7b"], GROUPS), 2);
    story = seeStatus(story, statusOf(["6a", "7b", "7b"]), 3);
    expect(story.phase).toBe("joining");
    story = seeStatus(story, statusOf(["6a", "7b", "7b"]), 4);
    expect(story.phase).toBe("joining");
    story = seeStatus(story, statusOf(["7b", "7b", "7b"]), 5);
    expect(story).toMatchObject({ phase: "together", forkHeight: undefined, agreed: { height: 7, hash: "7b" } });
    expect(story.events[0]).toMatchObject({ kind: "met", height: 7, hash: "7b", leftCount: 1, at: 5 });
    expect(story.lanes).toEqual([{ nodes: ["miner-0"], isLeft: true, blocks: [{ height: 6, hash: "6a" }] }]);
    expect(kinds(story)).toEqual(["met", "healing", "parted"]);
  });

  test("groups that have met before anybody looks have met at once: the same status again brings no second look", () => {
    let story = seeStatus(NOTHING_SEEN, statusOf(["5a", "5a", "5a"]), 1);
    story = seeStatus(story, statusOf(["6a", "7b", "7b"], GROUPS), 2);
    story = seeStatus(story, statusOf(["7b", "7b", "7b"]), 3);
    expect(story.phase).toBe("together");
    expect(story.events[0]).toMatchObject({ kind: "met", height: 7, leftCount: 1, at: 3 });
    expect(kinds(story)).toEqual(["met", "healing", "parted"]);
    // This node's own blocks are looked at a moment later: what it gave up is told already.
    story = seeBlocks(
      { ...story, own: new Map([[6, "6a"]]) },
      [6, 7].map((height) => ({ height, hash: `${height}b` })),
      4,
    );
    expect(kinds(story)).toEqual(["met", "healing", "parted"]);
    expect(story.lanes).toHaveLength(1);
  });

  test("a tie is won by whose block the others have taken", () => {
    let story = seeStatus(NOTHING_SEEN, statusOf(["5a", "5a", "5a"]), 1);
    story = seeStatus(story, statusOf(["6a", "6b", "6b"], GROUPS), 2);
    story = seeStatus(story, statusOf(["6a", "6b", "6b"]), 3);
    story = seeBlocks(
      story,
      [
        { height: 6, hash: "6a" },
        { height: 7, hash: "7a" },
      ],
      4,
    );
    story = seeStatus(story, statusOf(["7a", "7a", "7a"]), 4);
    expect(story.lanes.map(({ nodes }) => nodes)).toEqual([["miner-1", "miner-2"]]);
  });

  test("who goes over to another group's blocks before the end of the partition is seen has made no reorganisation", () => {
    let story = seeBlocks(NOTHING_SEEN, [{ height: 5, hash: "5a" }], 1);
    story = seeStatus(story, statusOf(["5a", "5a", "5a"]), 1);
    story = seeStatus(story, statusOf(["6a", "7b", "7b"], GROUPS), 2);
    story = seeBlocks(
      story,
      [
        { height: 5, hash: "5a" },
        { height: 6, hash: "6a" },
      ],
      2,
    );
    story = seeBlocks(
      story,
      [
        { height: 6, hash: "6b" },
        { height: 7, hash: "7b" },
      ],
      3,
    );
    story = seeStatus(story, statusOf(["7b", "7b", "7b"], GROUPS), 3);
    expect(kinds(story)).toEqual(["parted"]);
    story = seeStatus(story, statusOf(["7b", "7b", "7b"]), 4);
    story = seeStatus(story, statusOf(["7b", "7b", "7b"]), 5);
    expect(story.events[0]).toMatchObject({ kind: "met", height: 7, leftCount: 1 });
    expect(story.lanes).toEqual([{ nodes: ["miner-0"], isLeft: true, blocks: [{ height: 6, hash: "6a" }] }]);
  });

  test("nor is the longer line given up where this node's blocks were looked at too early", () => {
    let story = seeStatus(NOTHING_SEEN, statusOf(["5a", "5a", "5a"]), 1);
    story = seeBlocks(
      story,
      [
        { height: 5, hash: "5a" },
        { height: 6, hash: "6a" },
      ],
      2,
    );
    story = seeStatus(story, statusOf(["6a", "7b", "7b"], GROUPS), 2);
    story = seeStatus(story, statusOf(["6a", "7b", "7b"]), 3);
    story = seeStatus(story, statusOf(["8b", "8b", "8b"]), 4);
    expect(story.lanes.map(({ nodes }) => nodes)).toEqual([["miner-0"]]);
  });

  test("where the page was opened in the middle, the common block is not known, and lines begin with what is seen", () => {
    const story = seeStatus(NOTHING_SEEN, statusOf(["6a", "8b", "8b"], GROUPS), 1);
    expect(story.events[0]).toMatchObject({ kind: "parted", height: undefined });
    expect(story.lanes.map(({ blocks }) => blocks.map(({ height }) => height))).toEqual([[6], [8]]);
  });

  test("other groups are another partition, from the same common block", () => {
    let story = seeStatus(NOTHING_SEEN, statusOf(["5a", "5a", "5a"]), 1);
    story = seeStatus(story, statusOf(["6a", "6b", "6b"], GROUPS), 2);
    story = seeStatus(story, statusOf(["6a", "6b", "6b"], [["miner-0", "miner-1"], ["miner-2"]]), 3);
    expect(kinds(story)).toEqual(["parted", "parted"]);
    expect(story.forkHeight).toBe(5);
  });

  test("a block in the place of another is a reorganisation; one on top is none", () => {
    let story = seeBlocks(
      NOTHING_SEEN,
      [
        { height: 4, hash: "4a" },
        { height: 5, hash: "5a" },
      ],
      1,
    );
    story = seeBlocks(
      story,
      [
        { height: 5, hash: "5a" },
        { height: 6, hash: "6a" },
      ],
      2,
    );
    expect(story.events).toEqual([]);
    story = seeBlocks(
      story,
      [
        { height: 5, hash: "5b" },
        { height: 6, hash: "6b" },
        { height: 7, hash: "7b" },
      ],
      3,
    );
    expect(story.events).toMatchObject([{ kind: "reorg", height: 7, leftCount: 2, at: 3 }]);
    expect(story.lanes).toEqual([
      {
        nodes: [],
        isLeft: true,
        blocks: [
          { height: 5, hash: "5a" },
          { height: 6, hash: "6a" },
        ],
      },
    ]);
  });

  test("a chain that is shorter than before, as after a revert, has left the blocks above its tip", () => {
    let story = seeBlocks(
      NOTHING_SEEN,
      [
        { height: 4, hash: "4a" },
        { height: 5, hash: "5a" },
      ],
      1,
    );
    story = seeBlocks(
      story,
      [
        { height: 3, hash: "3a" },
        { height: 4, hash: "4a" },
      ],
      2,
    );
    expect(story.events).toMatchObject([{ kind: "reorg", height: 4, leftCount: 1 }]);
  });

  test("nodes that go and come are told", () => {
    let story = seeStatus(NOTHING_SEEN, statusOf(["5a", "5a", "5a"]), 1);
    story = seeStatus(story, statusOf(["5a", null, "5a"]), 2);
    story = seeStatus(story, statusOf(["5a", "5a", "5a"]), 3);
    expect(story.events).toMatchObject([
      { kind: "node", name: "miner-1", isUp: true, id: 2 },
      { kind: "node", name: "miner-1", isUp: false, id: 1 },
    ]);
  });

  test("a group's tip is that of most of it, then the highest", () => {
    const { nodes } = statusOf(["5a", "7b", "7b"]);
    expect(tipOfGroup(nodes, NAMES)).toEqual({ height: 7, hash: "7b" });
    expect(tipOfGroup(statusOf(["8a", "7b", "7b"]).nodes, NAMES)).toEqual({ height: 7, hash: "7b" });
    expect(tipOfGroup(statusOf(["8a", "7b", null]).nodes, NAMES)).toEqual({ height: 8, hash: "8a" });
    expect(tipOfGroup(statusOf([null, null, null]).nodes, NAMES)).toBeUndefined();
  });
});

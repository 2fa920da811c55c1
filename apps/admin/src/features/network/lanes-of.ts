import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";
import type { Lane, SeenBlock, Story } from "./story.ts";

/** One line of the picture of chains. */
export interface LaneRow {
  /** `own`: of the node that answers; `other`: of another group; `left`: given up. */
  readonly kind: "own" | "other" | "left";
  /** Nodes that follow it; none where it is not known or all do. */
  readonly nodes: readonly string[];
  /** Number of the group, which has a colour; absent while all are together. */
  readonly group: number | undefined;
  readonly blocks: readonly SeenBlock[];
  /** Where a line goes off from the first one: the height of the last common block. */
  readonly from: number | undefined;
}

export interface LanePicture {
  /** Of its columns, from left to right. */
  readonly heights: readonly number[];
  readonly rows: readonly LaneRow[];
}

/** The picture of all chains that are seen, of the last `columnCount` heights. */
export function lanesOf(story: Story, self: NetworkStatus["self"], columnCount: number): LanePicture {
  const going = story.lanes.filter(({ isLeft }) => !isLeft);
  // What was taken up again, as by a reorganisation onto it, is not left aside any more.
  const isTakenUp = ({ height, hash }: SeenBlock) => hash !== undefined && story.own.get(height) === hash;
  const left = story.lanes.filter(({ isLeft, blocks }) => isLeft && !blocks.some(isTakenUp));
  const isParted = story.phase !== "together";
  const ownIndex = self === null ? 0 : going.findIndex(({ nodes }) => nodes.includes(self));
  const ownHeights = [...story.own.keys()];
  const laneHeights = going.flatMap(({ blocks }) => blocks.map(({ height }) => height));
  const top = Math.max(0, ...ownHeights, ...laneHeights);
  const heights = Array.from({ length: Math.min(columnCount, top + 1) }, (_, index) => top - index).reverse();
  const first = heights[0] ?? 0;
  const inView = (blocks: readonly SeenBlock[]) => blocks.filter(({ height }) => height >= first);
  const own: LaneRow = {
    kind: "own",
    nodes: isParted ? (going[ownIndex]?.nodes ?? []) : [],
    group: isParted && ownIndex >= 0 && going.length > 0 ? ownIndex : undefined,
    blocks: inView(ownHeights.sort((a, b) => a - b).map((height) => ({ height, hash: story.own.get(height) }))),
    from: isParted ? story.forkHeight : undefined,
  };
  const others = going.flatMap((lane, group): readonly LaneRow[] =>
    group === ownIndex ? [] : [{ ...rowOf(lane, story.forkHeight), kind: "other", group, blocks: inView(lane.blocks) }],
  );
  const lost = left
    .map(
      (lane): LaneRow => ({ ...rowOf(lane, undefined), kind: "left", group: undefined, blocks: inView(lane.blocks) }),
    )
    .filter(({ blocks }) => blocks.length > 0);
  return { heights, rows: [own, ...others, ...lost] };
}

function rowOf({ nodes, blocks }: Lane, forkHeight: number | undefined) {
  const lowest = blocks[0]?.height;
  return { nodes, from: forkHeight ?? (lowest === undefined ? undefined : lowest - 1) };
}

import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";

/**
 * What was seen of a network since the page looks at it: where it was parted, how far each group has come since, when they met again and
 * what was left aside. Nodes tell where they stand now; that it was otherwise before, only who looked knows. Pure functions.
 */

export interface SeenBlock {
  readonly height: number;
  /** As JSON shows it; absent where the block was not looked at while it was a tip. */
  readonly hash: string | undefined;
}

/** A line of blocks that a group of nodes follows by itself, or that was left aside. */
export interface Lane {
  /** Names of the nodes. */
  readonly nodes: readonly string[];
  readonly isLeft: boolean;
  /** Above the last common block, from the lowest up. */
  readonly blocks: readonly SeenBlock[];
}

export type StoryEvent =
  | { readonly kind: "parted"; readonly groups: readonly (readonly string[])[]; readonly height: number | undefined }
  | { readonly kind: "healing" }
  | { readonly kind: "met"; readonly height: number; readonly hash: string; readonly leftCount: number }
  | { readonly kind: "reorg"; readonly height: number; readonly leftCount: number }
  | { readonly kind: "node"; readonly name: string; readonly isUp: boolean };

/** An event, when it was seen in seconds since 1970, and its number. */
export type SeenEvent = StoryEvent & { readonly at: number; readonly id: number };

export interface Story {
  /** The last tip that all nodes which answered had. */
  readonly agreed: SeenBlock | undefined;
  /** Height of the last common block, while groups are parted and until they have met. */
  readonly forkHeight: number | undefined;
  readonly phase: "together" | "parted" | "joining";
  readonly lanes: readonly Lane[];
  /** Blocks of the node that answers, by height. */
  readonly own: ReadonlyMap<number, string>;
  /** Names of the nodes that answered at the last look; absent before the first. */
  readonly up: readonly string[] | undefined;
  readonly events: readonly SeenEvent[];
}

export interface OwnBlock {
  readonly height: number;
  readonly hash: string;
}

export const NOTHING_SEEN: Story = {
  agreed: undefined,
  forkHeight: undefined,
  phase: "together",
  lanes: [],
  own: new Map(),
  up: undefined,
  events: [],
};

/** Events that are kept. */
const EVENTS_MAX = 40;
/** Lanes that were left aside and are still shown. */
const LEFT_LANES_MAX = 2;

/** The story after a look at all nodes. */
export function seeStatus(story: Story, status: Pick<NetworkStatus, "nodes" | "partition">, at: number): Story {
  const withNodes = seeNodes(story, status, at);
  if (status.partition.length > 0) return seeParted(withNodes, status, at);
  // They may have met before the first look: nothing changes then that would bring another.
  const joining: Story =
    withNodes.phase === "parted" ? told({ ...withNodes, phase: "joining" }, { kind: "healing" }, at) : withNodes;
  return seeTogether(joining, status, at);
}

/** The story after a look at the newest blocks of the node that answers: a block in the place of another is a reorganisation. */
export function seeBlocks(story: Story, blocks: readonly OwnBlock[], at: number): Story {
  const left = blocks.flatMap(({ height, hash }) => {
    const before = story.own.get(height);
    return before === undefined || before === hash ? [] : [{ height, hash: before }];
  });
  // In a shorter chain, what stood above its tip is gone too.
  const tipHeight = Math.max(...blocks.map(({ height }) => height), 0);
  for (const [height, hash] of story.own) if (height > tipHeight && blocks.length > 0) left.push({ height, hash });
  const next = { ...story, own: new Map(blocks.map(({ height, hash }) => [height, hash])) };
  if (left.length === 0) return next;
  const lane: Lane = { nodes: [], isLeft: true, blocks: sorted(left) };
  const withLane = { ...next, lanes: keptLanes([...next.lanes, lane]) };
  // While groups meet, what one of them gives up is told with that; the blocks may be seen before the end of the partition is.
  if (story.phase === "joining" || hasGoneOver(story, blocks)) return next;
  // And they may be seen after the groups have met.
  const isTold = ({ hash }: OwnBlock) => story.lanes.some((lane) => lane.isLeft && hasHash(lane, hash));
  if (left.every(isTold)) return next;
  return told(withLane, { kind: "reorg", height: tipHeight, leftCount: left.length }, at);
}

/** Whether the node has taken up the blocks of another group. */
function hasGoneOver(story: Story, blocks: readonly OwnBlock[]): boolean {
  if (story.phase !== "parted") return false;
  const going = story.lanes.filter(({ isLeft }) => !isLeft);
  return blocks.some(({ height, hash }) => story.own.get(height) !== hash && going.some((lane) => hasHash(lane, hash)));
}

function seeNodes(story: Story, { nodes }: Pick<NetworkStatus, "nodes">, at: number): Story {
  const up = nodes.filter(({ height }) => height !== null).map(({ name }) => name);
  const before = story.up;
  let next: Story = { ...story, up };
  if (before === undefined) return next;
  for (const name of before) if (!up.includes(name)) next = told(next, { kind: "node", name, isUp: false }, at);
  for (const name of up) if (!before.includes(name)) next = told(next, { kind: "node", name, isUp: true }, at);
  return next;
}

function seeParted(story: Story, { nodes, partition }: Pick<NetworkStatus, "nodes" | "partition">, at: number): Story {
  const isNew = story.phase !== "parted" || !isSamePartition(story.lanes, partition);
  const forkHeight = story.phase === "together" ? story.agreed?.height : story.forkHeight;
  const begun: Story = isNew
    ? told({ ...story, phase: "parted", forkHeight }, { kind: "parted", groups: partition, height: forkHeight }, at)
    : story;
  const lanes = partition.map((group) => {
    const before = begun.lanes.find((lane) => !lane.isLeft && isSameGroup(lane.nodes, group));
    const tip = tipOfGroup(nodes, group);
    // With another group's tip it has gone over already, and its own line is what it was.
    const hasGone =
      tip !== undefined &&
      begun.lanes.some((lane) => !lane.isLeft && !isSameGroup(lane.nodes, group) && hasHash(lane, tip.hash));
    const blocks =
      tip === undefined || hasGone ? (before?.blocks ?? []) : extended(before?.blocks ?? [], tip, forkHeight);
    return { nodes: group, isLeft: false, blocks };
  });
  return { ...begun, lanes };
}

function seeTogether(story: Story, { nodes }: Pick<NetworkStatus, "nodes">, at: number): Story {
  const tips = nodes.flatMap(({ height, hash }) => (height === null || hash === null ? [] : [{ height, hash }]));
  const [first] = tips;
  if (first === undefined || tips.some(({ hash }) => hash !== first.hash)) return story;
  if (story.phase !== "joining") return { ...story, agreed: first };
  const left = lostLanes(story, first);
  const leftCount = left.reduce((sum, { blocks }) => sum + blocks.length, 0);
  return told(
    { ...story, agreed: first, phase: "together", forkHeight: undefined, lanes: keptLanes(left) },
    { kind: "met", ...first, leftCount },
    at,
  );
}

/** Lines that were given up when the groups met at `tip`: all but the one that it is on. */
function lostLanes(story: Story, tip: OwnBlock): readonly Lane[] {
  const going = story.lanes.filter(({ isLeft, blocks }) => !isLeft && blocks.length > 0);
  const longest = Math.max(...going.map(topOf));
  const longestLanes = going.filter((lane) => topOf(lane) === longest);
  // This node's own blocks may have been looked at before it went over: they decide between equals alone.
  const isOwn = ({ blocks }: Lane) =>
    blocks.some(({ height, hash }) => hash !== undefined && story.own.get(height) === hash);
  const winner = going.find((lane) => hasHash(lane, tip.hash)) ?? longestLanes.find(isOwn) ?? longestLanes[0];
  const lost = going.filter((lane) => lane !== winner).map((lane) => ({ ...lane, isLeft: true }));
  // What this node itself gave up meanwhile is one of them already.
  return lost.length > 0 ? lost : story.lanes.filter(({ isLeft }) => isLeft);
}

const topOf = ({ blocks }: Lane) => blocks.at(-1)?.height ?? 0;
const hasHash = ({ blocks }: Lane, wanted: string) => blocks.some(({ hash }) => hash === wanted);

/** The group's line with its tip; blocks between the last one seen and the tip are there, though nobody saw their hashes. */
function extended(blocks: readonly SeenBlock[], tip: SeenBlock, forkHeight: number | undefined): readonly SeenBlock[] {
  const bottom = forkHeight ?? (blocks[0]?.height ?? tip.height) - 1;
  if (tip.height <= bottom) return [];
  const seen = new Map(blocks.map(({ height, hash }) => [height, hash]));
  seen.set(tip.height, tip.hash);
  return Array.from({ length: tip.height - bottom }, (_, index) => bottom + 1 + index).map((height) => ({
    height,
    hash: seen.get(height),
  }));
}

/** The tip that most of the group have, and the highest of those that as many have. */
export function tipOfGroup(
  nodes: readonly NetworkStatus["nodes"][number][],
  group: readonly string[],
): OwnBlock | undefined {
  const tips = nodes.flatMap(({ name, height, hash }) =>
    group.includes(name) && height !== null && hash !== null ? [{ height, hash }] : [],
  );
  const countOf = ({ hash }: OwnBlock) => tips.filter((tip) => tip.hash === hash).length;
  return tips.toSorted((a, b) => countOf(b) - countOf(a) || b.height - a.height)[0];
}

const keptLanes = (lanes: readonly Lane[]) => [
  ...lanes.filter(({ isLeft }) => !isLeft),
  ...lanes.filter(({ isLeft }) => isLeft).slice(-LEFT_LANES_MAX),
];

const isSameGroup = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((name) => b.includes(name));

function isSamePartition(lanes: readonly Lane[], partition: readonly (readonly string[])[]): boolean {
  const going = lanes.filter(({ isLeft }) => !isLeft);
  return (
    going.length === partition.length &&
    partition.every((group) => going.some(({ nodes }) => isSameGroup(nodes, group)))
  );
}

const sorted = (blocks: readonly SeenBlock[]) => blocks.toSorted((a, b) => a.height - b.height);

function told(story: Story, event: StoryEvent, at: number): Story {
  const id = (story.events[0]?.id ?? 0) + 1;
  return { ...story, events: [{ ...event, at, id }, ...story.events].slice(0, EVENTS_MAX) };
}

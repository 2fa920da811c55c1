import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { BlockLink } from "@bitfleet/ui/places.tsx";
import { useMediaQuery } from "@mantine/hooks";
import type { CSSProperties, ReactElement } from "react";
import classes from "./lanes.module.css";
import { type LaneRow, lanesOf } from "./lanes-of.ts";
import type { SeenBlock, Story } from "./story.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.lanes;

const COLUMNS_WIDE = 11;
const COLUMNS_NARROW = 4;
/** Last digits of a hash: the first are zeros on most chains. */
const HASH_DIGITS = 6;
/** Pixels from one line of the picture to the next. */
const ROW_STEP = 64;

/** The chains of all groups side by side: where they part, how far each is, and what was given up when they met. */
export function Lanes({ story, status }: { readonly story: Story; readonly status: NetworkStatus }): ReactElement {
  const isNarrow = useMediaQuery("(max-width: 620px)", false, { getInitialValueInEffect: false });
  const { heights, rows } = lanesOf(story, status.self, isNarrow ? COLUMNS_NARROW : COLUMNS_WIDE);
  const first = heights[0] ?? 0;
  const note =
    story.phase === "together"
      ? texts.about
      : story.forkHeight === undefined
        ? texts.partedUnknown
        : texts.parted(formatCount(story.forkHeight));
  return (
    <Card title={texts.title} aside={<span className={classes.note}>{note}</span>}>
      <ol className={classes.rows} data-testid="lanes" style={{ "--columns": heights.length } as CSSProperties}>
        {rows.map((row, index) => (
          <Row key={keyOf(row)} row={row} index={index} first={first} />
        ))}
      </ol>
    </Card>
  );
}

/** A line that is the same from look to look, whatever comes and goes at its ends. */
function keyOf({ kind, nodes, from }: LaneRow): string {
  return kind === "own" ? kind : `${kind} ${nodes.join(" ")} ${from}`;
}

function Row({ row, index, first }: { readonly row: LaneRow; readonly index: number; readonly first: number }) {
  const names = row.nodes.join(", ");
  const name = row.kind === "left" ? texts.left(names) : names === "" ? texts.own : names;
  const tipHeight = row.blocks.at(-1)?.height;
  return (
    <li
      className={classes.row}
      data-kind={row.kind}
      data-group={row.group === undefined ? undefined : row.group % 5}
      data-testid="lane"
    >
      <span className={classes.name} title={name}>
        {name}
      </span>
      <ol className={classes.blocks} style={{ "--up": `${index * ROW_STEP}px` } as CSSProperties}>
        {row.blocks.map((block) => (
          <li
            key={block.height}
            className={classes.block}
            style={{ gridColumn: block.height - first + 1 }}
            data-common={row.kind === "own" && (row.from === undefined || block.height <= row.from)}
            data-tip={block.height === tipHeight}
            data-first={row.kind !== "own" && row.from !== undefined && block.height === row.from + 1}
          >
            <Block block={block} isLink={row.kind === "own"} />
          </li>
        ))}
      </ol>
    </li>
  ) as ReactElement;
}

function Block({ block: { height, hash }, isLink }: { readonly block: SeenBlock; readonly isLink: boolean }) {
  const inside = (
    <>
      <strong>{formatCount(height)}</strong>
      <span title={hash ?? texts.unknown}>{hash === undefined ? "…" : hash.slice(-HASH_DIGITS)}</span>
    </>
  );
  if (!isLink || hash === undefined) return (<span className={classes.face}>{inside}</span>) as ReactElement;
  return (
    <span className={classes.face}>
      <BlockLink id={hash}>{inside}</BlockLink>
    </span>
  );
}

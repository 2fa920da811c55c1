import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import type { ProjectedBlocks } from "@bitfleet/api/rest/mempool.ts";
import { useMediaQuery } from "@mantine/hooks";
import type { CSSProperties, ReactElement } from "react";
import { BlockCube } from "./block-cube.tsx";
import classes from "./chain-strip.module.css";
import { ProjectedCube } from "./projected-cube.tsx";
import { STRIP_BLOCK_COUNT } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";
import { useEntering } from "./use-entering.ts";
import { useHighest } from "./use-highest.ts";

const texts = allTexts.strip;

/** Blocks to come that are drawn one by one; the last of them stands for those behind it too. */
const PROJECTED_SHOWN_MAX = 3;

interface ChainStripProps {
  /** Newest first. */
  readonly blocks: readonly BlockSummary[] | undefined;
  readonly projected: ProjectedBlocks | undefined;
}

/**
 * The chain as a stream: on the right the newest blocks as a row of cubes, on the left of them the blocks that the mempool would make,
 * the next one beside the tip. Each has its place by transform alone: when a block arrives, the others make room without anything else
 * on the page moving. Places that blocks to come once took are kept, so that the tip does not go back and forth.
 */
export function ChainStrip({ blocks, projected }: ChainStripProps): ReactElement {
  const entering = useEntering(blocks?.map(({ hash }) => hash));
  const isNarrow = useMediaQuery("(max-width: 860px)", false, { getInitialValueInEffect: false });
  const shownMax = isNarrow ? 1 : PROJECTED_SHOWN_MAX;
  const coming = projected?.blocks.slice(0, shownMax) ?? [];
  const behindCount = Math.max(0, (projected?.blocks.length ?? 0) - coming.length);
  // The next block has its place even where nothing waits for it.
  const placeCount = Math.min(shownMax, useHighest(Math.max(1, coming.length)));
  const tip = blocks?.[0];
  const placeOf = (index: number) => ({ "--index": index }) as CSSProperties;
  return (
    <section className={classes.strip} aria-label={texts.label}>
      <div className={classes.scroller}>
        <ol
          className={classes.track}
          style={{ "--count": (blocks?.length ?? STRIP_BLOCK_COUNT) + placeCount } as CSSProperties}
        >
          {Array.from({ length: Math.max(1, coming.length) }, (_, index) => index)
            .toReversed()
            .map((index) => (
              <li
                key={`next-${index}`}
                className={classes.place}
                data-coming="true"
                style={placeOf(placeCount - 1 - index)}
              >
                <ProjectedCube
                  index={index}
                  block={coming[index]}
                  isKnown={projected !== undefined}
                  behindCount={index === coming.length - 1 ? behindCount : 0}
                />
              </li>
            ))}
          {blocks === undefined
            ? Array.from({ length: STRIP_BLOCK_COUNT }, (_, index) => index).map((index) => (
                <li key={index} className={classes.place} style={placeOf(placeCount + index)}>
                  <div className={classes.ghost} />
                </li>
              ))
            : blocks.map((block, index) => (
                <li
                  key={block.hash}
                  className={classes.place}
                  data-entering={entering.has(block.hash)}
                  style={placeOf(placeCount + index)}
                >
                  <BlockCube block={block} isTip={index === 0} />
                </li>
              ))}
        </ol>
      </div>
      <p className={classes.hidden} role="status">
        {tip !== undefined && entering.size > 0 ? texts.arrived(tip.height) : ""}
      </p>
    </section>
  );
}

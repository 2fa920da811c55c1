import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { formatBytes, formatCount, formatShare } from "@bitfleet/ui/format.ts";
import { Link } from "@tanstack/react-router";
import { type CSSProperties, type ReactElement, useState } from "react";
import classes from "./chain-strip.module.css";

/** BIP141. Stated here too, since the page does not load the consensus rules for one number. */
const MAX_BLOCK_WEIGHT = 4_000_000;
const SHOWN_BLOCK_COUNT = 14;

interface ChainStripProps {
  /** Newest first. */
  readonly blocks: readonly BlockSummary[] | undefined;
  readonly mempoolSize: number | undefined;
}

/**
 * The newest blocks as a row of cubes, newest on the left, and before them the block that is yet to come. Each cube has its place by
 * transform alone: when a block arrives, the others make room without anything else on the page moving.
 */
export function ChainStrip({ blocks, mempoolSize }: ChainStripProps): ReactElement {
  const shown = blocks?.slice(0, SHOWN_BLOCK_COUNT);
  const entering = useEntering(shown);
  const tip = shown?.[0];
  return (
    <section className={classes.strip} aria-label="Newest blocks">
      <div className={classes.scroller}>
        <ol className={classes.track} style={{ "--count": (shown?.length ?? SHOWN_BLOCK_COUNT) + 1 } as CSSProperties}>
          <li className={classes.place} style={{ "--index": 0 } as CSSProperties}>
            <div className={classes.next}>
              <strong>Next block</strong>
              <span>{mempoolSize === undefined ? "" : waitingText(mempoolSize)}</span>
              <span className={classes.dots} aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
            </div>
          </li>
          {shown === undefined
            ? Array.from({ length: SHOWN_BLOCK_COUNT }, (_, index) => index).map((index) => (
                <li key={index} className={classes.place} style={{ "--index": index + 1 } as CSSProperties}>
                  <div className={classes.ghost} />
                </li>
              ))
            : shown.map((block, index) => (
                <li
                  key={block.hash}
                  className={classes.place}
                  data-entering={entering.has(block.hash)}
                  style={{ "--index": index + 1 } as CSSProperties}
                >
                  <Cube block={block} isTip={index === 0} />
                </li>
              ))}
        </ol>
      </div>
      <p className={classes.hidden} role="status">
        {tip !== undefined && entering.size > 0 ? `Block ${tip.height} arrived` : ""}
      </p>
    </section>
  );
}

function Cube({ block, isTip }: { readonly block: BlockSummary; readonly isTip: boolean }): ReactElement {
  // The newest blocks are never pruned.
  const share = (block.weight ?? 0) / MAX_BLOCK_WEIGHT;
  return (
    <Link
      to="/block/$id"
      params={{ id: block.hash }}
      className={classes.cube ?? ""}
      data-tip={isTip}
      data-height={block.height}
    >
      <span className={classes.fill} style={{ "--share": Math.min(1, share) } as CSSProperties} />
      <span className={classes.height}>
        <span className={classes.hidden}>Block </span>
        {formatCount(block.height)}
      </span>
      <span className={classes.count}>{transactionsText(block.transaction_count)}</span>
      <span className={classes.size}>
        {formatBytes(block.size_bytes ?? 0)} · {formatShare(share)}
      </span>
      <span className={classes.age}>
        <Age unixSeconds={block.timestamp} />
      </span>
    </Link>
  );
}

/** The hashes that were not there the last time: those slide in. Nothing does on the first showing. */
function useEntering(blocks: readonly BlockSummary[] | undefined): ReadonlySet<string> {
  const [entering, setEntering] = useState<ReadonlySet<string>>(new Set());
  const [seen, setSeen] = useState<readonly BlockSummary[]>();
  if (blocks !== undefined && blocks[0]?.hash !== seen?.[0]?.hash) {
    const before = new Set(seen?.map((block) => block.hash));
    setSeen(blocks);
    if (seen !== undefined) {
      setEntering(new Set(blocks.filter((block) => !before.has(block.hash)).map((block) => block.hash)));
    }
  }
  return entering;
}

function transactionsText(count: number): string {
  return count === 1 ? "1 transaction" : `${formatCount(count)} transactions`;
}

function waitingText(count: number): string {
  return count === 0 ? "nothing waiting" : `${formatCount(count)} waiting`;
}

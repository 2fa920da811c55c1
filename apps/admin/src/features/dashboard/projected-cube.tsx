import type { ProjectedBlock } from "@bitfleet/api/rest/mempool.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount, formatFeerate } from "@bitfleet/ui/format.ts";
import type { CSSProperties, ReactElement } from "react";
import { MAX_BLOCK_WEIGHT } from "./block-cube.tsx";
import classes from "./chain-strip.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.strip;

/** Where the middle one is in the list of feerates: the lowest, then 10, 25 and 50 of 100 vbytes, … */
const MEDIAN_INDEX = 3;

interface ProjectedCubeProps {
  /** 0 for the next block. */
  readonly index: number;
  /** Absent where nothing waits for it. */
  readonly block: ProjectedBlock | undefined;
  readonly isKnown: boolean;
  /** Blocks behind it that have no place of their own. */
  readonly behindCount: number;
}

/** A block that would come if nothing else did: what it pays, and how full it is. */
export function ProjectedCube({ index, block, isKnown, behindCount }: ProjectedCubeProps): ReactElement {
  const rates = block?.feerate_range_sat_per_kvb ?? [];
  const rateAt = (place: number) => formatFeerate((rates.at(place) ?? 0) / 1000);
  return (
    <div className={classes.next} data-testid="projected-block" data-index={index} data-empty={block === undefined}>
      {block !== undefined && (
        <span
          className={classes.fill}
          style={{ "--share": Math.min(1, block.weight / MAX_BLOCK_WEIGHT) } as CSSProperties}
        />
      )}
      <strong>{index === 0 ? texts.next : texts.later(index + 1)}</strong>
      {block === undefined ? (
        <>
          <span className={classes.count}>{isKnown ? texts.empty : " "}</span>
          <span className={classes.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
        </>
      ) : (
        <>
          <span className={classes.rate}>
            ~{rateAt(MEDIAN_INDEX)} <small>sat/vB</small>
          </span>
          <span className={classes.range}>{texts.range(rateAt(0), rateAt(-1))}</span>
          <span className={classes.count}>
            {texts.transactions(block.transaction_count, formatCount(block.transaction_count))}
          </span>
          <span className={classes.size}>
            {behindCount > 0 ? texts.behind(behindCount) : <Amount sats={BigInt(block.total_fee)} />}
          </span>
        </>
      )}
    </div>
  );
}

import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { BarChart } from "@bitfleet/ui/bar-chart.tsx";
import { formatBytes, formatCount, formatDuration, formatMeanDuration } from "@bitfleet/ui/format.ts";
import { Skeleton } from "@mantine/core";
import type { ReactElement } from "react";
import classes from "./dashboard.module.css";
import { blockIntervals, meanInterval } from "./intervals.ts";
import { RECENT_BLOCK_COUNT } from "./queries.ts";

/** Time between blocks, transactions and sizes of the newest blocks, given newest first. */
export function BlockCharts({ blocks }: { readonly blocks: readonly BlockSummary[] | undefined }): ReactElement {
  if (blocks === undefined) {
    return (
      <div className={classes.charts}>
        {["interval", "transactions", "size"].map((name) => (
          <div key={name} className={classes.card}>
            <Skeleton height={130} />
          </div>
        ))}
      </div>
    );
  }
  const interval = meanInterval(blocks);
  const oldestFirst = blocks.toReversed();
  return (
    <section className={classes.charts} aria-label={`The newest ${blocks.length} blocks in figures`}>
      <div className={classes.card}>
        <BarChart
          placeCount={RECENT_BLOCK_COUNT}
          title="Time between blocks"
          summary={interval === undefined ? "not known yet" : `mean ${formatMeanDuration(interval)}`}
          {...(interval === undefined ? {} : { mean: interval })}
          bars={blockIntervals(blocks).map(({ block, seconds }) => ({
            key: block.hash,
            // The time of a header may lie before its parent's.
            value: Math.max(0, seconds),
            label: `${formatCount(block.height)}: ${seconds < 0 ? `−${formatDuration(-seconds)}` : formatDuration(seconds)}`,
          }))}
        />
      </div>
      <div className={classes.card}>
        <BarChart
          placeCount={RECENT_BLOCK_COUNT}
          title="Transactions per block"
          summary={`mean ${mean(blocks.map((block) => block.transaction_count)).toFixed(1)}`}
          bars={oldestFirst.map((block) => ({
            key: block.hash,
            value: block.transaction_count,
            label: `${formatCount(block.height)}: ${formatCount(block.transaction_count)}`,
          }))}
        />
      </div>
      <div className={classes.card}>
        <BarChart
          placeCount={RECENT_BLOCK_COUNT}
          title="Block size"
          summary={`mean ${formatBytes(Math.round(mean(blocks.map(sizeOf))))}`}
          bars={oldestFirst.map((block) => ({
            key: block.hash,
            value: sizeOf(block),
            label: `${formatCount(block.height)}: ${formatBytes(sizeOf(block))}`,
          }))}
        />
      </div>
    </section>
  );
}

/** The newest blocks are never pruned. */
const sizeOf = (block: BlockSummary) => block.size_bytes ?? 0;

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

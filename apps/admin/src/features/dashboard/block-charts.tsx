import type { ChainSeries } from "@bitfleet/api/rest/chain-charts.ts";
import type { MempoolHistory } from "@bitfleet/api/rest/mempool.ts";
import { AreaChart } from "@bitfleet/ui/area-chart.tsx";
import { type Bar, BarChart } from "@bitfleet/ui/bar-chart.tsx";
import {
  formatAmount,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatHashRate,
  formatMeanDuration,
  formatWeight,
} from "@bitfleet/ui/format.ts";
import { useUnit } from "@bitfleet/ui/units.tsx";
import type { ReactElement, ReactNode } from "react";
import classes from "./dashboard.module.css";
import { blockIntervals, meanInterval } from "./intervals.ts";
import { CHART_BLOCK_COUNT } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.charts;

interface ChartsProps {
  readonly series: ChainSeries | undefined;
  readonly history: MempoolHistory | undefined;
}

/** The newest blocks and the mempool over time, in six small charts. */
export function BlockCharts({ series, history }: ChartsProps): ReactElement {
  return (
    <section className={classes.charts} aria-label={texts.label(series?.heights.length ?? CHART_BLOCK_COUNT)}>
      <ChartCard>{series && <IntervalChart series={series} />}</ChartCard>
      <ChartCard>{series && <TransactionChart series={series} />}</ChartCard>
      <ChartCard>{series && <FeeChart series={series} />}</ChartCard>
      <ChartCard>{history && <MempoolChart history={history} />}</ChartCard>
      <ChartCard>{series && <WeightChart series={series} />}</ChartCard>
      <ChartCard>{series && <HashRateChart series={series} />}</ChartCard>
    </section>
  );
}

/** Its place is there before the chart. */
function ChartCard({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={classes.chart}>{children ?? <span className={classes.noChart} />}</div>;
}

type OfSeries = { readonly series: ChainSeries };

function IntervalChart({ series }: OfSeries): ReactElement {
  const intervals = blockIntervals(series);
  const mean = meanInterval(intervals);
  return (
    <BarChart
      placeCount={CHART_BLOCK_COUNT}
      title={texts.interval}
      summary={mean === undefined ? texts.unknown : texts.mean(formatMeanDuration(mean))}
      {...(mean === undefined ? {} : { mean })}
      bars={intervals.map(({ height, seconds }) => ({
        key: String(height),
        // The time of a header may lie before its parent's.
        value: Math.max(0, seconds),
        label: texts.at(formatCount(height), seconds < 0 ? `−${formatDuration(-seconds)}` : formatDuration(seconds)),
      }))}
    />
  );
}

function TransactionChart({ series }: OfSeries): ReactElement {
  const counts = series.transaction_counts;
  return (
    <BarChart
      placeCount={CHART_BLOCK_COUNT}
      title={texts.transactions}
      summary={texts.mean(meanOf(counts).toFixed(1))}
      bars={barsOf(series, counts, formatCount)}
    />
  );
}

function FeeChart({ series }: OfSeries): ReactElement {
  const unit = useUnit();
  const text = (sats: number) => `${formatAmount(BigInt(Math.round(sats)), unit)} ${unit}`;
  return (
    <BarChart
      placeCount={CHART_BLOCK_COUNT}
      title={texts.fees}
      summary={texts.mean(text(meanOf(series.fees)))}
      bars={barsOf(series, series.fees, text)}
    />
  );
}

function WeightChart({ series }: OfSeries): ReactElement {
  return (
    <BarChart
      placeCount={CHART_BLOCK_COUNT}
      title={texts.weight}
      summary={texts.mean(formatWeight(Math.round(meanOf(series.weights))))}
      bars={barsOf(series, series.weights, formatWeight)}
    />
  );
}

function HashRateChart({ series }: OfSeries): ReactElement {
  const last = series.hash_rates.at(-1);
  return (
    <AreaChart
      title={texts.hashRate}
      summary={last === undefined ? texts.unknown : texts.now(formatHashRate(last))}
      points={series.heights.map((height, index) => {
        const value = series.hash_rates[index] ?? 0;
        return { value, label: texts.at(formatCount(height), formatHashRate(value)) };
      })}
    />
  );
}

function MempoolChart({ history }: { readonly history: MempoolHistory }): ReactElement {
  const last = history.virtual_sizes.at(-1);
  return (
    <AreaChart
      title={texts.mempool}
      summary={last === undefined ? texts.unknown : texts.now(virtualText(last))}
      points={history.times.map((time, index) => {
        const value = history.virtual_sizes[index] ?? 0;
        return { value, label: texts.at(formatClock(time, true), virtualText(value)) };
      })}
    />
  );
}

/** Virtual bytes in the units of bytes: `12.3 kvB`. */
const virtualText = (vbytes: number) => formatBytes(vbytes).replace(/B$/, "vB");

function barsOf(
  { heights }: ChainSeries,
  values: readonly (number | null)[],
  format: (value: number) => string,
): readonly Bar[] {
  return heights.map((height, index) => {
    const value = values[index] ?? null;
    const label = texts.at(formatCount(height), value === null ? texts.unknown : format(value));
    return { key: String(height), value: value ?? 0, label };
  });
}

/** Of those that are known; 0 where none is. */
function meanOf(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}

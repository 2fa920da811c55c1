import type { ChainSeries } from "@bitfleet/api/rest/chain-charts.ts";
import type { MempoolHistory } from "@bitfleet/api/rest/mempool.ts";
import { type ChartPoint, SmallChart } from "@bitfleet/ui/charts/small-chart.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
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
import { CHART_SPANS, type ChartSpan } from "./dashboard-search.ts";
import { blockIntervals, meanInterval } from "./intervals.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.charts;
/** More blocks than that have bars too thin to be told apart: they are drawn as a line. */
const BARS_MAX = 150;

interface ChartsProps {
  readonly series: ChainSeries | undefined;
  readonly history: MempoolHistory | undefined;
  /** Blocks that are looked back on. */
  readonly span: ChartSpan;
  readonly onSpan: (span: ChartSpan) => void;
}

/** The newest blocks and the mempool over time, in six small charts. */
export function BlockCharts({ series, history, span, onSpan }: ChartsProps): ReactElement {
  return (
    <section className={classes.series} aria-label={texts.label(series?.heights.length ?? span)}>
      <header className={classes.seriesHead}>
        <h2>{texts.title}</h2>
        <Choice
          label={texts.span}
          options={CHART_SPANS.map((value) => ({ value: String(value), title: texts.blocks(formatCount(value)) }))}
          value={String(span)}
          onChoose={(value) => onSpan(Number(value) as ChartSpan)}
        />
      </header>
      <div className={classes.charts}>
        <ChartCard>{series && <IntervalChart series={series} span={span} />}</ChartCard>
        <ChartCard>{series && <TransactionChart series={series} span={span} />}</ChartCard>
        <ChartCard>{series && <FeeChart series={series} span={span} />}</ChartCard>
        <ChartCard>{history && <MempoolChart history={history} />}</ChartCard>
        <ChartCard>{series && <WeightChart series={series} span={span} />}</ChartCard>
        <ChartCard>{series && <HashRateChart series={series} span={span} />}</ChartCard>
      </div>
    </section>
  );
}

/** Its place is there before the chart. */
function ChartCard({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={classes.chart}>{children ?? <span className={classes.noChart} />}</div>;
}

interface OfSeries {
  readonly series: ChainSeries;
  readonly span: ChartSpan;
}

/** What all charts of blocks have in common: one place for each block, the heights below. */
function frameOf({ series: { heights }, span }: OfSeries) {
  return {
    placeCount: span,
    look: span > BARS_MAX ? ("area" as const) : ("bars" as const),
    from: heights[0] === undefined ? "" : formatCount(heights[0]),
    to: heights.at(-1) === undefined ? "" : texts.height(formatCount(heights.at(-1) ?? 0)),
  };
}

function IntervalChart(of: OfSeries): ReactElement {
  const intervals = blockIntervals(of.series);
  const mean = meanInterval(intervals);
  return (
    <SmallChart
      {...frameOf(of)}
      title={texts.interval}
      summary={mean === undefined ? texts.unknown : texts.mean(formatMeanDuration(mean))}
      format={formatMeanDuration}
      {...(mean === undefined ? {} : { mean })}
      points={intervals.map(({ height, seconds }) => ({
        key: String(height),
        // The time of a header may lie before its parent's.
        value: Math.max(0, seconds),
        label: texts.at(formatCount(height), seconds < 0 ? `−${formatDuration(-seconds)}` : formatDuration(seconds)),
      }))}
    />
  );
}

function TransactionChart(of: OfSeries): ReactElement {
  const counts = of.series.transaction_counts;
  return (
    <SmallChart
      {...frameOf(of)}
      title={texts.transactions}
      summary={texts.mean(meanOf(counts).toFixed(1))}
      format={formatCount}
      points={pointsOf(of.series, counts, formatCount)}
    />
  );
}

function FeeChart(of: OfSeries): ReactElement {
  const unit = useUnit();
  const text = (sats: number) => `${formatAmount(BigInt(Math.round(sats)), unit)} ${unit}`;
  const { fees } = of.series;
  return (
    <SmallChart
      {...frameOf(of)}
      title={texts.fees}
      summary={texts.mean(text(meanOf(fees)))}
      format={text}
      points={pointsOf(of.series, fees, text)}
    />
  );
}

function WeightChart(of: OfSeries): ReactElement {
  const { weights } = of.series;
  return (
    <SmallChart
      {...frameOf(of)}
      title={texts.weight}
      summary={texts.mean(formatWeight(Math.round(meanOf(weights))))}
      format={formatWeight}
      points={pointsOf(of.series, weights, formatWeight)}
    />
  );
}

function HashRateChart(of: OfSeries): ReactElement {
  const rates = of.series.hash_rates;
  const last = rates.at(-1);
  return (
    <SmallChart
      {...frameOf(of)}
      look="area"
      title={texts.hashRate}
      summary={last === undefined ? texts.unknown : texts.now(formatHashRate(last))}
      format={formatHashRate}
      points={pointsOf(of.series, rates, formatHashRate)}
    />
  );
}

function MempoolChart({ history }: { readonly history: MempoolHistory }): ReactElement {
  const { times, virtual_sizes: sizes } = history;
  const last = sizes.at(-1);
  return (
    <SmallChart
      look="area"
      title={texts.mempool}
      summary={last === undefined ? texts.unknown : texts.now(virtualText(last))}
      format={virtualText}
      from={times[0] === undefined ? "" : formatClock(times[0])}
      to={times.at(-1) === undefined ? "" : formatClock(times.at(-1) ?? 0)}
      points={times.map((time, index) => {
        const value = sizes[index] ?? 0;
        return { key: String(time), value, label: texts.at(formatClock(time, true), virtualText(value)) };
      })}
    />
  );
}

/** Virtual bytes in the units of bytes: `12.3 kvB`. */
const virtualText = (vbytes: number) => formatBytes(vbytes).replace(/B$/, "vB");

function pointsOf(
  { heights }: ChainSeries,
  values: readonly (number | null)[],
  format: (value: number) => string,
): readonly ChartPoint[] {
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

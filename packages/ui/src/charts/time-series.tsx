import { lazy, type ReactElement, Suspense } from "react";
import { language } from "../language.ts";
import type { Series, TimeSeriesProps } from "./series.ts";
import classes from "./time-series.module.css";

const HEIGHT = 220;

/** The library that draws is loaded with the first chart. */
const UplotChart = lazy(async () => ({ default: (await import("./uplot-chart.tsx")).UplotChart }));

/** Values over time: with a readout under pointer and arrow keys, in the colours of the theme, and told in words to who does not see it. */
export function TimeSeries(props: TimeSeriesProps): ReactElement {
  const { title, times, series, format, height = HEIGHT } = props;
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.title}>{title}</figcaption>
      <p className={classes.hidden}>{summaryOf(times, series, format)}</p>
      {times.length === 0 ? (
        <div className={classes.empty} style={{ height }}>
          No values yet
        </div>
      ) : (
        <Suspense fallback={<div style={{ height }} />}>
          <UplotChart {...props} height={height} />
        </Suspense>
      )}
    </figure>
  );
}

/** What the lines show, in words. */
export function summaryOf(
  times: readonly number[],
  series: readonly Series[],
  format: (value: number) => string,
): string {
  if (times.length === 0) return "No values yet.";
  const parts = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    const last = known.at(-1);
    if (last === undefined) return `${label}: no values.`;
    let [lowest, highest] = [last, last];
    for (const value of known) {
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    return `${label}: ${format(last)} at last, between ${format(lowest)} and ${format(highest)}.`;
  });
  return `${COUNT.format(times.length)} ${times.length === 1 ? "point" : "points"}. ${parts.join(" ")}`;
}

const COUNT = new Intl.NumberFormat(language);

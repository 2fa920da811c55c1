import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from "react";
import Uplot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatClock, formatCount, formatDateTime, formatDay } from "../format.ts";
import { useTheme } from "../theme-provider.tsx";
import type { TimeSeriesProps } from "./series.ts";
import classes from "./time-series.module.css";

const DAY_SECONDS = 86_400;
const COLORS = ["--bf-brand", "--bf-link", "--bf-good", "--bf-bad"] as const;
/** Between labels of the horizontal axis, in seconds: what clocks and calendars are divided by. */
const TIME_STEPS = [
  1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000,
];
const HEIGHT_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5];
/** Pixels between labels of the vertical axis, at least. */
const LABEL_GAP = 42;

/** What a TimeSeries shows, drawn by uPlot on a canvas. */
export function UplotChart(props: TimeSeriesProps & { readonly height: number }): ReactElement {
  const { times, series, format, isHeight = false, height, title } = props;
  const { shown: theme } = useTheme();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Uplot>(undefined);
  const [pointedIndex, setPointedIndex] = useState<number>();
  const latest = useRef(props);
  latest.current = props;
  const shape = series
    .map(({ label, color, isFilled, isStepped }) => [label, color, isFilled, isStepped].join())
    .join(";");

  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape and the theme decide how it is drawn; values are set below
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const drawn = new Uplot(
      optionsOf(latest.current, element, (index) => setPointedIndex(index)),
      dataOf(latest.current),
      element,
    );
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = undefined;
    };
  }, [theme, shape, height, isHeight]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: times and series are what is new
  useEffect(() => plot.current?.setData(dataOf(latest.current)), [times, series]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const drawn = plot.current;
    if (step === 0 || drawn === undefined) return;
    event.preventDefault();
    const from = pointedIndex ?? (step < 0 ? times.length : -1);
    const index = Math.min(times.length - 1, Math.max(0, from + step));
    drawn.setCursor({ left: drawn.valToPos(times[index] ?? 0, "x"), top: 1 });
  };
  const index = pointedIndex ?? times.length - 1;
  const time = times[index];
  return (
    <>
      <div className={classes.readout} data-pointed={pointedIndex !== undefined}>
        {time !== undefined && <span>{isHeight ? `Block ${formatCount(time)}` : formatDateTime(time)}</span>}
        {series.map(({ label, values, color }, place) => {
          const value = values[index];
          return (
            <span key={label} className={classes.value}>
              <i style={{ background: `var(${color ?? COLORS[place % COLORS.length]})` }} />
              {series.length > 1 && label} <b>{value === null || value === undefined ? "–" : format(value)}</b>
            </span>
          );
        })}
      </div>
      <div
        ref={place}
        className={classes.plot}
        style={{ height }}
        role="img"
        aria-label={title}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys go from point to point
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
      />
    </>
  );
}

function optionsOf(
  { series, format, isHeight = false, isFromZero = true, times }: TimeSeriesProps,
  element: HTMLElement,
  onPoint: (index: number | undefined) => void,
): Uplot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const timeText = (value: number) =>
    isHeight ? formatCount(value) : span > 2 * DAY_SECONDS ? formatDay(value) : formatClock(value, span < 600);
  const axis = {
    stroke: color("--bf-muted"),
    font: `12px ${style.fontFamily}`,
    ticks: { show: false },
    grid: { stroke: color("--bf-line"), width: 1 },
  };
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
    // On the right, half of a label of the horizontal axis.
    padding: [8, 20, 0, 0],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 8, width: 2, fill: () => color("--bf-card") },
    },
    scales: {
      x: { time: false },
      y: { range: (_plot, low, high) => rangeOf(low, high, isFromZero) },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: 90,
        incrs: isHeight ? HEIGHT_STEPS : TIME_STEPS,
        values: (_plot, values) => values.map(timeText),
      },
      {
        ...axis,
        size: 66,
        space: LABEL_GAP,
        values: (_plot, values) => values.map((value) => (value === null ? "" : format(value))),
      },
    ],
    series: [
      {},
      ...series.map(({ label, color: name, isFilled, isStepped }, index): Uplot.Series => {
        const stroke = color(name ?? COLORS[index % COLORS.length] ?? "--bf-brand");
        return {
          label,
          stroke,
          width: 2,
          points: { show: times.length < 40 },
          ...(isFilled && { fill: `color-mix(in srgb, ${stroke} 16%, transparent)` }),
          ...(isStepped && Uplot.paths.stepped && { paths: Uplot.paths.stepped({ align: 1 }) }),
        };
      }),
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? undefined)] },
  };
}

/** A line at one height has room above and below. */
function rangeOf(low: number | null, high: number | null, isFromZero: boolean): [number, number] {
  if (low === null || high === null) return [0, 1];
  const bottom = isFromZero ? Math.min(0, low) : low;
  const room = (high - bottom || Math.abs(high) || 1) * 0.08;
  return [isFromZero ? bottom : bottom - room, high + room];
}

function dataOf({ times, series }: TimeSeriesProps): Uplot.AlignedData {
  return [times as number[], ...series.map(({ values }) => values as (number | null)[])];
}

import { type ReactElement, useState } from "react";
import classes from "./area-chart.module.css";
import look from "./bar-chart.module.css";

export interface AreaPoint {
  readonly value: number;
  /** What it says when pointed at. */
  readonly label: string;
}

interface AreaChartProps {
  readonly title: string;
  /** The figure above, while no point is pointed at. */
  readonly summary: string;
  /** Oldest first, one as far from the next as any other. */
  readonly points: readonly AreaPoint[];
}

const WIDTH = 600;
const HEIGHT = 100;
/** Above the highest value and below the lowest. */
const ROOM = 4;

/** A small chart of one value over time, from zero up, without a library: the sister of the bar chart. */
export function AreaChart({ title, summary, points }: AreaChartProps): ReactElement {
  const [pointedIndex, setPointedIndex] = useState<number>();
  const highest = Math.max(...points.map(({ value }) => value), 0) || 1;
  const xOf = (index: number) => (points.length < 2 ? WIDTH : (index / (points.length - 1)) * WIDTH);
  const yOf = (value: number) => HEIGHT - ROOM / 2 - (value / highest) * (HEIGHT - 2 * ROOM);
  const line = points.map(({ value }, index) => `${xOf(index).toFixed(1)},${yOf(value).toFixed(1)}`).join(" ");
  const pointed = pointedIndex === undefined ? undefined : points[pointedIndex];
  return (
    <figure className={look.figure}>
      <figcaption>
        <span className={look.title}>{title}</span>
        <span className={look.readout} data-pointed={pointed !== undefined}>
          {pointed?.label ?? summary}
        </span>
      </figcaption>
      <svg
        className={look.chart}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${summary}`}
        onPointerLeave={() => setPointedIndex(undefined)}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const share = (event.clientX - box.left) / box.width;
          setPointedIndex(Math.max(0, Math.min(points.length - 1, Math.round(share * (points.length - 1)))));
        }}
      >
        {points.length > 1 && (
          <>
            <polygon className={classes.area} points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
            <polyline className={classes.line} points={line} vectorEffect="non-scaling-stroke" />
          </>
        )}
        {pointed !== undefined && pointedIndex !== undefined && (
          <line
            className={classes.pointer}
            x1={xOf(pointedIndex)}
            x2={xOf(pointedIndex)}
            y1="0"
            y2={HEIGHT}
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
    </figure>
  );
}

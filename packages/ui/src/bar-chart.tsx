import { type ReactElement, useState } from "react";
import classes from "./bar-chart.module.css";

export interface Bar {
  readonly key: string;
  readonly value: number;
  /** What the bar says when pointed at. */
  readonly label: string;
}

interface BarChartProps {
  readonly title: string;
  /** The figure above the bars, while none is pointed at. */
  readonly summary: string;
  /** Places there are. Fewer bars than places stand on the right, so that charts side by side line up. */
  readonly placeCount: number;
  /** Oldest first. */
  readonly bars: readonly Bar[];
  /** Draws a line across at this value. */
  readonly mean?: number;
}

const BAR_WIDTH = 10;
const BAR_GAP = 3;
const HEIGHT = 100;
/** A value of nothing still shows that a block is there. */
const HEIGHT_MIN = 2;

/** A small chart of one value per block, newest on the right. */
export function BarChart({ title, summary, placeCount, bars, mean }: BarChartProps): ReactElement {
  const [pointedIndex, setPointedIndex] = useState<number>();
  const highest = Math.max(...bars.map((bar) => bar.value), mean ?? 0) || 1;
  const width = placeCount * (BAR_WIDTH + BAR_GAP) - BAR_GAP;
  const emptyCount = placeCount - bars.length;
  const pointed = pointedIndex === undefined ? undefined : bars[pointedIndex];
  return (
    <figure className={classes.figure}>
      <figcaption>
        <span className={classes.title}>{title}</span>
        <span className={classes.readout} data-pointed={pointed !== undefined}>
          {pointed?.label ?? summary}
        </span>
      </figcaption>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${summary}`}
        onPointerLeave={() => setPointedIndex(undefined)}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const place = Math.floor(((event.clientX - box.left) / box.width) * placeCount);
          setPointedIndex(Math.min(bars.length - 1, place - emptyCount));
        }}
      >
        {bars.map((bar, index) => {
          const height = Math.max(HEIGHT_MIN, (bar.value / highest) * (HEIGHT - 4));
          return (
            <rect
              key={bar.key}
              className={classes.bar}
              data-pointed={index === pointedIndex}
              data-newest={index === bars.length - 1}
              x={(emptyCount + index) * (BAR_WIDTH + BAR_GAP)}
              y={HEIGHT - height}
              width={BAR_WIDTH}
              height={height}
            />
          );
        })}
        {mean !== undefined && (
          <line
            className={classes.mean}
            x1="0"
            x2={width}
            y1={HEIGHT - (mean / highest) * (HEIGHT - 4)}
            y2={HEIGHT - (mean / highest) * (HEIGHT - 4)}
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
    </figure>
  );
}

import { type KeyboardEvent, type PointerEvent, type ReactElement, useState } from "react";
import classes from "./small-chart.module.css";

export interface ChartPoint {
  readonly key: string;
  readonly value: number;
  /** What it says when pointed at. */
  readonly label: string;
}

interface SmallChartProps {
  readonly title: string;
  /** The figure above, while no point is pointed at. */
  readonly summary: string;
  /** A bar for each point, or one line through all with the area below it. */
  readonly look: "bars" | "area";
  /** Oldest first, one as far from the next as any other. */
  readonly points: readonly ChartPoint[];
  /** Places there are. Fewer points stand on the right, so that charts side by side line up. */
  readonly placeCount?: number;
  /** Draws a line across at this value. */
  readonly mean?: number;
  /** A value as text, for the upper end of the scale; the lower one is 0. */
  readonly format: (value: number) => string;
  /** What stands below both ends. */
  readonly from: string;
  readonly to: string;
}

const HEIGHT = 100;
/** Above the highest value. */
const ROOM = 4;
/** A value of nothing still shows that a point is there. */
const BAR_HEIGHT_MIN = 2;
/** Of a place, in hundredths: the rest keeps bars apart. */
const BAR_WIDTH = 76;
const PLACE_WIDTH = 100;

/**
 * A small chart of one value after the other, from zero up, newest on the right, without a library: what is pointed at, by pointer, finger
 * or arrow keys, is told above it.
 */
export function SmallChart(props: SmallChartProps): ReactElement {
  const { title, summary, look, points, mean, format, from, to } = props;
  const [pointedIndex, setPointedIndex] = useState<number>();
  const placeCount = Math.max(props.placeCount ?? points.length, points.length, 1);
  const emptyCount = placeCount - points.length;
  const highest = points.reduce((most, { value }) => Math.max(most, value), mean ?? 0);
  const pointed = pointedIndex === undefined ? undefined : points[pointedIndex];
  const point = (index: number) => setPointedIndex(Math.min(points.length - 1, Math.max(0, index)));
  const onPointerMove = (event: PointerEvent<SVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / box.width) * placeCount) - emptyCount;
    if (index < 0) setPointedIndex(undefined);
    else point(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (step === 0 || points.length === 0) return;
    event.preventDefault();
    point(pointedIndex === undefined ? points.length - 1 : pointedIndex + step);
  };
  const drawn = { points, emptyCount, highest: highest || 1, pointedIndex: pointed && pointedIndex };
  return (
    <figure className={classes.figure}>
      <figcaption>
        <span className={classes.title}>{title}</span>
        <span className={classes.readout} data-pointed={pointed !== undefined} aria-live="polite">
          {pointed?.label ?? summary}
        </span>
      </figcaption>
      <div className={classes.frame}>
        <span className={classes.top} aria-hidden="true">
          {highest > 0 && format(highest)}
        </span>
        <svg
          className={classes.chart}
          viewBox={`0 0 ${placeCount * PLACE_WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${title}: ${summary}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys go from point to point
          tabIndex={0}
          onPointerMove={onPointerMove}
          onPointerDown={onPointerMove}
          onPointerLeave={() => setPointedIndex(undefined)}
          onKeyDown={onKeyDown}
          onBlur={() => setPointedIndex(undefined)}
        >
          <Line at={highest || 1} {...drawn} className={classes.limit} width={placeCount} />
          {look === "bars" ? <Bars {...drawn} /> : <Area {...drawn} />}
          {mean !== undefined && <Line at={mean} {...drawn} className={classes.mean} width={placeCount} />}
        </svg>
      </div>
      <div className={classes.axis} aria-hidden="true">
        <span>{from}</span>
        <span>{to}</span>
      </div>
    </figure>
  );
}

interface Drawn {
  readonly points: readonly ChartPoint[];
  readonly emptyCount: number;
  readonly highest: number;
  readonly pointedIndex: number | undefined;
}

const heightOf = (value: number, highest: number) => (value / highest) * (HEIGHT - ROOM);

function Bars({ points, emptyCount, highest, pointedIndex }: Drawn): ReactElement {
  return (
    <>
      {points.map(({ key, value }, index) => {
        const height = Math.max(BAR_HEIGHT_MIN, heightOf(value, highest));
        return (
          <rect
            key={key}
            className={classes.bar}
            data-pointed={index === pointedIndex}
            data-newest={index === points.length - 1}
            x={(emptyCount + index) * PLACE_WIDTH + (PLACE_WIDTH - BAR_WIDTH) / 2}
            y={HEIGHT - height}
            width={BAR_WIDTH}
            height={height}
          />
        );
      })}
    </>
  );
}

function Area({ points, emptyCount, highest, pointedIndex }: Drawn): ReactElement | null {
  const xOf = (index: number) => (emptyCount + index + 0.5) * PLACE_WIDTH;
  const line = points.map(({ value }, index) => `${xOf(index)},${(HEIGHT - heightOf(value, highest)).toFixed(1)}`);
  if (points.length < 2) return null;
  return (
    <>
      <polygon
        className={classes.area}
        points={`${xOf(0)},${HEIGHT} ${line.join(" ")} ${xOf(points.length - 1)},${HEIGHT}`}
      />
      <polyline className={classes.line} points={line.join(" ")} vectorEffect="non-scaling-stroke" />
      {pointedIndex !== undefined && (
        <line
          className={classes.pointer}
          x1={xOf(pointedIndex)}
          x2={xOf(pointedIndex)}
          y1="0"
          y2={HEIGHT}
          vectorEffect="non-scaling-stroke"
        />
      )}
    </>
  );
}

function Line({
  at,
  highest,
  className,
  width,
}: Drawn & { readonly at: number; readonly className: string | undefined; readonly width: number }): ReactElement {
  const y = HEIGHT - heightOf(at, highest);
  return <line className={className} x1="0" x2={width * PLACE_WIDTH} y1={y} y2={y} vectorEffect="non-scaling-stroke" />;
}

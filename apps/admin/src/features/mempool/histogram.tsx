import type { FeerateBar } from "@bitfleet/api/rest/mempool.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { formatCount, formatFeerate } from "@bitfleet/ui/format.ts";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { type CSSProperties, type KeyboardEvent, type ReactElement, useRef, useState } from "react";
import { heightOf, type PlacedBar, placeBars } from "./feerate-bars.ts";
import { heatColor } from "./heat.ts";
import classes from "./histogram.module.css";
import { BAR_MEASURES, type BarMeasure, unlessFirst } from "./mempool-search.ts";
import { useHistogram } from "./queries.ts";
import { texts } from "./texts.ts";

/** Feerates below the axis, in satoshis for 1000 vbytes. */
const TICKS = [100, 1000, 10_000, 100_000, 1_000_000, 200, 500, 2000, 5000, 20_000, 50_000, 200_000, 500_000];
const TICK_SHARE_MIN = 0.09;
const words = texts.histogram;

interface HistogramProps {
  readonly measure: BarMeasure;
  readonly onMeasure: (measure: BarMeasure | undefined) => void;
  /** Satoshis per vbyte that the list begins with. */
  readonly chosenFrom: number | undefined;
  readonly onChoose: (from: number, to: number) => void;
}

/** What waits, by feerate. A press on a bar lists what is in it. */
export function Histogram({ measure, onMeasure, chosenFrom, onChoose }: HistogramProps): ReactElement {
  const histogram = useHistogram();
  return (
    <Card
      title={words.title}
      aside={
        <Choice
          label={words.measure}
          options={BAR_MEASURES.map((value) => ({ value, title: words.measures[value] }))}
          value={measure}
          onChoose={(value) => onMeasure(unlessFirst(value, BAR_MEASURES))}
        />
      }
    >
      {histogram.data === undefined && histogram.error !== null ? (
        <ErrorMessage error={histogram.error} onRetry={() => void histogram.refetch()} />
      ) : (
        <Bars bars={histogram.data} {...{ measure, chosenFrom, onChoose }} />
      )}
    </Card>
  );
}

function Bars({
  bars,
  measure,
  chosenFrom,
  onChoose,
}: Omit<HistogramProps, "onMeasure"> & { readonly bars: readonly FeerateBar[] | undefined }): ReactElement {
  const [pointed, setPointed] = useState<number>();
  const [focused, setFocused] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  if (bars === undefined || bars.length === 0) {
    return (
      <>
        <p className={classes.readout}>{bars === undefined ? " " : words.about}</p>
        <div className={classes.empty}>{bars === undefined ? "" : words.empty}</div>
        <div className={classes.axis} />
      </>
    );
  }
  const { placed, placeCount, edges } = placeBars(bars);
  const highest = Math.max(...placed.map(({ bar }) => heightOf(bar, measure)), 1);
  const total = bars.reduce((sum, bar) => sum + bar.virtual_size, 0);
  const shown = placed.find(({ from }) => from === pointed);
  const reached = Math.min(focused, placed.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = Math.min(placed.length - 1, Math.max(0, reached + step));
    setFocused(next);
    frame.current?.querySelectorAll("button")[next]?.focus();
  };
  return (
    <>
      <p className={classes.readout} data-pointed={shown !== undefined}>
        {shown === undefined ? `${words.total(formatCount(total))} · ${words.hint}` : labelOf(shown)}
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a picture */}
      <div
        ref={frame}
        className={classes.bars}
        role="group"
        aria-label={words.about}
        data-testid="histogram"
        onPointerLeave={() => setPointed(undefined)}
        onKeyDown={onKeyDown}
      >
        {placed.map((one, index) => (
          <button
            key={one.from}
            type="button"
            className={classes.bar}
            style={
              {
                "--place": one.place / placeCount,
                "--width": 1 / placeCount,
                "--height": heightOf(one.bar, measure) / highest,
                "--color": heatColor(one.from / 1000),
              } as CSSProperties
            }
            aria-label={labelOf(one)}
            aria-pressed={chosenFrom === one.from / 1000}
            tabIndex={index === reached ? 0 : -1}
            onPointerEnter={() => setPointed(one.from)}
            onFocus={() => {
              setFocused(index);
              setPointed(one.from);
            }}
            onBlur={() => setPointed(undefined)}
            onClick={() => onChoose(one.from / 1000, (one.to - 1) / 1000)}
          />
        ))}
      </div>
      <div className={classes.axis} aria-hidden="true">
        {ticksOf(edges).map(({ text, share }) => (
          <span key={text} style={{ "--place": share } as CSSProperties}>
            {text}
          </span>
        ))}
        <span className={classes.unit}>{words.axis}</span>
      </div>
    </>
  );
}

function labelOf({ bar, from, to }: PlacedBar): string {
  const high = formatFeerate(to / 1000);
  const range = from === 0 ? words.below(high) : words.range(formatFeerate(from / 1000), high);
  const count = texts.transactions(bar.transaction_count, formatCount(bar.transaction_count));
  return words.bar(range, count, formatCount(bar.virtual_size));
}

/** Round feerates that have room on the axis, the roundest first. */
function ticksOf(edges: readonly number[]): readonly { readonly text: string; readonly share: number }[] {
  const taken: { text: string; share: number }[] = [];
  for (const tick of TICKS) {
    const index = edges.indexOf(tick);
    if (index < 0) continue;
    const share = index / edges.length;
    if (share > 0.86 || taken.some((other) => Math.abs(other.share - share) < TICK_SHARE_MIN)) continue;
    taken.push({ text: formatFeerate(tick / 1000), share });
  }
  return taken;
}

import type { MempoolHistory } from "@bitfleet/api/rest/mempool.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { TimeSeries } from "@bitfleet/ui/charts/time-series.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { formatAmount, formatCount, type Unit } from "@bitfleet/ui/format.ts";
import { useMempoolHistory } from "@bitfleet/ui/node-queries.ts";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { type ReactElement, useMemo } from "react";
import classes from "./history-card.module.css";
import {
  DRAWN_MEASURES,
  type DrawnMeasure,
  type MempoolView,
  SPANS,
  type Span,
  unlessFirst,
} from "./mempool-search.ts";
import { texts } from "./texts.ts";

const SECONDS: Readonly<Record<Span, number>> = { "1h": 3_600, "6h": 21_600, "24h": 86_400 };
const HEIGHT = 216;
const words = texts.history;

interface HistoryCardProps {
  readonly measure: DrawnMeasure;
  readonly span: Span;
  readonly onView: (view: Pick<MempoolView, "drawn" | "span">) => void;
}

/** The mempool over the last hours, as far as the node has been running. */
export function HistoryCard({ measure, span, onView }: HistoryCardProps): ReactElement {
  const unit = useUnit();
  const history = useMempoolHistory(SECONDS[span]);
  const series = useMemo(
    () => [
      {
        label: words.measures[measure],
        values: valuesOf(history.data, measure),
        isFilled: true,
        isStepped: measure !== "rate",
      },
    ],
    [history.data, measure],
  );
  return (
    <Card
      title={words.title}
      aside={
        <div className={classes.choices}>
          <Choice
            label={words.span}
            options={SPANS.map((value) => ({ value, title: words.spans[value] }))}
            value={span}
            onChoose={(value) => onView({ span: unlessFirst(value, SPANS) })}
          />
        </div>
      }
    >
      <div className={classes.choices}>
        <Choice
          label={words.measure}
          options={DRAWN_MEASURES.map((value) => ({ value, title: words.measures[value] }))}
          value={measure}
          onChoose={(value) => onView({ drawn: unlessFirst(value, DRAWN_MEASURES) })}
        />
      </div>
      {history.error !== null && history.data === undefined ? (
        <ErrorMessage error={history.error} onRetry={() => void history.refetch()} />
      ) : (
        <TimeSeries
          title={words.names[measure]}
          times={history.data?.times ?? []}
          series={series}
          format={(value) => formatOf(measure, value, unit)}
          height={HEIGHT}
        />
      )}
    </Card>
  );
}

function valuesOf(history: MempoolHistory | undefined, measure: DrawnMeasure): readonly number[] {
  if (history === undefined) return [];
  if (measure === "size") return history.virtual_sizes;
  if (measure === "count") return history.transaction_counts;
  if (measure === "fees") return history.total_fees;
  return history.added_virtual_sizes.map((size) => Math.round(size / history.interval_seconds));
}

function formatOf(measure: DrawnMeasure, value: number, unit: Unit): string {
  if (measure === "count") return formatCount(value);
  if (measure === "fees")
    return `${formatAmount(BigInt(Math.round(value)), unit)
      .replace(/(\.\d*?)0+$/, "$1")
      .replace(/\.$/, "")} ${unit}`;
  return measure === "rate" ? words.vbytesPerSecond(formatCount(value)) : sizeText(value);
}

function sizeText(vbytes: number): string {
  if (vbytes >= 1e6) return `${Number((vbytes / 1e6).toFixed(2))} MvB`;
  return vbytes >= 1e3 ? `${Number((vbytes / 1e3).toFixed(1))} kvB` : `${formatCount(vbytes)} vB`;
}

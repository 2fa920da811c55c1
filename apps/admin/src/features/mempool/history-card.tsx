import type { MempoolHistory } from "@bitfleet/api/rest/mempool.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { TimeSeries } from "@bitfleet/ui/charts/time-series.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { formatAmount, formatCount, type Unit } from "@bitfleet/ui/format.ts";
import { useMempoolHistory } from "@bitfleet/ui/node-queries.ts";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { type ReactElement, useMemo, useState } from "react";
import classes from "./history-card.module.css";
import { texts } from "./texts.ts";

const MEASURES = ["size", "count", "fees", "rate"] as const;
type Measure = (typeof MEASURES)[number];
const SPANS = ["3600", "21600", "86400"] as const;
const HEIGHT = 180;
const words = texts.history;

/** The mempool over the last hours, as far as the node has been running. */
export function HistoryCard(): ReactElement {
  const [measure, setMeasure] = useState<Measure>("size");
  const [span, setSpan] = useState<(typeof SPANS)[number]>("3600");
  const unit = useUnit();
  const history = useMempoolHistory(Number(span));
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
            onChoose={setSpan}
          />
        </div>
      }
    >
      <div className={classes.choices}>
        <Choice
          label={words.measure}
          options={MEASURES.map((value) => ({ value, title: words.measures[value] }))}
          value={measure}
          onChoose={setMeasure}
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

function valuesOf(history: MempoolHistory | undefined, measure: Measure): readonly number[] {
  if (history === undefined) return [];
  if (measure === "size") return history.virtual_sizes;
  if (measure === "count") return history.transaction_counts;
  if (measure === "fees") return history.total_fees;
  return history.added_virtual_sizes.map((size) => Math.round(size / history.interval_seconds));
}

function formatOf(measure: Measure, value: number, unit: Unit): string {
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

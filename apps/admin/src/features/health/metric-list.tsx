import { Card } from "@bitfleet/ui/card.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { language } from "@bitfleet/ui/language.ts";
import { ErrorMessage, LoadingRows } from "@bitfleet/ui/states.tsx";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import classes from "./health.module.css";
import { findMetrics, groupOf, type Metric } from "./metrics.ts";
import { useMetrics } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.metrics;
const NUMBER = new Intl.NumberFormat(language, { maximumSignificantDigits: 6 });

/** Every metric of the node in its group, with a line of what it was since the page was opened. */
export function MetricList(): ReactElement {
  const { data, error, history, refetch } = useMetrics();
  const { find: search = "" } = useSearch({ strict: false }) as { readonly find?: string };
  const navigate = useNavigate();
  const setSearch = (text: string) => {
    const next = (old: object) => ({ ...old, find: text === "" ? undefined : text });
    void navigate({ to: ".", search: next as never, replace: true, resetScroll: false });
  };
  const found = data && findMetrics(data, search);
  const groups = new Map<string, Metric[]>();
  for (const metric of found ?? []) {
    const group = groupOf(metric.name);
    groups.set(group, [...(groups.get(group) ?? []), metric]);
  }
  return (
    <Card title={texts.title}>
      <Field
        label={texts.search}
        hint={texts.searchHint}
        type="search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {found === undefined ? (
        error === null ? (
          <LoadingRows count={10} height={40} label={texts.title} />
        ) : (
          <ErrorMessage error={error} onRetry={() => void refetch()} />
        )
      ) : found.length === 0 ? (
        <p className={classes.detail}>{texts.none}</p>
      ) : (
        [...groups].map(([group, metrics]) => (
          <details key={group} className={classes.group} open={search !== "" || undefined} data-group={group}>
            <summary>
              <h3>{group}</h3>
              <span>{texts.count(metrics.length)}</span>
            </summary>
            <ul className={classes.metrics}>
              {metrics.map((metric) => (
                <MetricRow key={metric.key} metric={metric} values={history.get(metric.key) ?? []} />
              ))}
            </ul>
          </details>
        ))
      )}
    </Card>
  );
}

function MetricRow({
  metric: { name, labels, help, value, count },
  values,
}: {
  readonly metric: Metric;
  readonly values: readonly number[];
}): ReactElement {
  return (
    <li data-metric={name}>
      <div>
        <code>
          {name}
          <span>{labels}</span>
        </code>
        <p>{help}</p>
      </div>
      <Spark values={values} />
      <strong>
        {count === undefined ? NUMBER.format(value) : texts.mean(NUMBER.format(value), NUMBER.format(count))}
      </strong>
    </li>
  );
}

const WIDTH = 90;
const HEIGHT = 24;

/** Drawn between its lowest and its highest value. */
function Spark({ values }: { readonly values: readonly number[] }): ReactElement {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = values.map((value, index) => {
    const x = (index / Math.max(1, values.length - 1)) * WIDTH;
    const y = high === low ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg className={classes.spark} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {points.length > 1 && <polyline points={points.join(" ")} />}
    </svg>
  );
}

import { Card } from "@bitfleet/ui/card.tsx";
import { TimeSeries } from "@bitfleet/ui/charts/time-series.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { formatHashRate } from "@bitfleet/ui/format.ts";
import { useChainSeries } from "@bitfleet/ui/node-queries.ts";
import { LoadingRows } from "@bitfleet/ui/states.tsx";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import { GenerateForm } from "./generate-form.tsx";
import type { MinerChoice } from "./miner-choice.ts";
import { MinerControls } from "./miner-controls.tsx";
import classes from "./mining.module.css";
import { type MinerFacts, SERIES_BLOCK_COUNT } from "./queries.ts";
import { texts } from "./texts.ts";

interface MinerTabProps {
  readonly info: MinerFacts | undefined;
  readonly choice: MinerChoice | undefined;
}

/** How the miner is led, blocks at once, and how much work the network does. */
export function MinerTab({ info, choice }: MinerTabProps): ReactElement {
  // What is being filled in is meant for one node.
  const key = choice?.node ?? "";
  return (
    <div className={classes.parts}>
      <Card title={texts.control.title}>
        {info === undefined || choice === undefined ? (
          <LoadingRows count={3} height={50} label={texts.control.title} />
        ) : (
          <MinerControls key={key} info={info} choice={choice} />
        )}
      </Card>
      <Card title={texts.now.title}>
        {choice === undefined ? (
          <LoadingRows count={3} height={50} label={texts.now.title} />
        ) : (
          <GenerateForm key={key} choice={choice} />
        )}
      </Card>
      <HashRate />
    </div>
  );
}

const AXES = [
  { value: "height", title: texts.chart.byHeight },
  { value: "time", title: texts.chart.overTime },
] as const;

/** How much work the network does, block by block or as time passes. */
function HashRate(): ReactElement {
  const series = useChainSeries(SERIES_BLOCK_COUNT);
  const { chart = "height" } = useSearch({ strict: false }) as { readonly chart?: "time" };
  const navigate = useNavigate();
  const choose = (axis: "height" | "time") => {
    const search = (old: object) => ({ ...old, chart: axis === "time" ? axis : undefined });
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
  };
  const times = useMemo(() => risingTimes(series.data?.times ?? []), [series.data]);
  return (
    <Card
      className={classes.wide}
      title={texts.chart.hashRate}
      aside={<Choice label={texts.chart.axis} options={AXES} value={chart} onChoose={choose} />}
    >
      <TimeSeries
        title={texts.chart.title}
        times={chart === "time" ? times : (series.data?.heights ?? [])}
        series={[{ label: texts.chart.line, values: series.data?.hash_rates ?? [], isFilled: true }]}
        format={formatHashRate}
        isHeight={chart === "height"}
      />
    </Card>
  );
}

/** Times of headers need not rise; on a line each block stands no earlier than the one before it. */
function risingTimes(times: readonly number[]): readonly number[] {
  let latest = 0;
  return times.map((time) => {
    latest = Math.max(latest, time);
    return latest;
  });
}

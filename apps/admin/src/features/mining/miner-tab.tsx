import type { MinerInfo } from "@bitfleet/api/rest/mining.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { TimeSeries } from "@bitfleet/ui/charts/time-series.tsx";
import { formatHashRate } from "@bitfleet/ui/format.ts";
import { useChainSeries } from "@bitfleet/ui/node-queries.ts";
import { LoadingRows } from "@bitfleet/ui/states.tsx";
import type { ReactElement } from "react";
import { GenerateForm } from "./generate-form.tsx";
import { MinerControls } from "./miner-controls.tsx";
import classes from "./mining.module.css";
import { SERIES_BLOCK_COUNT } from "./queries.ts";
import { texts } from "./texts.ts";

/** How the miner is led, blocks at once, and how much work the network does. */
export function MinerTab({ info }: { readonly info: MinerInfo | undefined }): ReactElement {
  const series = useChainSeries(SERIES_BLOCK_COUNT);
  return (
    <div className={classes.parts}>
      <Card title={texts.control.title}>
        {info === undefined ? (
          <LoadingRows count={3} height={46} label={texts.control.title} />
        ) : (
          <MinerControls info={info} />
        )}
      </Card>
      <Card title={texts.now.title}>
        <GenerateForm />
      </Card>
      <Card className={classes.wide}>
        <TimeSeries
          title={texts.chart.hashRate}
          times={series.data?.heights ?? []}
          series={[{ label: texts.chart.line, values: series.data?.hash_rates ?? [], isFilled: true }]}
          format={formatHashRate}
          isHeight
        />
      </Card>
    </div>
  );
}

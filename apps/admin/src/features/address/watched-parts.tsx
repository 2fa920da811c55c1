import type { WatchBody } from "@bitfleet/api/rest/watch.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { TimeSeries } from "@bitfleet/ui/charts/time-series.tsx";
import { formatAmount, formatCount } from "@bitfleet/ui/format.ts";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { type ReactElement, type ReactNode, useMemo } from "react";
import classes from "./address.module.css";
import { balancePoints, seriesPoints } from "./balance-points.ts";
import { CoinsTable } from "./coins-table.tsx";
import { HistoryTable } from "./history-table.tsx";
import { useHistory, useSeries } from "./queries.ts";
import { texts } from "./texts.ts";

interface WatchedPartsProps {
  readonly watched: WatchBody;
  /** Satoshis, what waits included. */
  readonly total: number | undefined;
  readonly tipHeight: number | undefined;
  /** Another one where something has happened to these scripts. */
  readonly stamp: string;
  /** Of one address alone: its balance over time is known also where its history is too long to be read whole. */
  readonly address?: string;
  /** Beside the chart. */
  readonly beside?: (history: ReturnType<typeof useHistory>) => ReactNode;
  /** The tab in front of the others. */
  readonly addresses?: () => ReactNode;
}

const CHART_HEIGHT = 210;

/** What an address and a descriptor have in common: the balance over time, the history and the coins. */
export function WatchedParts(props: WatchedPartsProps): ReactElement {
  const { watched, total, tipHeight, stamp, address = "", beside, addresses } = props;
  const history = useHistory(watched, stamp);
  const unit = useUnit();
  const items = useMemo(() => history.data?.pages.flatMap((page) => page.items), [history.data]);
  const isPart = history.hasNextPage && items !== undefined;
  const { data: known } = useSeries(address, stamp, isPart && address !== "");
  const points = useMemo(() => {
    const now = Math.floor(Date.now() / 1000);
    return isPart && known ? seriesPoints(known, total ?? 0, now) : balancePoints(items ?? [], total ?? 0, now);
  }, [isPart, known, items, total]);
  const series = useMemo(
    () => [{ label: texts.chart.label, values: points.balances, isFilled: true, isStepped: true }],
    [points],
  );
  return (
    <>
      <div className={beside === undefined ? undefined : classes.pair}>
        {beside?.(history)}
        <Card
          title={texts.chart.title}
          aside={
            isPart &&
            known?.is_whole !== true && (
              <span className={classes.quiet}>
                {known ? texts.chart.newest : texts.chart.part(formatCount(items.length))}
              </span>
            )
          }
        >
          <TimeSeries
            title={texts.chart.name}
            times={points.times}
            series={series}
            format={(sats) => `${trimmed(formatAmount(BigInt(Math.round(sats)), unit))} ${unit}`}
            height={CHART_HEIGHT}
          />
        </Card>
      </div>
      <Tabs
        label={texts.tabs.label}
        tabs={[
          ...(addresses === undefined ? [] : [{ id: "addresses", title: texts.tabs.addresses, panel: addresses }]),
          {
            id: "history",
            title: texts.tabs.history,
            panel: () => <HistoryTable items={items} history={history} tipHeight={tipHeight} />,
          },
          {
            id: "coins",
            title: texts.tabs.coins,
            panel: () => <CoinsTable watched={watched} stamp={stamp} hasAddresses={addresses !== undefined} />,
          },
        ]}
      />
    </>
  );
}

/** Without noughts at the end of the fraction. */
function trimmed(amount: string): string {
  return amount.includes(".") ? amount.replace(/\.?0+$/, "") : amount;
}

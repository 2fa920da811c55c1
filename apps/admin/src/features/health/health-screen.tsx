import type { Health } from "@bitfleet/api/rest/health.ts";
import { Card, PageHead, StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { useNowSeconds } from "@bitfleet/ui/clock.ts";
import { formatBytes, formatCount, formatDuration } from "@bitfleet/ui/format.ts";
import { Duration } from "@bitfleet/ui/quantities.tsx";
import { ErrorMessage, LoadingRows } from "@bitfleet/ui/states.tsx";
import type { ReactElement } from "react";
import classes from "./health.module.css";
import { MetricList } from "./metric-list.tsx";
import { useHealth, useProbe } from "./queries.ts";
import { texts } from "./texts.ts";

const TONES = { healthy: "good", degraded: "warn", unhealthy: "bad", starting: "warn", stopping: "warn" } as const;

/** How the node is: what it would tell an orchestrator, why, and its metrics. */
export function HealthScreen(): ReactElement {
  const health = useHealth();
  const live = useProbe("live");
  const ready = useProbe("ready");
  const data = health.data;
  if (health.error !== null && data === undefined) {
    return <ErrorMessage level={1} error={health.error} onRetry={() => void health.refetch()} />;
  }
  const figures = texts.figures;
  return (
    <div className={classes.screen}>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <StatTiles>
        <StatTile label={figures.status} {...(data && { tone: TONES[data.status] })}>
          {data && <span data-testid="health-status">{data.status}</span>}
        </StatTile>
        <ProbeTile label={figures.live} help={figures.liveHelp} probe={live.data} />
        <ProbeTile label={figures.ready} help={figures.readyHelp} probe={ready.data} />
        <StatTile label={figures.version}>{data?.version}</StatTile>
        <StatTile label={figures.uptime}>{data && formatDuration(data.uptime_seconds)}</StatTile>
        <StatTile label={figures.memory}>{data && formatBytes(Math.round(data.memory_usage_mb * 1e6))}</StatTile>
        <StatTile label={figures.height}>{data && formatCount(data.blockchain_height)}</StatTile>
        <StatTile label={figures.peers}>{data && formatCount(data.connected_peers)}</StatTile>
      </StatTiles>
      <Card title={texts.checks.title}>
        {data === undefined ? (
          <LoadingRows count={8} height={36} label={texts.checks.title} />
        ) : (
          <ul className={classes.checks}>
            {data.checks.map((check) => (
              <CheckRow key={check.name} check={check} />
            ))}
          </ul>
        )}
      </Card>
      <MetricList />
    </div>
  );
}

function ProbeTile({
  label,
  help,
  probe,
}: {
  readonly label: string;
  readonly help: string;
  readonly probe: { readonly isGood: boolean; readonly text: string } | undefined;
}): ReactElement {
  return (
    <StatTile
      label={label}
      explanation={help}
      {...(probe && { tone: probe.isGood ? ("good" as const) : ("bad" as const) })}
      {...(probe && !probe.isGood && { detail: probe.text })}
    >
      {probe && (probe.isGood ? probe.text : texts.figures.no)}
    </StatTile>
  );
}

function CheckRow({ check }: { readonly check: Health["checks"][number] }): ReactElement {
  const now = useNowSeconds();
  return (
    <li data-check={check.name}>
      <span className={classes.state} data-status={check.status}>
        {texts.checks.states[check.status]}
      </span>
      <strong>{check.name}</strong>
      <span className={classes.detail}>{check.detail}</span>
      <span className={classes.since}>
        {texts.checks.since} <Duration seconds={Math.max(0, now - Math.floor(Date.parse(check.since) / 1000))} />
      </span>
    </li>
  );
}

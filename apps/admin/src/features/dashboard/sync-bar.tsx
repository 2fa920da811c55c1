import type { BlockchainInfo } from "@bitfleet/api/rest/chain.ts";
import { formatCount, formatMeanDuration, formatShare } from "@bitfleet/ui/format.ts";
import { Progress } from "@mantine/core";
import type { ReactElement } from "react";
import classes from "./sync-bar.module.css";
import { verifiedShare } from "./verified-share.ts";

const TITLES: Readonly<Record<string, string>> = {
  presync: "Checking that the chain on offer has the work it claims",
  headers: "Learning the headers of the chain",
  blocks: "Fetching blocks",
};

/** How far the node has come while it catches up with the network; nothing once it has. */
export function SyncBar({ info }: { readonly info: BlockchainInfo }): ReactElement | null {
  const { phase, percent, target_height: target, blocks_per_second: speed, seconds_left: left } = info.sync;
  const title = TITLES[phase];
  // A block that has just been announced is no catching up.
  if (title === undefined || target - info.height < 2) return null;
  const at = phase === "blocks" ? info.height : info.headers;
  const facts = [
    `${formatCount(at)} of ${phase === "blocks" ? "" : "about "}${formatCount(target)}`,
    ...(speed >= 1 ? [`${formatCount(Math.round(speed))} blocks/s`] : []),
    ...(left === null ? [] : [`${formatMeanDuration(left)} left`]),
  ];
  return (
    <section className={classes.bar} aria-label="Synchronisation" data-testid="sync">
      <div className={classes.line}>
        <strong>{title}</strong>
        <span>{facts.join(" · ")}</span>
        <span className={classes.percent}>{formatShare(phase === "blocks" ? verifiedShare(info) : percent / 100)}</span>
      </div>
      <Progress value={percent} aria-label={title} />
    </section>
  );
}

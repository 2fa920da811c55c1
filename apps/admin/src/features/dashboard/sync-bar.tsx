import type { BlockchainInfo } from "@bitfleet/api/rest/chain.ts";
import { formatCount, formatMeanDuration, formatShare } from "@bitfleet/ui/format.ts";
import { Progress } from "@mantine/core";
import type { ReactElement } from "react";
import { isCatchingUp } from "./standing.ts";
import classes from "./sync-bar.module.css";
import { texts as allTexts } from "./texts.ts";
import { verifiedShare } from "./verified-share.ts";

const texts = allTexts.sync;
const PHASES: Readonly<Record<string, string>> = texts.phases;

/** How far the node has come while it catches up with the network; nothing once it has. */
export function SyncBar({ info }: { readonly info: BlockchainInfo }): ReactElement | null {
  const { phase, percent, target_height: target, blocks_per_second: speed, seconds_left: left } = info.sync;
  if (!isCatchingUp(info)) return null;
  const title = PHASES[phase] ?? "";
  const facts = [
    phase === "blocks"
      ? texts.blocksOf(formatCount(info.height), formatCount(target))
      : texts.headersOf(formatCount(info.headers), formatCount(target)),
    ...(speed >= 1 ? [texts.speed(formatCount(Math.round(speed)))] : []),
    ...(left === null ? [] : [texts.left(formatMeanDuration(left))]),
  ];
  return (
    <section className={classes.bar} aria-label={texts.label} data-testid="sync">
      <div className={classes.line}>
        <strong>{title}</strong>
        <span>{facts.join(" · ")}</span>
        <span className={classes.percent}>{formatShare(phase === "blocks" ? verifiedShare(info) : percent / 100)}</span>
      </div>
      <Progress value={percent} aria-label={title} />
    </section>
  );
}

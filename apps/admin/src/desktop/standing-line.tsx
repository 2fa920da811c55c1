import { formatCount } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import type { NetworkStanding } from "./ask-network.ts";
import classes from "./standing-line.module.css";
import { desktopTexts } from "./texts.ts";

const texts = desktopTexts.standing;

/** How a network is: a dot, its chain and height, and how quickly it answers; or why there is nothing of that. */
export function StandingLine({ standing }: { readonly standing: NetworkStanding | undefined }): ReactElement {
  return (
    <span className={classes.line} data-standing={standing?.kind ?? "asking"} data-testid="standing">
      <span className={classes.dot} aria-hidden="true" />
      <span className={classes.words} title={standing?.kind === "down" ? standing.problem : undefined}>
        {wordsOf(standing)}
      </span>
      {standing?.kind === "up" && <span className={classes.latency}>{texts.milliseconds(standing.latencyMs)}</span>}
    </span>
  );
}

function wordsOf(standing: NetworkStanding | undefined): string {
  if (standing === undefined) return texts.asking;
  if (standing.kind === "up") {
    const { chain, height, isSyncing } = standing;
    return (isSyncing ? texts.syncing : texts.up)(chain, formatCount(height));
  }
  if (standing.kind === "key") return standing.isRefused ? texts.keyRefused : texts.key;
  return texts[standing.kind];
}

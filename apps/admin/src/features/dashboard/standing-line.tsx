import type { BlockchainInfo } from "@bitfleet/api/rest/chain.ts";
import type { MinerInfo } from "@bitfleet/api/rest/mining.ts";
import { formatCount, formatShare } from "@bitfleet/ui/format.ts";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type Standing, standingOf } from "./standing.ts";
import { texts as allTexts } from "./texts.ts";
import classes from "./tip-panel.module.css";
import { verifiedShare } from "./verified-share.ts";

const texts = allTexts.standing;

interface StandingLineProps {
  readonly info: BlockchainInfo | undefined;
  readonly peerCount: number | undefined;
  readonly miner: MinerInfo | undefined;
}

/** How the node stands to its network, and where to go where that wants a hand. Its line is there before it is known. */
export function StandingLine({ info, peerCount, miner }: StandingLineProps): ReactElement {
  if (info === undefined || peerCount === undefined || miner === undefined) {
    return <div className={classes.standing} data-standing="" />;
  }
  const standing = standingOf(info, peerCount, miner);
  return (
    <div className={classes.standing} data-standing={standing} data-testid="standing">
      <i aria-hidden="true" />
      <span>{wordsOf(standing, info, peerCount)}</span>
      {(standing === "alone" || standing === "unconnected" || standing === "no-headers") && (
        <Link to="/network">{texts.connect}</Link>
      )}
      {standing === "alone" && <Link to="/mining">{texts.mine}</Link>}
    </div>
  );
}

function wordsOf(standing: Standing, info: BlockchainInfo, peerCount: number): string {
  if (standing === "in-step") return texts.inStep(formatCount(peerCount), peerCount);
  if (standing === "catching-up") return texts["catching-up"](formatShare(verifiedShare(info)));
  return texts[standing];
}

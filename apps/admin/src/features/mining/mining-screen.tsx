import { PageHead, StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { formatCount, formatDifficulty, formatHashRate } from "@bitfleet/ui/format.ts";
import { pacingText } from "@bitfleet/ui/miner-pacing.ts";
import { useMiner } from "@bitfleet/ui/node-queries.ts";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import type { ReactElement } from "react";
import { Branches } from "./branches.tsx";
import { MinerTab } from "./miner-tab.tsx";
import classes from "./mining.module.css";
import { NextBlock } from "./next-block.tsx";
import { useMiningInfo } from "./queries.ts";
import { texts } from "./texts.ts";

/** The miner of the node and how it is led, the block that comes next, and what was found in vain. */
export function MiningScreen(): ReactElement {
  const miner = useMiner();
  const info = useMiningInfo();
  if (miner.error !== null && miner.data === undefined) {
    return <ErrorMessage level={1} error={miner.error} onRetry={() => void miner.refetch()} />;
  }
  const figures = texts.figures;
  const isOn = miner.data !== undefined && miner.data.pacing !== "off";
  return (
    <div className={classes.screen}>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <StatTiles>
        <StatTile
          label={figures.state}
          explanation={figures.stateHelp}
          {...(isOn && { tone: "good" as const })}
          detail={miner.data === undefined ? " " : figures.miners(miner.data.miners)}
        >
          {miner.data && <span data-testid="miner-state">{pacingText({ ...miner.data, miners: 1 })}</span>}
        </StatTile>
        <StatTile label={figures.own} explanation={figures.ownHelp}>
          {miner.data && (miner.data.hashes_per_second === 0 ? "–" : formatHashRate(miner.data.hashes_per_second))}
        </StatTile>
        <StatTile label={figures.network} explanation={figures.networkHelp}>
          {info.data && formatHashRate(info.data.networkhashps)}
        </StatTile>
        <StatTile
          label={figures.difficulty}
          explanation={figures.difficultyHelp}
          detail={info.data === undefined ? " " : figures.now(formatDifficulty(info.data.difficulty))}
        >
          {info.data && formatDifficulty(info.data.next_difficulty)}
        </StatTile>
        <StatTile label={figures.found} explanation={figures.foundHelp}>
          {miner.data && <span data-testid="found-blocks">{formatCount(miner.data.found_blocks)}</span>}
        </StatTile>
        <StatTile label={figures.stale} explanation={figures.staleHelp}>
          {miner.data && formatCount(miner.data.stale_blocks)}
        </StatTile>
      </StatTiles>
      <Tabs
        label={texts.tabs.label}
        tabs={[
          { id: "miner", title: texts.tabs.miner, panel: () => <MinerTab info={miner.data} /> },
          { id: "next-block", title: texts.tabs.template, panel: () => <NextBlock /> },
          { id: "stale", title: texts.tabs.branches, panel: () => <Branches /> },
        ]}
      />
    </div>
  );
}

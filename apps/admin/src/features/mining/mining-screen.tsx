import { PageHead, StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { formatCount, formatDifficulty, formatHashRate } from "@bitfleet/ui/format.ts";
import { pacingText } from "@bitfleet/ui/miner-pacing.ts";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import type { ReactElement } from "react";
import { Branches } from "./branches.tsx";
import { FoundBlocks } from "./found-blocks.tsx";
import { useMinerChoice } from "./miner-choice.ts";
import { MinerTab } from "./miner-tab.tsx";
import classes from "./mining.module.css";
import { NextBlock } from "./next-block.tsx";
import { NodeChoice } from "./node-choice.tsx";
import { type MinerFacts, useChosenMiner, useMiningInfo } from "./queries.ts";
import { texts } from "./texts.ts";

/** A miner and how it is led, what it found, the block that comes next, and what was found in vain. */
export function MiningScreen(): ReactElement {
  const { choice, network, choose } = useMinerChoice();
  const { facts, blocks, error, retry } = useChosenMiner(choice);
  const isMissing = error !== null && facts === undefined;
  // The miner of another node may be away while this one answers.
  if (isMissing && network === undefined) return <ErrorMessage level={1} error={error} onRetry={retry} />;
  const asSeen = network?.self == null ? undefined : texts.asSeen(network.self);
  return (
    <div className={classes.screen}>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      {network !== undefined && network.nodes.length > 1 && (
        <NodeChoice network={network} node={choice?.node} onChoose={choose} />
      )}
      {isMissing ? (
        <ErrorMessage error={error} onRetry={retry} />
      ) : (
        <>
          <Figures facts={facts} />
          <Tabs
            label={texts.tabs.label}
            tabs={[
              { id: "miner", title: texts.tabs.miner, panel: () => <MinerTab info={facts} choice={choice} /> },
              { id: "found", title: texts.tabs.found, panel: () => <FoundBlocks blocks={blocks} /> },
              { id: "next-block", title: texts.tabs.template, panel: () => <NextBlock asSeen={asSeen} /> },
              { id: "stale", title: texts.tabs.branches, panel: () => <Branches asSeen={asSeen} /> },
            ]}
          />
        </>
      )}
    </div>
  );
}

function Figures({ facts }: { readonly facts: MinerFacts | undefined }): ReactElement {
  const info = useMiningInfo();
  const { figures } = texts;
  const isOn = facts !== undefined && facts.pacing !== "off";
  return (
    <StatTiles>
      <StatTile
        label={figures.state}
        explanation={figures.stateHelp}
        {...(isOn && { tone: "good" as const })}
        detail={facts === undefined ? " " : figures.miners(facts.miners)}
      >
        {facts && <span data-testid="miner-state">{pacingText({ ...facts, miners: 1 })}</span>}
      </StatTile>
      <StatTile label={figures.own} explanation={figures.ownHelp}>
        {facts && (facts.hashes_per_second === 0 ? "–" : formatHashRate(facts.hashes_per_second))}
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
        {facts && <span data-testid="found-blocks">{formatCount(facts.found_blocks)}</span>}
      </StatTile>
      <StatTile
        label={figures.stale}
        explanation={figures.staleHelp}
        {...(facts !== undefined && facts.stale_blocks > 0 && { tone: "warn" as const })}
      >
        {facts && formatCount(facts.stale_blocks)}
      </StatTile>
    </StatTiles>
  );
}

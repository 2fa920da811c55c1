import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { useNetwork } from "@bitfleet/ui/node-queries.ts";
import { ErrorMessage, Message } from "@bitfleet/ui/states.tsx";
import { Skeleton } from "@mantine/core";
import type { ReactElement } from "react";
import { BlockActions } from "./block-actions.tsx";
import { GroupsBoard } from "./groups-board.tsx";
import { Lanes } from "./lanes.tsx";
import { LogDrawer } from "./log-drawer.tsx";
import classes from "./network.module.css";
import { NodesTable } from "./nodes-table.tsx";
import { LOOK_INTERVAL_MS, useOwnBlocks } from "./queries.ts";
import { Snapshots } from "./snapshots.tsx";
import type { Story } from "./story.ts";
import { StoryList } from "./story-list.tsx";
import { texts } from "./texts.ts";
import { TimeTravel } from "./time-travel.tsx";
import { useStory } from "./use-story.ts";

interface LocalPanelProps {
  /** The node whose log is open, as the address of the page has it. */
  readonly log: string | undefined;
  readonly onLog: (node: string | undefined) => void;
}

/** The network of this machine: its nodes, who talks to whom, what became of it, and what can be done to all of it. */
export function LocalPanel({ log, onLog }: LocalPanelProps): ReactElement {
  const network = useNetwork({ intervalMs: LOOK_INTERVAL_MS });
  const blocks = useOwnBlocks();
  const status = network.data ?? undefined;
  const story = useStory(status, blocks.data);
  if (network.data === null) return <NoNetwork />;
  if (status === undefined) {
    if (network.error !== null) return <ErrorMessage error={network.error} onRetry={() => void network.refetch()} />;
    return <Loading />;
  }
  const names = status.nodes.map(({ name }) => name);
  return (
    <div className={classes.panel}>
      <Tiles status={status} story={story} />
      <Lanes story={story} status={status} />
      {names.length > 1 && <GroupsBoard status={status} />}
      <div className={classes.pair}>
        <StoryList story={story} />
        <BlockActions status={status} />
      </div>
      <NodesTable status={status} onLog={onLog} />
      <div className={classes.pair}>
        <Snapshots />
        <TimeTravel status={status} />
      </div>
      <LogDrawer node={log} names={names} onNode={onLog} />
    </div>
  );
}

/** Said where the node is by itself: what is missing, and how to have it. */
export function NoNetwork(): ReactElement {
  return (
    <Message title={texts.none.title}>
      {texts.none.text}
      <br />
      <span className={classes.command}>
        <code>{texts.none.command}</code>
        <CopyButton text={texts.none.command} label={texts.none.copy} />
      </span>
      <br />
      {texts.none.textAfter}
    </Message>
  );
}

function Tiles({ status, story }: { readonly status: NetworkStatus; readonly story: Story }): ReactElement {
  const { tiles } = texts;
  const answering = status.nodes.filter(({ hash }) => hash !== null);
  const tips = new Set(answering.map(({ hash }) => hash));
  const isAgreed = tips.size === 1 && answering.length > 0;
  const groupCount = Math.max(1, status.partition.length);
  return (
    <StatTiles>
      <StatTile
        label={tiles.nodes}
        detail={tiles.answering}
        tone={answering.length === status.nodes.length ? "good" : "warn"}
      >
        {tiles.of(answering.length, status.nodes.length)}
      </StatTile>
      <StatTile
        label={tiles.state}
        detail={groupCount > 1 ? tiles.groups(groupCount) : tiles.oneGroup}
        tone={story.phase === "together" ? "good" : "warn"}
      >
        {tiles[story.phase]}
      </StatTile>
      {isAgreed || story.phase !== "together" || story.agreed === undefined ? (
        <StatTile label={tiles.tip} detail={isAgreed ? tiles.agreed : tiles.tips(tips.size)}>
          {isAgreed ? formatCount(answering[0]?.height ?? 0) : tiles.none}
        </StatTile>
      ) : (
        // A block is on its way to all of them.
        <StatTile label={tiles.tip} detail={tiles.spreading}>
          {formatCount(story.agreed.height)}
        </StatTile>
      )}
      <StatTile label={tiles.chain} {...(status.self !== null && { detail: tiles.self(status.self) })}>
        {status.chain}
      </StatTile>
    </StatTiles>
  );
}

function Loading(): ReactElement {
  return (
    <div className={classes.panel} role="status" aria-label={texts.lanes.title}>
      <Skeleton className={classes.tilesSkeleton ?? ""} radius="md" />
      <Skeleton className={classes.blockSkeleton ?? ""} radius="md" />
      <Skeleton className={classes.blockSkeleton ?? ""} radius="md" />
    </div>
  );
}

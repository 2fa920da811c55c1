import type { BlockchainInfo, BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { formatCount, formatDifficulty, formatMeanDuration, formatShare } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { meanInterval } from "./intervals.ts";
import classes from "./tip-panel.module.css";
import { verifiedShare } from "./verified-share.ts";

interface TipPanelProps {
  readonly info: BlockchainInfo | undefined;
  readonly blocks: readonly BlockSummary[] | undefined;
}

/** The tip and the figures of the whole chain. */
export function TipPanel({ info, blocks }: TipPanelProps): ReactElement {
  const interval = blocks === undefined ? undefined : meanInterval(blocks);
  return (
    <section className={classes.panel} aria-label="State of the chain">
      <div className={classes.tip}>
        <div className={classes.label}>
          Height
          {info !== undefined && <span className={classes.chain}>{chainName(info.chain)}</span>}
        </div>
        {info === undefined ? (
          <Skeleton height={58} width={180} my={4} />
        ) : (
          <div key={info.height} className={classes.height} data-testid="tip-height">
            {formatCount(info.height)}
          </div>
        )}
        <div className={classes.hash} data-testid="tip-hash" data-hash={info?.last_block_hash}>
          {info === undefined ? (
            <Skeleton height={20} width={260} />
          ) : (
            <Hash
              value={info.last_block_hash}
              label="hash of the tip"
              edgeCount={12}
              link={(text) => (
                <Link to="/block/$id" params={{ id: info.last_block_hash }}>
                  {text}
                </Link>
              )}
            />
          )}
        </div>
        <div className={classes.age}>
          {info === undefined ? <Skeleton height={20} width={120} /> : <Age unixSeconds={info.last_block_timestamp} />}
        </div>
      </div>
      <dl className={classes.figures}>
        <Figure
          term="Difficulty"
          help="How much work a block takes, as a multiple of the easiest block of Bitcoin's main network. Private networks are far below 1, so that blocks are cheap."
        >
          {info && formatDifficulty(info.difficulty)}
        </Figure>
        <Figure term="Transactions" help="All transactions of the active chain, the coinbase of each block included.">
          {info && formatCount(info.total_transactions)}
        </Figure>
        <Figure term="In the mempool" help="Transactions that wait for a block.">
          {info && formatCount(info.mempool_size)}
        </Figure>
        <Figure
          term="Block interval"
          help={`Mean time between the newest ${blocks === undefined ? "" : `${blocks.length} `}blocks, by their headers.`}
        >
          {blocks && (interval === undefined ? "–" : formatMeanDuration(interval))}
        </Figure>
        <Figure
          term="Peers"
          help="Nodes that this one is connected to. Blocks and transactions come from them and go to them."
        >
          {info && formatCount(info.connected_peers)}
        </Figure>
        <Figure
          term="Blocks verified"
          help="Blocks that this node has verified, counted, as a share of those of the best known chain."
        >
          {info && formatShare(verifiedShare(info))}
        </Figure>
      </dl>
    </section>
  );
}

function Figure({
  term,
  help,
  children,
}: {
  readonly term: string;
  readonly help: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={classes.figure}>
      <dt>
        <Explained term={term}>{help}</Explained>
      </dt>
      <dd>{children === undefined ? <Skeleton height={24} width={80} my={4} /> : children}</dd>
    </div>
  );
}

function chainName(chain: string): string {
  return chain === "main" ? "mainnet" : chain === "test" ? "testnet3" : chain;
}

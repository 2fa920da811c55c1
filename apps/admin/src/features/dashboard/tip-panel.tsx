import type { BlockchainInfo } from "@bitfleet/api/rest/chain.ts";
import type { ChainSeries } from "@bitfleet/api/rest/chain-charts.ts";
import type { MinerInfo } from "@bitfleet/api/rest/mining.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { formatCount, formatDifficulty, formatHashRate, formatMeanDuration, formatShare } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { blockIntervals, meanInterval } from "./intervals.ts";
import { isCatchingUp } from "./standing.ts";
import { StandingLine } from "./standing-line.tsx";
import { texts as allTexts } from "./texts.ts";
import classes from "./tip-panel.module.css";
import { verifiedShare } from "./verified-share.ts";

const texts = allTexts.tip;

interface TipPanelProps {
  readonly info: BlockchainInfo | undefined;
  readonly series: ChainSeries | undefined;
  readonly peerCount: number | undefined;
  readonly miner: MinerInfo | undefined;
}

/** The tip and the figures of the whole chain. */
export function TipPanel({ info, series, peerCount, miner }: TipPanelProps): ReactElement {
  const interval = series && meanInterval(blockIntervals(series));
  return (
    <section className={classes.panel} aria-label={texts.label}>
      <div className={classes.tip}>
        <div className={classes.label}>
          {texts.height}
          {info !== undefined && <span className={classes.chain}>{chainName(info.chain)}</span>}
        </div>
        {info === undefined ? (
          <Skeleton height={58} width={180} my={4} />
        ) : (
          <div
            key={info.height}
            className={classes.height}
            // While blocks are fetched it would fade in all the time.
            data-still={isCatchingUp(info)}
            data-testid="tip-height"
          >
            {formatCount(info.height)}
          </div>
        )}
        <div className={classes.hash} data-testid="tip-hash" data-hash={info?.last_block_hash}>
          {info === undefined ? (
            <Skeleton height={20} width={260} my={2} />
          ) : (
            <Hash
              value={info.last_block_hash}
              label={texts.hash}
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
          {info === undefined ? (
            <Skeleton height={20} width={120} my={2} />
          ) : (
            <Age unixSeconds={info.last_block_timestamp} />
          )}
        </div>
        <StandingLine info={info} peerCount={peerCount} miner={miner} />
      </div>
      <dl className={classes.figures}>
        <Figure term={texts.interval} help={texts.intervalHelp(series?.heights.length ?? 0)}>
          {series && (interval === undefined ? "–" : formatMeanDuration(interval))}
        </Figure>
        <Figure term={texts.hashRate} help={texts.hashRateHelp}>
          {series && formatHashRate(series.hash_rates.at(-1) ?? 0)}
        </Figure>
        <Figure term={texts.difficulty} help={texts.difficultyHelp}>
          {info && formatDifficulty(info.difficulty)}
        </Figure>
        <Figure term={texts.transactions} help={texts.transactionsHelp}>
          {info && formatCount(info.total_transactions)}
        </Figure>
        <Figure term={texts.peers} help={texts.peersHelp}>
          {peerCount !== undefined && <span data-testid="peer-count">{formatCount(peerCount)}</span>}
        </Figure>
        <Figure term={texts.verified} help={texts.verifiedHelp}>
          {info && (isUntold(info) ? "–" : formatShare(verifiedShare(info)))}
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
      <dd>{children === undefined || children === false ? <Skeleton height={24} width={80} my={4} /> : children}</dd>
    </div>
  );
}

/** Nobody has told it of the chain yet: what it has is all of nothing. */
function isUntold({ chain, initial_block_download: isSyncing, sync }: BlockchainInfo): boolean {
  return chain !== "regtest" && isSyncing && sync.phase === "idle";
}

function chainName(chain: string): string {
  return chain === "main" ? "mainnet" : chain === "test" ? "testnet3" : chain;
}

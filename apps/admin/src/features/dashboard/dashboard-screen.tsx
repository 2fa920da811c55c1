import {
  useBlockchain,
  useChainSeries,
  useFeeEstimates,
  useMempool,
  useMempoolHistory,
  useMiner,
  useProjectedBlocks,
} from "@bitfleet/ui/node-queries.ts";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import type { ReactElement, ReactNode } from "react";
import { BlockCharts } from "./block-charts.tsx";
import { ChainStrip } from "./chain-strip.tsx";
import classes from "./dashboard.module.css";
import type { ChartSpan } from "./dashboard-search.ts";
import { FeeCard } from "./fee-card.tsx";
import { paceOf } from "./intervals.ts";
import { MempoolCard } from "./mempool-card.tsx";
import { MinerCard } from "./miner-card.tsx";
import { NewChain } from "./new-chain.tsx";
import { HISTORY_SECONDS, usePeerCount, useRecentBlocks } from "./queries.ts";
import { SyncBar } from "./sync-bar.tsx";
import { texts } from "./texts.ts";
import { TipPanel } from "./tip-panel.tsx";

interface DashboardScreenProps {
  /** Blocks that the charts look back on. */
  readonly span: ChartSpan;
  readonly onSpan: (span: ChartSpan) => void;
  /** Shows the faucet of the network of that chain, where there is one. */
  readonly faucet: (chain: string) => ReactNode;
}

/** The chain as it grows, and all that stands around it at a glance. */
export function DashboardScreen({ span, onSpan, faucet }: DashboardScreenProps): ReactElement {
  const blockchain = useBlockchain();
  const recent = useRecentBlocks();
  const series = useChainSeries(span);
  const projected = useProjectedBlocks();
  const mempool = useMempool();
  const history = useMempoolHistory(HISTORY_SECONDS);
  const fees = useFeeEstimates();
  const peers = usePeerCount();
  const miner = useMiner();
  const error = blockchain.error ?? recent.error;
  if (error !== null && (blockchain.data === undefined || recent.data === undefined)) {
    const retry = () => {
      void blockchain.refetch();
      void recent.refetch();
    };
    return <ErrorMessage level={1} error={error} onRetry={retry} />;
  }
  const isNew = blockchain.data?.height === 0;
  return (
    <div className={classes.screen}>
      <h1 className={classes.hidden}>{texts.title}</h1>
      {blockchain.data !== undefined && <SyncBar info={blockchain.data} />}
      <ChainStrip blocks={recent.data} projected={projected.data} />
      <TipPanel info={blockchain.data} series={series.data} peerCount={peers.data} miner={miner.data} />
      {isNew && <NewChain chain={blockchain.data?.chain ?? ""} />}
      <div className={classes.cards}>
        <MempoolCard mempool={mempool.data} />
        <FeeCard estimates={fees.data} blockSeconds={series.data && paceOf(series.data)} />
        <MinerCard info={miner.data} />
      </div>
      {!isNew && <BlockCharts series={series.data} history={history.data} span={span} onSpan={onSpan} />}
      {/* Below all else, so that nothing moves when it comes. */}
      {miner.data?.has_faucet && blockchain.data !== undefined && faucet(blockchain.data.chain)}
    </div>
  );
}

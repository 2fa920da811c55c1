import { CubeIcon } from "@bitfleet/ui/icons.tsx";
import { ErrorMessage, Message } from "@bitfleet/ui/states.tsx";
import type { ReactElement, ReactNode } from "react";
import { BlockCharts } from "./block-charts.tsx";
import { ChainStrip } from "./chain-strip.tsx";
import classes from "./dashboard.module.css";
import { MinerPanel } from "./miner-panel.tsx";
import { useBlockchain, useMiner, useRecentBlocks } from "./queries.ts";
import { SyncBar } from "./sync-bar.tsx";
import { TipPanel } from "./tip-panel.tsx";

interface DashboardScreenProps {
  /** Shows the faucet of the network of that chain, where there is one. */
  readonly faucet: (chain: string) => ReactNode;
}

/** The chain as it grows. */
export function DashboardScreen({ faucet }: DashboardScreenProps): ReactElement {
  const blockchain = useBlockchain();
  const recent = useRecentBlocks();
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
      <h1 className={classes.hidden}>Dashboard</h1>
      {blockchain.data !== undefined && <SyncBar info={blockchain.data} />}
      <TipPanel info={blockchain.data} blocks={recent.data} />
      <ChainStrip blocks={recent.data} mempoolSize={blockchain.data?.mempool_size} />
      {isNew ? (
        <section className={classes.card}>
          <Message title="A chain of one block" icon={<CubeIcon size={36} />}>
            Only the genesis block is here so far. Mine the next one:{" "}
            <code>bitfleet rpc generatetoaddress 1 ADDRESS</code>. It appears here the moment the node accepts it.
          </Message>
        </section>
      ) : (
        <BlockCharts blocks={recent.data} />
      )}
      {/* Below all else, so that nothing moves when it comes. */}
      {miner.data !== undefined && <MinerPanel info={miner.data} />}
      {miner.data?.has_faucet && blockchain.data !== undefined && faucet(blockchain.data.chain)}
    </div>
  );
}

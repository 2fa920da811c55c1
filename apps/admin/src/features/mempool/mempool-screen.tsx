import { PageHead } from "@bitfleet/ui/card.tsx";
import { useMempool } from "@bitfleet/ui/node-queries.ts";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useCallback } from "react";
import { ClustersPanel } from "./clusters-panel.tsx";
import { Figures } from "./figures.tsx";
import { Histogram } from "./histogram.tsx";
import { HistoryCard } from "./history-card.tsx";
import classes from "./mempool-screen.module.css";
import {
  BAR_MEASURES,
  CLUSTER_MINIMUMS,
  DRAWN_MEASURES,
  filtersOf,
  type MempoolSearch,
  SPANS,
} from "./mempool-search.ts";
import { ProjectedBlocks } from "./projected-blocks.tsx";
import { texts } from "./texts.ts";
import { WaitingTable } from "./waiting-table.tsx";

const route = getRouteApi("/mempool");

/** What waits for a block: in figures, by feerate, as the next blocks, over time, and one by one. */
export function MempoolScreen(): ReactElement {
  const mempool = useMempool();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filters = filtersOf(search);
  const change = (next: MempoolSearch) =>
    void navigate({ to: "/mempool", search: { ...search, ...next }, replace: true, resetScroll: false });
  const onCluster = useCallback(
    (cluster: string) =>
      void navigate({
        to: "/mempool",
        search: ((old: object) => ({ ...old, tab: "clusters", cluster })) as never,
        resetScroll: false,
      }),
    [navigate],
  );
  if (mempool.data === undefined && mempool.error !== null) {
    return (
      <>
        <PageHead title={texts.title}>{texts.about}</PageHead>
        <ErrorMessage error={mempool.error} onRetry={() => void mempool.refetch()} />
      </>
    );
  }
  const total = mempool.data?.transaction_count;
  return (
    <>
      <PageHead title={texts.title}>{mempool.data?.is_loaded === false ? texts.loading : texts.about}</PageHead>
      <div className={classes.parts}>
        <Figures mempool={mempool.data} />
        <ProjectedBlocks onShow={(from, to) => change({ from, to })} />
        <div className={classes.pictures}>
          <Histogram
            measure={search.bars ?? BAR_MEASURES[0]}
            onMeasure={(bars) => change({ bars })}
            chosenFrom={filters.from}
            onChoose={(from, to) => change({ from, to })}
          />
          <HistoryCard measure={search.drawn ?? DRAWN_MEASURES[0]} span={search.span ?? SPANS[0]} onView={change} />
        </div>
        <Tabs
          label={texts.tabs.label}
          tabs={[
            {
              id: "transactions",
              title: texts.tabs.transactions,
              panel: () => (
                <WaitingTable
                  filters={filters}
                  total={total}
                  sequence={mempool.data?.sequence}
                  onFilter={change}
                  onCluster={onCluster}
                />
              ),
            },
            {
              id: "clusters",
              title: texts.tabs.clusters,
              panel: () => (
                <ClustersPanel
                  cluster={search.cluster}
                  minimum={search.min ?? CLUSTER_MINIMUMS[0]}
                  onMinimum={(min) => change({ min })}
                />
              ),
            },
          ]}
        />
      </div>
    </>
  );
}

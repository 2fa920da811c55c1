import {
  CHAIN_TOPIC,
  MEMPOOL_TOPIC,
  MINER_TOPIC,
  PEERS_TOPIC,
  useApi,
  usePollInterval,
} from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

/** Blocks that the strip shows. */
export const STRIP_BLOCK_COUNT = 20;
/** Blocks that the charts look back on. */
export const CHART_BLOCK_COUNT = 60;
/** What the chart of the mempool looks back on. */
const HISTORY_SECONDS = 3_600;
/** What no event tells of: how often it is asked for. */
const SAMPLE_INTERVAL_MS = 10_000;

/** The chain at a glance. */
export function useBlockchain() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "blockchain"],
    queryFn: ({ signal }) => api.blockchain({}, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/** How many nodes are connected. */
export function usePeerCount() {
  const api = useApi();
  return useQuery({
    queryKey: [PEERS_TOPIC, "count"],
    queryFn: async ({ signal }) => (await api.blockchain({}, { signal })).connected_peers,
    refetchInterval: usePollInterval(),
  });
}

/** The newest blocks, newest first. */
export function useRecentBlocks() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "latest", STRIP_BLOCK_COUNT],
    queryFn: ({ signal }) => api.latestBlocks({ limit: STRIP_BLOCK_COUNT }, { signal }),
    refetchInterval: usePollInterval(),
    placeholderData: keepPreviousData,
  });
}

/** The same and more of them in figures, the oldest first. */
export function useChainSeries() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "series", CHART_BLOCK_COUNT],
    queryFn: ({ signal }) => api.chainSeries({ last: CHART_BLOCK_COUNT }, { signal }),
    refetchInterval: usePollInterval(),
    placeholderData: keepPreviousData,
  });
}

/** The next blocks, as they would be if nothing else came. */
export function useProjectedBlocks() {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "projected"],
    queryFn: ({ signal }) => api.projectedBlocks({}, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/** What waits, in figures. */
export function useMempool() {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "summary"],
    queryFn: ({ signal }) => api.mempool({}, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/** The mempool over the last hour. */
export function useMempoolHistory() {
  const api = useApi();
  return useQuery({
    queryKey: ["mempool-history", HISTORY_SECONDS],
    queryFn: ({ signal }) => api.mempoolHistory({ seconds: HISTORY_SECONDS }, { signal }),
    refetchInterval: SAMPLE_INTERVAL_MS,
  });
}

/** What to pay. Estimates change with blocks. */
export function useFeeEstimates() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "fees"],
    queryFn: ({ signal }) => api.feeEstimates({}, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/** What the miner of this node does. */
export function useMiner() {
  const api = useApi();
  return useQuery({
    queryKey: [MINER_TOPIC, "mining"],
    queryFn: ({ signal }) => api.mining({}, { signal }),
    refetchInterval: SAMPLE_INTERVAL_MS,
  });
}

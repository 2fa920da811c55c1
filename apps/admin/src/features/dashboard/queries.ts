import { CHAIN_TOPIC, PEERS_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

/** Blocks that the strip shows. */
export const STRIP_BLOCK_COUNT = 20;
/** What the chart of the mempool looks back on. */
export const HISTORY_SECONDS = 3_600;

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

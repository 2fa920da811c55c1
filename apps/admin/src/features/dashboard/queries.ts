import type { MinerChange } from "@bitfleet/api/rest/mining.ts";
import { CHAIN_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

/** Blocks that the charts look back on; the strip shows the newest of them. */
export const RECENT_BLOCK_COUNT = 60;

/** The chain at a glance. */
export function useBlockchain() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "blockchain"],
    queryFn: ({ signal }) => api.blockchain({}, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/** What the miner of this node does. */
export function useMiner() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "mining"],
    queryFn: ({ signal }) => api.mining({}, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/** Tells the miner what to do. */
export function useSetMiner() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ change, adminKey }: { readonly change: MinerChange; readonly adminKey: string }) =>
      api.setMining(change, { apiKey: adminKey }),
    networkMode: "always",
    onSuccess: (info) => queries.setQueryData([CHAIN_TOPIC, "mining"], info),
  });
}

/** The newest blocks, newest first. */
export function useRecentBlocks() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "latest", RECENT_BLOCK_COUNT],
    queryFn: ({ signal }) => api.latestBlocks({ limit: RECENT_BLOCK_COUNT }, { signal }),
    refetchInterval: usePollInterval(),
    placeholderData: keepPreviousData,
  });
}

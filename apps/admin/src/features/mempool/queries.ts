import { MEMPOOL_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { type MempoolFilters, queryOf } from "./mempool-search.ts";

const LINES_PER_PART = 100;
const CLUSTERS_PER_PART = 100;
/** Clusters that are read at once, to find the largest. */
export const CLUSTERS_MAX = 500;

export function useHistogram() {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "histogram"],
    queryFn: ({ signal }) => api.mempoolHistogram({}, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/**
 * Transactions of the mempool, part by part. The list follows the mempool while it has its first part alone; who reads further down keeps
 * what is there, and is told that it is out of date: `isBehind`, until `renew`.
 */
export function useWaiting(filters: MempoolFilters, sequence: number | undefined) {
  const api = useApi();
  const queries = useQueryClient();
  const queryKey = ["mempool-list", filters];
  const latest = useRef(sequence);
  latest.current = sequence;
  const list = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam: cursor, signal }) => {
      const asked = queryOf(filters, Math.floor(Date.now() / 1000));
      const atSequence = latest.current;
      const part = await api.mempoolTransactions(
        { ...asked, limit: LINES_PER_PART, ...(cursor !== undefined && { cursor }) },
        { signal },
      );
      return { ...part, atSequence };
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // A list that was left is not taken up again where it was: the mempool has gone on.
    gcTime: 0,
  });
  const pages = list.data?.pages ?? [];
  const isOld = pages[0] !== undefined && pages[0].atSequence !== sequence;
  const { refetch } = list;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the mempool is a reason
  useEffect(() => {
    if (isOld && pages.length === 1) void refetch({ cancelRefetch: false });
  }, [isOld, pages.length, sequence, refetch]);
  return {
    list,
    isBehind: isOld && pages.length > 1,
    renew: () => {
      queries.setQueryData<typeof list.data>(
        queryKey,
        (old) => old && { pages: old.pages.slice(0, 1), pageParams: old.pageParams.slice(0, 1) },
      );
      void refetch();
    },
  };
}

/** Clusters of at least so many transactions, the best paying ones of them where there are very many. */
export function useClusters(minCount: number) {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "clusters", minCount],
    queryFn: async ({ signal }) => {
      const items = [];
      for await (const part of api.pages(
        "mempoolClusters",
        { min_count: minCount, limit: CLUSTERS_PER_PART },
        { signal },
      )) {
        items.push(...part.items);
        if (items.length >= CLUSTERS_MAX) return { items, isWhole: part.next_cursor === null };
      }
      return { items, isWhole: true };
    },
    refetchInterval: usePollInterval(),
    placeholderData: keepPreviousData,
  });
}

/** Everything that a waiting transaction is connected with. */
export function useCluster(txid: string) {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "cluster", txid],
    queryFn: ({ signal }) => api.mempoolCluster({ txid }, { signal }),
    refetchInterval: usePollInterval(),
  });
}

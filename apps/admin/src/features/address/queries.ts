import { ApiError } from "@bitfleet/api/errors.ts";
import type { WatchBody } from "@bitfleet/api/rest/watch.ts";
import { MEMPOOL_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, type Query, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

const HISTORY_PER_PART = 100;
const COINS_PER_PART = 500;
/** While the index is being made. */
const MAKING_INTERVAL_MS = 2_000;

/** Asks again by itself where the node says "not yet". */
function useInterval(): (query: Query) => number | false {
  const poll = usePollInterval();
  return (query) =>
    query.state.error instanceof ApiError && query.state.error.status === 503 ? MAKING_INTERVAL_MS : poll;
}

/** An address: its script, and how often it was used. */
export function useAddress(address: string) {
  const api = useApi();
  const refetchInterval = useInterval();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "address", address],
    queryFn: ({ signal }) => api.address({ address }, { signal }),
    refetchInterval: refetchInterval as never,
  });
}

/** What addresses or descriptors have together. */
export function useBalance(watched: WatchBody) {
  const api = useApi();
  const refetchInterval = useInterval();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "watch-balance", watched],
    queryFn: ({ signal }) => api.watchBalance(watched, { signal }),
    refetchInterval: refetchInterval as never,
    placeholderData: keepPreviousData,
  });
}

/** The addresses that descriptors stand for. */
export function useDerived(watched: WatchBody) {
  const api = useApi();
  const refetchInterval = useInterval();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "watch-addresses", watched],
    queryFn: ({ signal }) => api.watchAddresses(watched, { signal }),
    refetchInterval: refetchInterval as never,
    placeholderData: keepPreviousData,
  });
}

/** Transactions, part by part; all parts are read anew when `stamp` changes, which it does where something happened to these. */
export function useHistory(watched: WatchBody, stamp: string) {
  const api = useApi();
  const list = useInfiniteQuery({
    queryKey: ["watch-history", watched],
    queryFn: ({ pageParam: cursor, signal }) =>
      api.watchHistory({ ...watched, limit: HISTORY_PER_PART, ...(cursor !== undefined && { cursor }) }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
  useRenewal(stamp, list.refetch);
  return list;
}

/** Unspent outputs, in the same way. */
export function useCoins(watched: WatchBody, stamp: string) {
  const api = useApi();
  const list = useInfiniteQuery({
    queryKey: ["watch-coins", watched],
    queryFn: ({ pageParam: cursor, signal }) =>
      api.watchUtxos({ ...watched, limit: COINS_PER_PART, ...(cursor !== undefined && { cursor }) }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
  useRenewal(stamp, list.refetch);
  return list;
}

function useRenewal(stamp: string, refetch: () => unknown): void {
  const known = useRef(stamp);
  useEffect(() => {
    if (known.current === stamp) return;
    known.current = stamp;
    void refetch();
  }, [stamp, refetch]);
}

import { ApiError } from "@bitfleet/api/errors.ts";
import type { WatchBody } from "@bitfleet/api/rest/watch.ts";
import { MEMPOOL_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { useWalletKey } from "@bitfleet/ui/keys/keys-provider.tsx";
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

/** An address's balance behind each block that changed it; anew where `stamp` is another one. */
export function useSeries(address: string, stamp: string, isWanted: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["address-series", address, stamp],
    queryFn: ({ signal }) => api.addressSeries({ address }, { signal }),
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });
}

/** Wallets that are looked through. */
const WALLETS_ASKED_MAX = 10;

/** The wallet of this node that an address belongs to, for who has entered the key; `null` where none of them has it. */
export function useOwner(address: string) {
  const api = useApi();
  const { key: apiKey } = useWalletKey();
  return useQuery({
    queryKey: ["address-owner", address, apiKey !== ""],
    queryFn: async ({ signal }) => {
      const wallets = (await api.wallets({}, { signal, apiKey })).filter((wallet) => wallet.is_loaded);
      for (const { name } of wallets.slice(0, WALLETS_ASKED_MAX)) {
        const known = await api.walletAddress({ address, wallet: name }, { signal, apiKey });
        if (known.is_mine) return { wallet: name, label: known.label };
      }
      return null;
    },
    enabled: apiKey !== "",
    // A node without wallets, or a key that is none any more: there is nothing to say here.
    retry: false,
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

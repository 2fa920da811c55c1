import { ApiError } from "@bitfleet/api/errors.ts";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { CHAIN_TOPIC, MEMPOOL_TOPIC, MINER_TOPIC, useApi, usePollInterval } from "./api-provider.tsx";

/** What several pages ask of the node: under one key each, so that going from one to the other asks nothing again. */

/** The node takes a sample of its mempool so often; no event tells of it. */
const MEMPOOL_SAMPLE_INTERVAL_MS = 10_000;
/** No event tells of the hash rate. */
const MINER_SAMPLE_INTERVAL_MS = 5_000;
/** How often the network of this machine is looked at, which no event tells of. */
const NETWORK_INTERVAL_MS = 3_000;

/** The chain at a glance; where it is wanted on some occasions alone, asked for on those. */
export function useBlockchain(isWanted = true) {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "blockchain"],
    queryFn: ({ signal }) => api.blockchain({}, { signal }),
    refetchInterval: usePollInterval(),
    enabled: isWanted,
  });
}

/** The last `count` blocks in figures, the oldest first. */
export function useChainSeries(count: number) {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "series", count],
    queryFn: ({ signal }) => api.chainSeries({ last: count }, { signal }),
    refetchInterval: usePollInterval(),
    placeholderData: keepPreviousData,
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

/** The next blocks, as they would be if nothing else came. */
export function useProjectedBlocks() {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "projected"],
    queryFn: ({ signal }) => api.projectedBlocks({}, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/** Samples of the mempool over the last `seconds`. They come by the clock, whatever happens. */
export function useMempoolHistory(seconds: number) {
  const api = useApi();
  return useQuery({
    queryKey: ["mempool-history", seconds],
    queryFn: ({ signal }) => api.mempoolHistory({ seconds }, { signal }),
    refetchInterval: MEMPOOL_SAMPLE_INTERVAL_MS,
    placeholderData: keepPreviousData,
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

/** Key of {@link useMiner}, for who changes the miner. */
export const MINER_KEY = [MINER_TOPIC, "mining"] as const;

/** What the miner of this node does. */
export function useMiner() {
  const api = useApi();
  return useQuery({
    queryKey: MINER_KEY,
    queryFn: ({ signal }) => api.mining({}, { signal }),
    refetchInterval: MINER_SAMPLE_INTERVAL_MS,
  });
}

/** A transaction that a node has not heard of is looked for so often. */
const LOOK_AGAIN_MS = 2_000;

/** Where a transaction is: its block, none while it waits; `null` where this node has not heard of it, `undefined` until that is known. */
export function useTransactionPlace(txid: string, isOn = true) {
  const api = useApi();
  const pollInterval = usePollInterval();
  const { data } = useQuery({
    queryKey: [CHAIN_TOPIC, "search", txid],
    // As the palette asks under the same key: the whole answer.
    queryFn: ({ signal }) => api.search({ q: txid }, { signal }),
    enabled: isOn,
    refetchInterval: ({ state }) => (state.data?.length === 0 ? LOOK_AGAIN_MS : pollInterval),
  });
  // One that was and is no more is nowhere.
  return data === undefined ? undefined : (data.find(({ kind }) => kind === "transaction") ?? null);
}

/** Key of {@link useNetwork}. */
export const NETWORK_KEY = [CHAIN_TOPIC, "network"] as const;

/** The network of this machine, looked at every so often; `null` where the node is part of none. */
export function useNetwork({ intervalMs = NETWORK_INTERVAL_MS, isEnabled = true } = {}) {
  const api = useApi();
  const client = useQueryClient();
  return useQuery({
    queryKey: NETWORK_KEY,
    queryFn: async ({ signal }) => {
      // Every node tells of its miner whether there is a network; browsers log an answer that there is none.
      const { has_network: isThere } = await client.fetchQuery({
        queryKey: MINER_KEY,
        // Others may wait for the same answer: it is not given up with this question.
        queryFn: (miner) => api.mining({}, { signal: miner.signal }),
        staleTime: Number.POSITIVE_INFINITY,
      });
      if (!isThere) return null;
      try {
        return await api.network({}, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    // Where there is none there will be none: neither time nor a new block has it asked for again.
    enabled: ({ state }) => isEnabled && state.data !== null,
    refetchInterval: intervalMs,
  });
}

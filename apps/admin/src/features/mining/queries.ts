import type { MinerChange } from "@bitfleet/api/rest/mining.ts";
import { CHAIN_TOPIC, MEMPOOL_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { useAdminKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { MINER_KEY } from "@bitfleet/ui/node-queries.ts";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type BlockTemplate, TEMPLATE_REQUEST } from "./block-template.ts";

/** Blocks of the charts. */
export const SERIES_BLOCK_COUNT = 288;
/** Blocks are made one after the other: a thousand take their time. */
const GENERATE_TIMEOUT_MS = 300_000;

/** What miners are told. */
export function useMiningInfo() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "mining-info"],
    queryFn: ({ signal }) => api.miningInfo({}, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/** The next block in figures, which anybody may see; `null` where nothing waits. */
export function useNextBlock() {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "projected"],
    queryFn: ({ signal }) => api.projectedBlocks({}, { signal }),
    select: ({ blocks }) => blocks[0] ?? null,
    refetchInterval: usePollInterval(),
  });
}

/** The next block with its transactions, while the admin key is known. */
export function useTemplate() {
  const api = useApi();
  const { key, isKnown } = useAdminKey();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "template", key],
    queryFn: async ({ signal }) =>
      (await api.callRpc(TEMPLATE_REQUEST, { apiKey: key, signal })).result as BlockTemplate,
    enabled: isKnown,
    placeholderData: keepPreviousData,
  });
}

/** Ends of branches beside the chain, the highest first. */
export function useBranches() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "tips"],
    queryFn: ({ signal }) => api.chainTips({}, { signal }),
    select: (tips) => tips.filter(({ status }) => status !== "active"),
    refetchInterval: usePollInterval(),
  });
}

/** Tells the miner what to do. */
export function useSetMiner() {
  const api = useApi();
  const queries = useQueryClient();
  const adminKey = useAdminKey();
  return useMutation({
    mutationFn: (change: MinerChange) => adminKey.run((apiKey) => api.setMining(change, { apiKey })),
    networkMode: "always",
    onSuccess: (info) => queries.setQueryData(MINER_KEY, info),
  });
}

/** Makes blocks at once. */
export function useGenerate() {
  const api = useApi();
  const adminKey = useAdminKey();
  return useMutation({
    mutationFn: (order: { readonly address: string; readonly nblocks: number }) =>
      adminKey.run((apiKey) => api.generateToAddress(order, { apiKey, timeoutMs: GENERATE_TIMEOUT_MS, deadlineMs: 0 })),
    networkMode: "always",
  });
}

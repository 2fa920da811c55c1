import type { FoundBlock, MinerChange, MinerInfo } from "@bitfleet/api/rest/mining.ts";
import { CHAIN_TOPIC, MEMPOOL_TOPIC, MINER_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { useAdminKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { useForgetRefused } from "@bitfleet/ui/keys/use-forget-refused.ts";
import { MINER_KEY, NETWORK_KEY, useMiner } from "@bitfleet/ui/node-queries.ts";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type BlockTemplate, TEMPLATE_REQUEST } from "./block-template.ts";
import type { MinerChoice } from "./miner-choice.ts";

/** Blocks of the charts. */
export const SERIES_BLOCK_COUNT = 288;
/** Blocks are made one after the other: a thousand take their time. */
const GENERATE_TIMEOUT_MS = 300_000;

/** Found blocks that are listed. */
const FOUND_COUNT = 200;
/** No event tells what the miner of another node does. */
const OTHER_MINER_INTERVAL_MS = 2_000;

/** What a miner does and has found, whichever node it is of. */
export type MinerFacts = Omit<MinerInfo, "has_faucet" | "has_network">;

/** The miner that is chosen, and the blocks that it found, newest first. */
export function useChosenMiner(choice: MinerChoice | undefined) {
  const api = useApi();
  const own = useMiner();
  const ownBlocks = useQuery({
    queryKey: [MINER_TOPIC, "found"],
    queryFn: ({ signal }) => api.minedBlocks({ limit: FOUND_COUNT }, { signal }),
    enabled: choice?.isOther === false,
    refetchInterval: usePollInterval(),
  });
  const other = useQuery({
    queryKey: [CHAIN_TOPIC, "miner-of", choice?.node],
    queryFn: ({ signal }) => api.networkMiner({ node: choice?.node ?? "", limit: FOUND_COUNT }, { signal }),
    enabled: choice?.isOther === true,
    refetchInterval: OTHER_MINER_INTERVAL_MS,
  });
  if (choice === undefined) return WAITING;
  const facts = choice.isOther ? other : own;
  const blocks: readonly FoundBlock[] | undefined = choice.isOther ? other.data?.blocks : ownBlocks.data;
  return {
    facts: facts.data as MinerFacts | undefined,
    blocks,
    error: facts.error ?? (choice.isOther ? null : ownBlocks.error),
    retry: () => void Promise.all([facts.refetch(), ...(choice.isOther ? [] : [ownBlocks.refetch()])]),
  };
}

const WAITING = { facts: undefined, blocks: undefined, error: null, retry: () => {} } as const;

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
  const adminKey = useAdminKey();
  const { key, isKnown } = adminKey;
  const template = useQuery({
    queryKey: [MEMPOOL_TOPIC, "template", key],
    queryFn: async ({ signal }) =>
      (await api.callRpc(TEMPLATE_REQUEST, { apiKey: key, signal })).result as BlockTemplate,
    enabled: isKnown,
    placeholderData: keepPreviousData,
  });
  useForgetRefused(template.error, adminKey);
  return template;
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

/** Tells the chosen miner what to do. */
export function useSetMiner({ node }: MinerChoice) {
  const api = useApi();
  const queries = useQueryClient();
  const adminKey = useAdminKey();
  return useMutation({
    mutationFn: (change: MinerChange): Promise<unknown> =>
      adminKey.run(async (apiKey) => {
        if (node !== undefined) return api.setNetworkMiner({ node, ...change }, { apiKey });
        const info = await api.setMining(change, { apiKey });
        queries.setQueryData(MINER_KEY, info);
        return info;
      }),
    networkMode: "always",
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: [MINER_TOPIC] }),
        queries.invalidateQueries({ queryKey: [CHAIN_TOPIC, "miner-of", node] }),
        ...(node === undefined ? [] : [queries.invalidateQueries({ queryKey: NETWORK_KEY })]),
      ]),
  });
}

/** Blocks at once: how many, and whom they pay; `""` for the wallet of the network. */
export interface GenerateOrder {
  readonly address: string;
  readonly count: number;
}

/** Makes blocks at once on the chosen node; answers their hashes, oldest first. */
export function useGenerate({ node }: MinerChoice) {
  const api = useApi();
  const adminKey = useAdminKey();
  return useMutation({
    mutationFn: ({ address, count }: GenerateOrder) =>
      adminKey.run(async (apiKey): Promise<readonly string[]> => {
        const options = { apiKey, timeoutMs: GENERATE_TIMEOUT_MS, deadlineMs: 0 };
        if (node === undefined) return (await api.generateToAddress({ address, nblocks: count }, options)).block_hashes;
        const payee = address === "" ? {} : { address };
        return (await api.mineNetwork({ node, blocks: count, ...payee }, options)).hashes;
      }),
    networkMode: "always",
  });
}

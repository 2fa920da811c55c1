import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { CHAIN_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { branchesAt } from "./branches-at.ts";

export const BLOCKS_PER_PAGE = 20;

/** One page of the active chain, newest first; `page` counts from 1, as in the address bar. `undefined`: not known yet. */
export function useBlocks(page: number | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "blocks", page],
    queryFn: ({ signal }) => api.blocks({ page: (page ?? 1) - 1, limit: BLOCKS_PER_PAGE }, { signal }),
    refetchInterval: usePollInterval(),
    placeholderData: keepPreviousData,
    enabled: page !== undefined,
  });
}

/** Fees of the blocks of a page. */
export function useFees(blocks: readonly BlockSummary[]) {
  const api = useApi();
  const [to = 0, from = 0] = [blocks[0]?.height, blocks.at(-1)?.height];
  return useQuery({
    queryKey: [CHAIN_TOPIC, "series", from, to],
    queryFn: ({ signal }) => api.chainSeries({ from, to }, { signal }),
    placeholderData: keepPreviousData,
    enabled: blocks.length > 0,
    select: ({ heights, fees }) => new Map(heights.map((height, index) => [height, fees[index] ?? null])),
  });
}

/** The block that was the tip at a time, asked for when somebody wants to go there. */
export function useBlockAtTime() {
  const api = useApi();
  return useMutation({
    mutationFn: (unixSeconds: number) => api.blockAtTime({ time: unixSeconds }),
    networkMode: "always",
  });
}

/** One block by hash or height. It belongs to the chain's topic: confirmations and the next block change with the tip. */
export function useBlock(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "block", id],
    queryFn: ({ signal }) => api.block({ block: id }, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/**
 * A block in numbers, and what else there is at its height. Hundreds of kilobytes, which stay what they are: asked for again when the block
 * enters or leaves the chain, or another one of its height is heard of, and not with each tip.
 */
export function useBlockOverview({ hash, height, confirmations }: BlockSummary) {
  const api = useApi();
  const branches = useBranchesAt(height);
  return useQuery({
    queryKey: ["block-overview", hash, confirmations >= 1, branches],
    queryFn: ({ signal }) => api.blockOverview({ block: hash }, { signal }),
    placeholderData: (previous) => (previous?.hash === hash ? previous : undefined),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Branches beside the chain that have a block of a height, as a text that is the same for the same ones; "" while none is known. */
function useBranchesAt(height: number): string {
  const api = useApi();
  const tips = useQuery({
    queryKey: [CHAIN_TOPIC, "tips"],
    queryFn: ({ signal }) => api.chainTips({}, { signal }),
    refetchInterval: usePollInterval(),
  });
  return branchesAt(tips.data ?? [], height);
}

/** The coinbase of a block. */
export function useCoinbase(blockHash: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["block-coinbase", blockHash],
    queryFn: async ({ signal }) => {
      const { items } = await api.blockTransactions({ block: blockHash, page: 0, limit: 1 }, { signal });
      return items[0] ?? null;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** All bytes of a block, in hex: megabytes, which are not kept longer than they are seen. */
export function useBlockHex(blockHash: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["block-hex", blockHash],
    queryFn: async ({ signal }) => (await api.blockBytes({ block: blockHash }, { signal })).hex,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

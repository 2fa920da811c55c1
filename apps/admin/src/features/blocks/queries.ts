import { CHAIN_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

export const BLOCKS_PER_PAGE = 20;

/** One page of the active chain, newest first; `page` counts from 1, as in the address bar. */
export function useBlocks(page: number) {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "blocks", page],
    queryFn: ({ signal }) => api.blocks({ page: page - 1, limit: BLOCKS_PER_PAGE }, { signal }),
    refetchInterval: usePollInterval(),
    placeholderData: keepPreviousData,
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

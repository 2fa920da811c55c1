import { useApi } from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

export const TRANSACTIONS_PER_PAGE = 10;

/** One page of a block's transactions; `page` counts from 1. What a hash commits to never changes, so the answer never grows old. */
export function useBlockTransactions(blockHash: string, page: number) {
  const api = useApi();
  return useQuery({
    queryKey: ["block-transactions", blockHash, page],
    queryFn: ({ signal }) =>
      api.blockTransactions({ block: blockHash, page: page - 1, limit: TRANSACTIONS_PER_PAGE }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (previous, query) => (query?.queryKey[1] === blockHash ? keepPreviousData(previous) : undefined),
  });
}

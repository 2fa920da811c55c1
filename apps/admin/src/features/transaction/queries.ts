import { ApiError } from "@bitfleet/api/errors.ts";
import type { TransactionDetail } from "@bitfleet/api/rest/transactions.ts";
import { MEMPOOL_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

export const TRANSACTIONS_PER_PAGE = 10;
/** Inputs of a transaction that is gone for which it is asked what spends them now. */
const INPUTS_ASKED_MAX = 5;

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

/** One transaction. Block and confirmations change with the tip, spenders and relatives with the mempool. */
export function useTransaction(txid: string) {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "transaction", txid],
    queryFn: ({ signal }) => api.transaction({ txid }, { signal }),
    refetchInterval: usePollInterval(),
  });
}

/** What a waiting transaction is connected with. It may be gone by then: that is no error, and there is no cluster. */
export function useCluster(txid: string) {
  const api = useApi();
  return useQuery({
    // Not the key of the mempool's page, to which a transaction that is gone is an error.
    queryKey: [MEMPOOL_TOPIC, "cluster-if-any", txid],
    queryFn: ({ signal }) => api.mempoolCluster({ txid }, { signal }).catch(nullWhereMissing),
    refetchInterval: usePollInterval(),
  });
}

/** Which transaction spends the coins of one that left the mempool; `null` where that is not known. */
export function useReplacement(gone: TransactionDetail, isGone: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "replacement", gone.txid],
    queryFn: async ({ signal }) => {
      for (const { txid, vout } of gone.inputs.slice(0, INPUTS_ASKED_MAX)) {
        if (txid === null || vout === null) continue;
        const parent = await api.transaction({ txid }, { signal }).catch(nullWhereMissing);
        const spender = parent?.outputs[vout]?.spent_by?.txid;
        if (spender != null && spender !== gone.txid) return spender;
      }
      return null;
    },
    enabled: isGone,
  });
}

/** How the scripts of one input run. They run under other rules once a block has it. */
export function useInputTrace(txid: string, input: number, isConfirmed: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["input-trace", txid, input, isConfirmed],
    queryFn: ({ signal }) => api.inputTrace({ txid, input }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function nullWhereMissing(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}

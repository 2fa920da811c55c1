import { ApiError } from "@bitfleet/api/errors.ts";
import type { TransactionDetail } from "@bitfleet/api/rest/transactions.ts";
import { CHAIN_TOPIC, MEMPOOL_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

export const TRANSACTIONS_PER_PAGE = 10;
/** What spends an output of a transaction that is in a block is seen after so long at most. */
const SPENDERS_INTERVAL_MS = 10_000;
const TXID = /^[0-9a-f]{64}$/;

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

/**
 * One transaction. Block and confirmations change with the tip; of one that no block has, relatives and standing with the mempool. What
 * spends the outputs of one in a block may come any moment too, for which it is asked now and then.
 */
export function useTransaction(txid: string) {
  const api = useApi();
  const pollInterval = usePollInterval();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "transaction", txid],
    queryFn: ({ signal }) => api.transaction({ txid }, { signal }),
    meta: { alsoOf: (data) => (isInBlock(data as TransactionDetail | undefined) ? undefined : MEMPOOL_TOPIC) },
    refetchInterval: ({ state: { data } }) => pollInterval || (canBeSpent(data) && SPENDERS_INTERVAL_MS),
  });
}

const isInBlock = (transaction: TransactionDetail | undefined) => transaction?.status.is_confirmed === true;

function canBeSpent(transaction: TransactionDetail | undefined): boolean {
  return isInBlock(transaction) && transaction?.outputs.some((output) => output.is_spent === false) === true;
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

/**
 * What the node remembers of replacements around a transaction: of one that waits or is gone it may change with the mempool, once a
 * block has it no more.
 */
export function useReplacements(txid: string, isConfirmed: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: isConfirmed ? ["replacements", txid] : [MEMPOOL_TOPIC, "replacements", txid],
    queryFn: ({ signal }) => api.transactionReplacements({ txid }, { signal }),
    enabled: TXID.test(txid),
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

/** The same of one that is nowhere yet, the last of these; it may spend the others. */
export function usePastedTrace(transactions: readonly string[], input: number) {
  const api = useApi();
  return useQuery({
    queryKey: ["pasted-trace", transactions, input],
    queryFn: ({ signal }) => api.tracePasted({ transactions: [...transactions], input }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function nullWhereMissing(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}

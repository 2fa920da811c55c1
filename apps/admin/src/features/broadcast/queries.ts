import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import { MEMPOOL_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { skipToken, useMutation, useQuery } from "@tanstack/react-query";

/** No limit, where the reader means the fee. */
const ANY_FEERATE = 0;

/** A PSBT brought to its end, as far as its signatures go. */
export function useFinalized(psbt: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["finalized-psbt", psbt],
    queryFn: psbt === undefined ? skipToken : ({ signal }) => api.finalizePsbt({ psbts: [psbt] }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What the bytes say. Of the coins that it spends more may be known later. */
export function useDecoded(hex: string | undefined) {
  const api = useApi();
  return useQuery<DecodedTransaction>({
    queryKey: [MEMPOOL_TOPIC, "decoded", hex],
    queryFn: hex === undefined ? skipToken : ({ signal }) => api.decodeTransaction({ hex }, { signal }),
  });
}

/** Whether the mempool would take it just now: asked again when mempool or tip change. */
export function useTested(hex: string | undefined, isAnyFee: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "tested", hex, isAnyFee],
    queryFn:
      hex === undefined
        ? skipToken
        : async ({ signal }) => {
            const body = { transactions: [hex], ...(isAnyFee && { max_feerate_sat_per_kvb: ANY_FEERATE }) };
            return (await api.testTransactions(body, { signal })).transactions[0] ?? null;
          },
    refetchInterval: usePollInterval(),
  });
}

/** Sends it. */
export function useBroadcast() {
  const api = useApi();
  return useMutation({
    mutationFn: ({ hex, isAnyFee }: { readonly hex: string; readonly isAnyFee: boolean }) =>
      api.broadcastTransaction({ hex, ...(isAnyFee && { max_feerate_sat_per_kvb: ANY_FEERATE }) }),
    networkMode: "always",
  });
}

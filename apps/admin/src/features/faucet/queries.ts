import type { RouteFields } from "@bitfleet/api/rest-client.ts";
import { CHAIN_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { useMutation, useQuery } from "@tanstack/react-query";

/** A payment may wait for other changes of the network, and for the block that is mined on it. */
const PAYMENT_TIMEOUT_MS = 60_000;

/** A transaction reaches the other nodes of its network in seconds. */
const LOOK_AGAIN_MS = 1_000;

export type Payment = Pick<RouteFields<"faucet">, "address" | "sats" | "mine">;

/** Has the faucet pay. */
export function usePayment() {
  const api = useApi();
  return useMutation({
    mutationFn: ({ payment, adminKey }: { readonly payment: Payment; readonly adminKey: string }) =>
      api.faucet(payment, { apiKey: adminKey, timeoutMs: PAYMENT_TIMEOUT_MS }),
    networkMode: "always",
  });
}

/** Where the transaction stands by now: `null` before this node has heard of it, and no block while it waits. */
export function usePlace(txid: string) {
  const api = useApi();
  const pollInterval = usePollInterval();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "search", txid],
    // As the palette asks under the same key: the whole answer.
    queryFn: ({ signal }) => api.search({ q: txid }, { signal }),
    select: (hits) => hits[0] ?? null,
    refetchInterval: ({ state }) => (state.data?.length === 0 ? LOOK_AGAIN_MS : pollInterval),
  });
}

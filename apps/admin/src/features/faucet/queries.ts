import type { RouteFields } from "@bitfleet/api/rest-client.ts";
import { useApi } from "@bitfleet/ui/api-provider.tsx";
import { useAdminKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { useMutation } from "@tanstack/react-query";

/** A payment may wait for other changes of the network, and for the block that is mined on it. */
const PAYMENT_TIMEOUT_MS = 60_000;

export type Payment = Pick<RouteFields<"faucet">, "address" | "sats" | "mine">;

/** Has the faucet pay, with the admin key, which is asked for where it is not known. */
export function usePayment() {
  const api = useApi();
  const key = useAdminKey();
  return useMutation({
    mutationFn: (payment: Payment) =>
      key.run((apiKey) => api.faucet(payment, { apiKey, timeoutMs: PAYMENT_TIMEOUT_MS })),
    networkMode: "always",
  });
}

import type { CallOptions } from "@bitfleet/api/rest-client.ts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ApiClient } from "./api-client.ts";
import { CHAIN_TOPIC, useApi } from "./api-provider.tsx";
import { isKeyRefused } from "./keys/key-errors.ts";
import { useWalletKey } from "./keys/keys-provider.tsx";

/** What is asked of wallets: with the wallet's key, and under one key of the cache, which every action with a wallet renews. */

/**
 * Wallets may be another process than the one whose events come: it learns of a block or a payment a moment earlier or later. So what is
 * on screen is looked at again by the clock too.
 */
export const WALLET_RENEW_MS = 3_000;
export const WALLET_KEY = [CHAIN_TOPIC, "wallet"] as const;

/** Reads with the wallet's key; one that is refused is forgotten, so that it is asked for anew. */
export function useWalletReader() {
  const { key: apiKey, forget } = useWalletKey();
  return {
    isKnown: apiKey !== "",
    read: async <Data>(signal: AbortSignal, call: (options: CallOptions) => Promise<Data>): Promise<Data> => {
      try {
        return await call({ signal, apiKey });
      } catch (error) {
        if (isKeyRefused(error)) forget();
        throw error;
      }
    },
  };
}

/** Asks only while a key is known. */
export function useWalletQuery<Data>(
  parts: readonly unknown[],
  call: (api: ApiClient, options: CallOptions) => Promise<Data>,
  isOn = true,
) {
  const api = useApi();
  const { isKnown, read } = useWalletReader();
  return useQuery({
    queryKey: [...WALLET_KEY, ...parts],
    queryFn: ({ signal }) => read(signal, (options) => call(api, options)),
    enabled: isKnown && isOn,
    refetchInterval: WALLET_RENEW_MS,
    placeholderData: keepPreviousData,
  });
}

/** The wallets that there are. */
export const useWallets = () => useWalletQuery(["list"], (api, options) => api.wallets({}, options));

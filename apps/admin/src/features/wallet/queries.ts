import type { CallOptions, RouteFields } from "@bitfleet/api/rest-client.ts";
import type { ApiClient } from "@bitfleet/ui/api-client.ts";
import { CHAIN_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { isKeyRefused } from "@bitfleet/ui/keys/key-errors.ts";
import { useWalletKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

/**
 * Wallets may be another process than the one whose events come: it learns of a block or a payment a moment earlier or later. So what is
 * on screen is looked at again by the clock too.
 */
const RENEW_MS = 3_000;
/** Passphrases are made slow to try, and a payment waits its turn. */
const ACTION_TIMEOUT_MS = 60_000;
const HISTORY_PART_SIZE = 25;
export const ADDRESSES_PER_PAGE = 20;
/** Blocks that the pace of the chain is told from. */
const PACE_BLOCK_COUNT = 20;

const WALLET_KEY = [CHAIN_TOPIC, "wallet"] as const;

/** Reads with the wallet's key; one that is refused is forgotten, so that it is asked for anew. */
function useReader() {
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

function useWalletQuery<Data>(
  parts: readonly unknown[],
  call: (api: ApiClient, options: CallOptions) => Promise<Data>,
  isOn = true,
) {
  const api = useApi();
  const { isKnown, read } = useReader();
  return useQuery({
    queryKey: [...WALLET_KEY, ...parts],
    queryFn: ({ signal }) => read(signal, (options) => call(api, options)),
    enabled: isKnown && isOn,
    refetchInterval: RENEW_MS,
    placeholderData: keepPreviousData,
  });
}

/** The wallets that there are. */
export const useWallets = () => useWalletQuery(["list"], (api, options) => api.wallets({}, options));

/** How a wallet stands. */
export const useInfo = (wallet: string) =>
  useWalletQuery(["info", wallet], (api, options) => api.walletInfo({ wallet }, options));

/** What a wallet has. */
export const useBalance = (wallet: string, isOn = true) =>
  useWalletQuery(["balance", wallet], (api, options) => api.walletBalance({ wallet }, options), isOn);

/** Addresses that were given out; `page` counts from 1. */
export const useAddresses = (wallet: string, page: number) =>
  useWalletQuery(["addresses", wallet, page], (api, options) =>
    api.walletAddresses({ wallet, page: page - 1, limit: ADDRESSES_PER_PAGE }, options),
  );

/** One transaction of a wallet. */
export function useTransaction(wallet: string, txid: string) {
  const api = useApi();
  const { isKnown, read } = useReader();
  return useQuery({
    queryKey: [...WALLET_KEY, "transaction", wallet, txid],
    queryFn: ({ signal }) => read(signal, (options) => api.walletTransaction({ wallet, txid }, options)),
    enabled: isKnown,
    refetchInterval: RENEW_MS,
  });
}

/** The transactions of a wallet, the newest first, in parts. */
export function useHistory(wallet: string) {
  const api = useApi();
  const { isKnown, read } = useReader();
  return useInfiniteQuery({
    queryKey: [...WALLET_KEY, "history", wallet],
    queryFn: ({ signal, pageParam: cursor }) =>
      read(signal, (options) =>
        api.walletHistory({ wallet, limit: HISTORY_PART_SIZE, ...(cursor !== null && { cursor }) }, options),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled: isKnown,
    refetchInterval: RENEW_MS,
  });
}

/** Whether a node of this network has the transaction in mempool or chain; `undefined` until that is known. */
export function useIsKnownToNode(txid: string, isOn: boolean): boolean | undefined {
  const api = useApi();
  const { data } = useQuery({
    queryKey: [CHAIN_TOPIC, "search", txid],
    // As the palette asks under the same key: the whole answer.
    queryFn: ({ signal }) => api.search({ q: txid }, { signal }),
    enabled: isOn,
    refetchInterval: RENEW_MS,
  });
  return data === undefined ? undefined : data.length > 0;
}

/** Mean seconds between the latest blocks; `undefined` where they tell no pace, as blocks that were made at once do not. */
export function useBlockSeconds(): number | undefined {
  const api = useApi();
  const { data } = useQuery({
    queryKey: [CHAIN_TOPIC, "latest", PACE_BLOCK_COUNT],
    queryFn: ({ signal }) => api.latestBlocks({ limit: PACE_BLOCK_COUNT }, { signal }),
    refetchInterval: usePollInterval(),
  });
  const [newest, oldest] = [data?.[0], data?.at(-1)];
  if (newest === undefined || oldest === undefined || newest.height === oldest.height) return undefined;
  const seconds = (newest.timestamp - oldest.timestamp) / (newest.height - oldest.height);
  return seconds < 2 ? undefined : seconds;
}

/** Something done with a wallet: asks for the key where it is not known, and renews what is shown of wallets. */
function useAction<Fields, Answer>(
  act: (api: ApiClient, fields: Fields, options: CallOptions) => Promise<Answer>,
  renews = true,
) {
  const api = useApi();
  const key = useWalletKey();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (fields: Fields) =>
      key.run((apiKey) => act(api, fields, { apiKey, timeoutMs: ACTION_TIMEOUT_MS, deadlineMs: ACTION_TIMEOUT_MS })),
    networkMode: "always",
    // A passphrase is in the fields: nothing of it is kept.
    gcTime: 0,
    onSettled: () => {
      if (renews) void queries.invalidateQueries({ queryKey: WALLET_KEY });
    },
  });
}

export const useCreateWallet = () =>
  useAction((api, fields: RouteFields<"createWallet">, options) => api.createWallet(fields, options));
export const useLoadWallet = () =>
  useAction((api, fields: RouteFields<"loadWallet">, options) => api.loadWallet(fields, options));
export const useUnloadWallet = () =>
  useAction((api, fields: RouteFields<"unloadWallet">, options) => api.unloadWallet(fields, options));
export const useUnlock = () =>
  useAction((api, fields: RouteFields<"unlockWallet">, options) => api.unlockWallet(fields, options));
export const useLock = () =>
  useAction((api, fields: RouteFields<"lockWallet">, options) => api.lockWallet(fields, options));
export const useEncrypt = () =>
  useAction((api, fields: RouteFields<"encryptWallet">, options) => api.encryptWallet(fields, options));
export const useChangePassphrase = () =>
  useAction((api, fields: RouteFields<"changeWalletPassphrase">, options) =>
    api.changeWalletPassphrase(fields, options),
  );
export const useNewAddress = () =>
  useAction((api, fields: RouteFields<"newWalletAddress">, options) => api.newWalletAddress(fields, options));
export const useLabelAddress = () =>
  useAction((api, fields: RouteFields<"labelWalletAddress">, options) => api.labelWalletAddress(fields, options));

export type PaymentOrder = Omit<RouteFields<"sendFromWallet">, "is_preview">;

/** What a payment would spend and cost; nothing is signed or sent. */
export const usePreview = () =>
  useAction((api, order: PaymentOrder, options) => api.sendFromWallet({ ...order, is_preview: true }, options), false);
export const useSend = () => useAction((api, order: PaymentOrder, options) => api.sendFromWallet(order, options));
export const useBump = () =>
  useAction((api, fields: RouteFields<"bumpWalletTransaction">, options) => api.bumpWalletTransaction(fields, options));
export const usePayForParent = () =>
  useAction((api, fields: RouteFields<"payForWalletTransaction">, options) =>
    api.payForWalletTransaction(fields, options),
  );
export const useAbandon = () =>
  useAction((api, fields: RouteFields<"abandonWalletTransaction">, options) =>
    api.abandonWalletTransaction(fields, options),
  );

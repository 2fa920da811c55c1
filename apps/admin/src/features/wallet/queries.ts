import type { CallOptions, RouteFields } from "@bitfleet/api/rest-client.ts";
import { holdsSecret } from "@bitfleet/api/secrets.ts";
import type { ApiClient } from "@bitfleet/ui/api-client.ts";
import { CHAIN_TOPIC, MEMPOOL_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { blockPace } from "@bitfleet/ui/block-pace.ts";
import { useAdminKey, useWalletKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { useWalletQuery, useWalletReader, WALLET_KEY, WALLET_RENEW_MS } from "@bitfleet/ui/wallet-queries.ts";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { texts } from "./texts.ts";

/** Passphrases are made slow to try, and a payment waits its turn. */
const ACTION_TIMEOUT_MS = 60_000;
/** A descriptor is looked for in all blocks. */
const SCAN_TIMEOUT_MS = 300_000;
/** For one payment. */
export const UNLOCK_SECONDS = 60;
const HISTORY_PART_SIZE = 50;
const COINS_PART_SIZE = 100;
export const ADDRESSES_PER_PAGE = 20;
/** Blocks that the pace of the chain is told from. */
const PACE_BLOCK_COUNT = 20;

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
  const { isKnown, read } = useWalletReader();
  return useQuery({
    queryKey: [...WALLET_KEY, "transaction", wallet, txid],
    queryFn: ({ signal }) => read(signal, (options) => api.walletTransaction({ wallet, txid }, options)),
    enabled: isKnown,
    refetchInterval: WALLET_RENEW_MS,
  });
}

/** The transactions of a wallet, the newest first, in parts. */
export function useHistory(wallet: string) {
  const api = useApi();
  const { isKnown, read } = useWalletReader();
  return useInfiniteQuery({
    queryKey: [...WALLET_KEY, "history", wallet],
    queryFn: ({ signal, pageParam: cursor }) =>
      read(signal, (options) =>
        api.walletHistory({ wallet, limit: HISTORY_PART_SIZE, ...(cursor !== null && { cursor }) }, options),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled: isKnown,
    refetchInterval: ({ state }) => WALLET_RENEW_MS * Math.max(1, state.data?.pages.length ?? 1),
  });
}

/** The coins of a wallet, those that are set aside too, the newest first, in parts. */
export function useCoins(wallet: string) {
  const api = useApi();
  const { isKnown, read } = useWalletReader();
  return useInfiniteQuery({
    queryKey: [...WALLET_KEY, "coins", wallet],
    queryFn: ({ signal, pageParam: page }) =>
      read(signal, (options) => api.walletUtxos({ wallet, with_locked: true, page, limit: COINS_PART_SIZE }, options)),
    initialPageParam: 0,
    getNextPageParam: ({ has_next, page }) => (has_next ? page + 1 : undefined),
    enabled: isKnown,
    refetchInterval: ({ state }) => WALLET_RENEW_MS * Math.max(1, state.data?.pages.length ?? 1),
  });
}

/** Satoshis a vbyte that a transaction pays; `undefined` where that is not known, as while it is asked (`isAsking`). `isOn`: this server's node has it. */
export function useOwnFeerate(
  txid: string,
  isOn: boolean,
): { readonly feerate: number | undefined; readonly isAsking: boolean } {
  const api = useApi();
  const { data, isLoading } = useQuery({
    // As the page of the transaction asks: the whole answer.
    queryKey: [MEMPOOL_TOPIC, "transaction", txid],
    queryFn: ({ signal }) => api.transaction({ txid }, { signal }),
    enabled: isOn,
  });
  const { fee = null, virtual_size: size = 0 } = data ?? {};
  return { feerate: fee === null || size === 0 ? undefined : fee / size, isAsking: isLoading };
}

/** Mean seconds between the latest blocks; `undefined` where they tell no pace. */
export function useBlockSeconds(): number | undefined {
  const api = useApi();
  const { data } = useQuery({
    queryKey: [CHAIN_TOPIC, "latest", PACE_BLOCK_COUNT],
    queryFn: ({ signal }) => api.latestBlocks({ limit: PACE_BLOCK_COUNT }, { signal }),
    refetchInterval: usePollInterval(),
  });
  return data && blockPace(data);
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

export const useLockCoin = () =>
  useAction((api, fields: RouteFields<"lockWalletCoin">, options) => api.lockWalletCoin(fields, options));

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

/** A call of JSON-RPC about the wallet, for what has no route: it takes the admin key. */
function useWalletRpc() {
  const api = useApi();
  const key = useAdminKey();
  return (wallet: string, method: string, params: object): Promise<unknown> =>
    key.run(async (apiKey) => {
      const options = { apiKey, timeoutMs: SCAN_TIMEOUT_MS, deadlineMs: SCAN_TIMEOUT_MS };
      return (await api.callRpc({ method, params, wallet }, options)).result;
    });
}

/** Writes a copy of a wallet into a file of the node's machine. */
export function useBackup() {
  const call = useWalletRpc();
  return useMutation({
    mutationFn: ({ wallet, destination }: { readonly wallet: string; readonly destination: string }) =>
      call(wallet, "backupwallet", { destination }),
    networkMode: "always",
  });
}

export interface WatchOrder {
  readonly wallet: string;
  readonly descriptor: string;
  readonly label: string;
  readonly from: "all" | "now";
}

/** Adds a public descriptor to a wallet; the answer is what the node says to it. */
export function useWatchDescriptor() {
  const call = useWalletRpc();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ wallet, descriptor, label, from }: WatchOrder): Promise<readonly string[]> => {
      // What is private does not leave the page.
      if (holdsSecret(descriptor)) throw new Error(texts.security.importPrivate);
      const known = (await call(wallet, "getdescriptorinfo", { descriptor })) as DescriptorFacts;
      const request = {
        desc: descriptor.includes("#") ? descriptor : `${descriptor}#${known.checksum}`,
        timestamp: from === "all" ? 0 : "now",
        ...(known.isrange ? { active: false } : label !== "" && { label }),
      };
      const [outcome] = (await call(wallet, "importdescriptors", { requests: [request] })) as readonly ImportOutcome[];
      if (outcome?.success !== true) throw new Error(outcome?.error?.message ?? texts.security.importFailed);
      return outcome.warnings ?? [];
    },
    networkMode: "always",
    onSuccess: () => void queries.invalidateQueries({ queryKey: WALLET_KEY }),
  });
}

interface DescriptorFacts {
  readonly checksum: string;
  readonly isrange: boolean;
}

interface ImportOutcome {
  readonly success: boolean;
  readonly warnings?: readonly string[];
  readonly error?: { readonly message: string };
}

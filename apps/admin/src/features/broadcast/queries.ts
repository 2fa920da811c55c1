import { ApiError } from "@bitfleet/api/errors.ts";
import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import { MEMPOOL_TOPIC, useApi, usePollInterval } from "@bitfleet/ui/api-provider.tsx";
import { skipToken, useMutation, useQuery } from "@tanstack/react-query";
import { type Member, orderedMembers } from "./package-members.ts";

/** No limit, where the reader means the fee. */
const ANY_FEERATE = 0;

/** PSBTs of one transaction, brought together and to their end, as far as signatures go. */
export function useFinalized(psbts: readonly string[]) {
  const api = useApi();
  return useQuery({
    queryKey: ["finalized-psbt", psbts],
    queryFn: ({ signal }) => api.finalizePsbt({ psbts: [...psbts] }, { signal }),
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
            const body = { transactions: [hex], ...feeLimit(isAnyFee) };
            return (await api.testTransactions(body, { signal })).transactions[0] ?? null;
          },
    refetchInterval: usePollInterval(),
  });
}

/** Why an output cannot be spent; `undefined` where nothing speaks against it. */
export type CoinFate =
  | { readonly kind: "unknown" | "no-output" | "spent-somehow" }
  | { readonly kind: "spent"; readonly by: string; readonly height: number | null };

/** What became of an output that is no coin. */
export function useCoinFate(txid: string, vout: number) {
  const api = useApi();
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "coin-fate", txid, vout],
    queryFn: async ({ signal }): Promise<CoinFate | null> => {
      const found = await api.transaction({ txid }, { signal }).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      });
      if (found === null) return { kind: "unknown" };
      const output = found.outputs[vout];
      if (output === undefined) return { kind: "no-output" };
      if (output.is_spent !== true) return null;
      const { txid: by, block_height: height } = output.spent_by ?? {};
      return by == null ? { kind: "spent-somehow" } : { kind: "spent", by, height: height ?? null };
    },
  });
}

/** Several, in the order that a package has. */
export function useMembers(transactions: readonly string[]) {
  const api = useApi();
  return useQuery({
    queryKey: ["decoded-package", transactions],
    queryFn: async ({ signal }) => {
      const decode = async (hex: string) => ({ hex, transaction: await api.decodeTransaction({ hex }, { signal }) });
      return orderedMembers(await Promise.all(transactions.map(decode)));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** They are no child with its parents: each must pay for itself. */
const NO_PACKAGE = "package-not-child-with-parents";

/** Whether the mempool would take several: together, as a child and its parents; or, where they are no such family, each by itself. */
export function useTestedMembers(members: readonly Member[], isAnyFee: boolean) {
  const api = useApi();
  const transactions = members.map(({ hex }) => hex);
  return useQuery({
    queryKey: [MEMPOOL_TOPIC, "tested-package", transactions, isAnyFee],
    queryFn: async ({ signal }) => {
      const body = { transactions, ...feeLimit(isAnyFee) };
      const together = await api.testTransactions({ ...body, as_package: true }, { signal });
      if (together.reason !== NO_PACKAGE) return { isTogether: true, result: together };
      return { isTogether: false, result: await api.testTransactions(body, { signal }) };
    },
    refetchInterval: usePollInterval(),
  });
}

/** Sends several, together or one after the other. Throws what the node says of the first that it refuses. */
export function useBroadcastMembers() {
  const api = useApi();
  return useMutation({
    mutationFn: async ({ transactions, isTogether, isAnyFee }: MembersToSend) => {
      const limit = feeLimit(isAnyFee);
      if (!isTogether) {
        for (const hex of transactions) await api.broadcastTransaction({ hex, ...limit });
        return;
      }
      const {
        is_accepted: isAccepted,
        reason,
        transactions: results,
      } = await api.broadcastPackage({
        transactions: [...transactions],
        ...limit,
      });
      if (isAccepted) return;
      throw new Error(results.find((one) => one.reason !== null)?.reason ?? reason ?? "");
    },
    networkMode: "always",
  });
}

interface MembersToSend {
  readonly transactions: readonly string[];
  readonly isTogether: boolean;
  readonly isAnyFee: boolean;
}

const feeLimit = (isAnyFee: boolean) => (isAnyFee ? { max_feerate_sat_per_kvb: ANY_FEERATE } : {});

/** Sends it. */
export function useBroadcast() {
  const api = useApi();
  return useMutation({
    mutationFn: ({ hex, isAnyFee }: { readonly hex: string; readonly isAnyFee: boolean }) =>
      api.broadcastTransaction({ hex, ...feeLimit(isAnyFee) }),
    networkMode: "always",
  });
}

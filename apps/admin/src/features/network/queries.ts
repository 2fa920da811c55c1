import { ApiError } from "@bitfleet/api/errors.ts";
import type { RouteFields } from "@bitfleet/api/rest-client.ts";
import type { ApiClient } from "@bitfleet/ui/api-client.ts";
import { CHAIN_TOPIC, useApi } from "@bitfleet/ui/api-provider.tsx";
import { isKeyRefused } from "@bitfleet/ui/keys/key-errors.ts";
import { useAdminKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

/** The node itself asks its neighbours no oftener. */
const LOOK_INTERVAL_MS = 1_000;
/** What has nodes agree, start or mine waits for them. */
const CHANGE_TIMEOUT_MS = 180_000;
/** Blocks of this node's chain that are compared from look to look. */
const OWN_BLOCK_COUNT = 30;
/** Lines of a log that are shown. */
const LOG_LINES = 500;

const NETWORK_KEY = [CHAIN_TOPIC, "network"] as const;
const SNAPSHOTS_KEY = [CHAIN_TOPIC, "snapshots"] as const;

/** To another time: by so many seconds, to a moment in seconds since 1970, or back to the real one. */
export type TimeChange =
  | { readonly offset: number }
  | { readonly time: number }
  | Required<Pick<RouteFields<"setNetworkTime">, "reset">>;

/** The network of this machine; `null` where the node is part of none. */
export function useNetwork() {
  const api = useApi();
  return useQuery({
    queryKey: NETWORK_KEY,
    queryFn: async ({ signal }) => {
      try {
        return await api.network({}, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    // Where there is none, there will be none.
    refetchInterval: ({ state }) => (state.data === null ? false : LOOK_INTERVAL_MS),
  });
}

/** The newest blocks of the node that answers, newest first. */
export function useOwnBlocks() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "latest", OWN_BLOCK_COUNT],
    queryFn: ({ signal }) => api.latestBlocks({ limit: OWN_BLOCK_COUNT }, { signal }),
    refetchInterval: LOOK_INTERVAL_MS,
  });
}

/** The end of a node's log, as it grows. For who has the key. */
export function useNodeLog(node: string, isFollowed: boolean) {
  const api = useApi();
  const { key, isKnown, forget } = useAdminKey();
  const log = useQuery({
    queryKey: ["network-log", node],
    queryFn: ({ signal }) => api.networkLog({ node, lines: LOG_LINES }, { signal, apiKey: key }),
    enabled: isKnown,
    refetchInterval: isFollowed ? LOOK_INTERVAL_MS : false,
  });
  useForgetting(log.error, forget);
  return log;
}

/** Snapshots that can be gone back to, the oldest first. For who has the key. */
export function useSnapshots() {
  const api = useApi();
  const { key, isKnown, forget } = useAdminKey();
  const snapshots = useQuery({
    queryKey: SNAPSHOTS_KEY,
    queryFn: ({ signal }) => api.snapshots({}, { signal, apiKey: key }),
    enabled: isKnown,
  });
  useForgetting(snapshots.error, forget);
  return snapshots;
}

/** Reads them with a key that is being tried, for {@link useSnapshots} to have them at once. */
export async function readSnapshots(api: ApiClient, queries: QueryClient, apiKey: string): Promise<void> {
  queries.setQueryData(SNAPSHOTS_KEY, await api.snapshots({}, { apiKey }));
}

/** A key that is refused is asked for anew. */
function useForgetting(error: Error | null, forget: () => void): void {
  useEffect(() => {
    if (isKeyRefused(error)) forget();
  }, [error, forget]);
}

/** What is done to the network, with the admin key, which is asked for where it is not known. */
export function useNetworkActions() {
  const api = useApi();
  const { run } = useAdminKey();
  const queries = useQueryClient();
  const action = <Fields, Answer>(
    call: (fields: Fields, options: { readonly apiKey: string; readonly timeoutMs: number }) => Promise<Answer>,
  ) => ({
    mutationFn: (fields: Fields) => run((apiKey) => call(fields, { apiKey, ...PATIENT })),
    networkMode: "always" as const,
    onSettled: () => void queries.invalidateQueries({ queryKey: [CHAIN_TOPIC] }),
  });
  return {
    separate: useMutation(
      action((groups: readonly (readonly string[])[], options) =>
        api.partitionNetwork({ groups: groups.map((group) => [...group]) }, options),
      ),
    ),
    heal: useMutation(action((_: undefined, options) => api.healNetwork({}, options))),
    restart: useMutation(action((node: string, options) => api.restartNetworkNode({ node }, options))),
    mine: useMutation(
      action((order: { readonly blocks: number; readonly node?: string }, options) => api.mineNetwork(order, options)),
    ),
    reorg: useMutation(
      action((order: { readonly depth: number; readonly node?: string }, options) => api.reorgNetwork(order, options)),
    ),
    takeSnapshot: useMutation(
      action((name: string, options) => api.takeSnapshot(name === "" ? {} : { name }, options)),
    ),
    revert: useMutation(action((name: string, options) => api.revertNetwork({ name }, options))),
    setTime: useMutation(action((change: TimeChange, options) => api.setNetworkTime(change, options))),
    removeSnapshot: useMutation(action((name: string, options) => api.removeSnapshot({ name }, options))),
  };
}

const PATIENT = { timeoutMs: CHANGE_TIMEOUT_MS, deadlineMs: CHANGE_TIMEOUT_MS } as const;

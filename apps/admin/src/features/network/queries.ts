import type { RouteFields } from "@bitfleet/api/rest-client.ts";
import type { ApiClient } from "@bitfleet/ui/api-client.ts";
import { CHAIN_TOPIC, useApi } from "@bitfleet/ui/api-provider.tsx";
import { useAdminKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { useForgetRefused } from "@bitfleet/ui/keys/use-forget-refused.ts";
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type NodeLog, withPart } from "./log-lines.ts";

/** The node itself asks its neighbours no oftener. */
export const LOOK_INTERVAL_MS = 1_000;
/** What has nodes agree, start or mine waits for them. */
const CHANGE_TIMEOUT_MS = 180_000;
/** Blocks of this node's chain that are compared from look to look. */
const OWN_BLOCK_COUNT = 30;
/** Lines of a log that are asked for at once. */
const LOG_LINES = 1_000;

const SNAPSHOTS_KEY = [CHAIN_TOPIC, "snapshots"] as const;

/** To another time: by so many seconds, to a moment in seconds since 1970, or back to the real one. */
export type TimeChange =
  | { readonly offset: number }
  | { readonly time: number }
  | Required<Pick<RouteFields<"setNetworkTime">, "reset">>;

/** The newest blocks of the node that answers, newest first. */
export function useOwnBlocks() {
  const api = useApi();
  return useQuery({
    queryKey: [CHAIN_TOPIC, "latest", OWN_BLOCK_COUNT],
    queryFn: ({ signal }) => api.latestBlocks({ limit: OWN_BLOCK_COUNT }, { signal }),
    refetchInterval: LOOK_INTERVAL_MS,
  });
}

/** A node's log as it grows: what has come since is asked for alone. For who has the key. */
export function useNodeLog(node: string) {
  const api = useApi();
  const queries = useQueryClient();
  const adminKey = useAdminKey();
  const { key, isKnown } = adminKey;
  const queryKey = ["network-log", node];
  const log = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const before = queries.getQueryData<NodeLog>(queryKey);
      const since = before === undefined ? {} : { after: before.end };
      return withPart(before, await api.networkLog({ node, lines: LOG_LINES, ...since }, { signal, apiKey: key }));
    },
    enabled: isKnown,
    refetchInterval: LOOK_INTERVAL_MS,
    structuralSharing: false,
  });
  useForgetRefused(log.error, adminKey);
  return log;
}

/** Snapshots that can be gone back to, the oldest first. For who has the key. */
export function useSnapshots() {
  const api = useApi();
  const adminKey = useAdminKey();
  const { key, isKnown } = adminKey;
  const snapshots = useQuery({
    queryKey: SNAPSHOTS_KEY,
    queryFn: ({ signal }) => api.snapshots({}, { signal, apiKey: key }),
    enabled: isKnown,
  });
  useForgetRefused(snapshots.error, adminKey);
  return snapshots;
}

/** Reads them with a key that is being tried, for {@link useSnapshots} to have them at once. */
export async function readSnapshots(api: ApiClient, queries: QueryClient, apiKey: string): Promise<void> {
  queries.setQueryData(SNAPSHOTS_KEY, await api.snapshots({}, { apiKey }));
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

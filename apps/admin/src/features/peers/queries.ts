import type { PeerView } from "@bitfleet/api/rest/peers.ts";
import { PEERS_TOPIC, useApi } from "@bitfleet/ui/api-provider.tsx";
import { isKeyRefused } from "@bitfleet/ui/keys/key-errors.ts";
import { useAdminKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { useForgetRefused } from "@bitfleet/ui/keys/use-forget-refused.ts";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

/** Who comes and goes is told by events; traffic and pings change all the time. */
const LOOK_INTERVAL_MS = 2_000;

const PEERS_KEY = [PEERS_TOPIC, "list"] as const;
const BANS_KEY = [PEERS_TOPIC, "bans"] as const;

/** The nodes that this one is connected to; with their addresses where the admin key is known. */
export function usePeers() {
  const api = useApi();
  const { key, forget } = useAdminKey();
  return useQuery({
    queryKey: [...PEERS_KEY, key !== ""],
    queryFn: async ({ signal }) => {
      if (key === "") return api.peers({}, { signal });
      try {
        return await api.adminPeers({}, { signal, apiKey: key });
      } catch (error) {
        if (!isKeyRefused(error)) throw error;
        // Another node's key, or one that was taken back: what everybody may see is shown.
        forget();
        return api.peers({}, { signal });
      }
    },
    refetchInterval: LOOK_INTERVAL_MS,
    placeholderData: keepPreviousData,
  });
}

/** Who may not connect. For who has the key. */
export function useBans() {
  const api = useApi();
  const adminKey = useAdminKey();
  const { key, isKnown } = adminKey;
  const bans = useQuery({
    queryKey: BANS_KEY,
    queryFn: ({ signal }) => api.bans({}, { signal, apiKey: key }),
    enabled: isKnown,
    refetchInterval: LOOK_INTERVAL_MS,
  });
  useForgetRefused(bans.error, adminKey);
  return bans;
}

/** What is done to connections, with the admin key, which is asked for where it is not known. */
export function usePeerActions() {
  const api = useApi();
  const { run } = useAdminKey();
  const queries = useQueryClient();
  const renew = () => {
    void queries.invalidateQueries({ queryKey: PEERS_KEY });
    void queries.invalidateQueries({ queryKey: BANS_KEY });
  };
  const action = <Fields>(call: (fields: Fields, apiKey: string) => Promise<unknown>) => ({
    mutationFn: (fields: Fields) => run((apiKey) => call(fields, apiKey)),
    networkMode: "always" as const,
    onSettled: renew,
  });
  const connect = useMutation(
    action((fields: { readonly node: string; readonly keep: boolean }, apiKey) => api.connectPeer(fields, { apiKey })),
  );
  const disconnect = useMutation(
    action(async ({ peer, isForgotten }: { readonly peer: PeerView; readonly isForgotten: boolean }, apiKey) => {
      const address = peer.address ?? (isForgotten ? await addressOf(peer.id, apiKey) : null);
      // It may have been connected by hand once, and be kept by nobody.
      if (isForgotten && address !== null) await api.forgetPeer({ node: address }, { apiKey }).catch(() => {});
      await api.disconnectPeer({ id: peer.id }, { apiKey });
    }),
  );
  const ban = useMutation(
    action((fields: { readonly subnet: string; readonly seconds: number }, apiKey) => api.ban(fields, { apiKey })),
  );
  const lift = useMutation(action((fields: { readonly subnet: string }, apiKey) => api.unban(fields, { apiKey })));
  const addressOf = async (id: number, apiKey: string) =>
    (await api.adminPeers({}, { apiKey })).find((peer) => peer.id === id)?.address ?? null;
  return {
    connect,
    disconnect,
    ban,
    lift,
    /** Of a peer whose address is shown to who has the key alone. */
    askAddress: (id: number) => run((apiKey) => addressOf(id, apiKey)),
  };
}

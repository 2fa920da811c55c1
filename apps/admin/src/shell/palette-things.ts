import type { NetworkNodeView } from "@bitfleet/api/rest/network.ts";
import type { PeerView } from "@bitfleet/api/rest/peers.ts";
import { CHAIN_TOPIC, PEERS_TOPIC, useApi } from "@bitfleet/ui/api-provider.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { useAdminKey, useWalletKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { MINER_KEY } from "@bitfleet/ui/node-queries.ts";
import { matches } from "@bitfleet/ui/palette/matches.ts";
import { useQuery } from "@tanstack/react-query";
import { isMethodName } from "./palette-items.ts";
import type { PaletteTarget } from "./recent-places.ts";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.palette;
/** Of one kind, so that none pushes the others out of sight. */
const SHOWN_MAX = 6;
const STALE_AFTER_MS = 10_000;
/** Shorter ones would find half of everything. */
const TEXT_LENGTH_MIN = 2;

/** Something of this node, and not of the chain: found by its name. */
export interface PaletteThing {
  readonly kind: "peer" | "node" | "wallet" | "method";
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly target: PaletteTarget;
}

/**
 * Peers, nodes of this machine's network, wallets and methods of JSON-RPC whose names fit what is typed. What takes a key is found where
 * the key is known; what the node does not have, or does not tell, is not found.
 */
export function useThings(text: string): { readonly things: readonly PaletteThing[]; readonly isLoading: boolean } {
  const api = useApi();
  const { key: adminKey } = useAdminKey();
  const { key: walletKey } = useWalletKey();
  const isAsked = text.trim().length >= TEXT_LENGTH_MIN;
  const common = { enabled: isAsked, staleTime: STALE_AFTER_MS, retry: false };
  const peers = useQuery({
    ...common,
    queryKey: [PEERS_TOPIC, "palette", adminKey !== ""],
    queryFn: ({ signal }) =>
      adminKey === "" ? api.peers({}, { signal }) : api.adminPeers({}, { signal, apiKey: adminKey }),
  });
  const miner = useQuery({
    ...common,
    queryKey: MINER_KEY,
    queryFn: ({ signal }) => api.mining({}, { signal }),
  });
  const nodes = useQuery({
    ...common,
    // A node by itself has no network to tell of.
    enabled: isAsked && miner.data?.has_faucet === true,
    queryKey: [CHAIN_TOPIC, "palette", "nodes"],
    queryFn: async ({ signal }) => (await api.network({}, { signal })).nodes,
  });
  const wallets = useQuery({
    ...common,
    queryKey: [CHAIN_TOPIC, "palette", "wallets"],
    queryFn: ({ signal }) => api.wallets({}, { signal, apiKey: walletKey }),
    enabled: isAsked && walletKey !== "",
  });
  const methods = useQuery({
    ...common,
    // The console's list: the same as long as the node runs.
    queryKey: ["rpc-methods"],
    queryFn: ({ signal }) => api.rpcMethods({}, { signal }),
    enabled: isMethodName(text),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!isAsked) return { things: [], isLoading: false };
  const isLoading = [peers, nodes, wallets, methods].some((query) => query.isLoading);
  const nodeOfPort = new Map(nodes.data?.map((node) => [node.p2p_port, node.name]));
  const things = [
    ...firstOf(nodes.data, (node) => matches(text, `${node.name} ${texts.node}`)).map(nodeThing),
    ...firstOf(peers.data, (peer) => matches(text, wordsOfPeer(peer, nodeOfPort))).map((peer) =>
      peerThing(peer, nodeOfPort),
    ),
    ...firstOf(wallets.data, ({ name }) => matches(text, `${name} ${texts.wallet}`)).map(walletThing),
    ...(isMethodName(text)
      ? firstOf(methods.data, ({ name, category }) => category !== "hidden" && name.includes(text.trim())).map(
          ({ name, category }): PaletteThing => ({
            kind: "method",
            id: name,
            title: name,
            detail: texts.method(category),
            target: { to: "/console", search: { method: name } },
          }),
        )
      : []),
  ];
  return { things, isLoading };
}

function firstOf<One>(all: readonly One[] | undefined, isFound: (one: One) => boolean): readonly One[] {
  return (all ?? []).filter(isFound).slice(0, SHOWN_MAX);
}

function nodeThing({ name, role, height }: NetworkNodeView): PaletteThing {
  const detail = height === null ? role : texts.nodeAt(role, formatCount(height));
  return { kind: "node", id: name, title: name, detail, target: { to: "/network", search: { tab: "local" } } };
}

function walletThing({ name, is_loaded: isLoaded }: { readonly name: string; readonly is_loaded: boolean }) {
  return {
    kind: "wallet" as const,
    id: name,
    title: name === "" ? texts.unnamed : name,
    detail: isLoaded ? texts.wallet : texts.unloaded,
    // A wallet without a name has no page of its own.
    target: isLoaded && name !== "" ? { to: "/wallet/$name", params: { name } } : { to: "/wallet" },
  };
}

type NodeNames = ReadonlyMap<number | null, string>;

const nameOfPeer = ({ address }: PeerView, nodeOfPort: NodeNames): string | undefined =>
  nodeOfPort.get(Number(address?.slice(address.lastIndexOf(":") + 1) || Number.NaN));

const wordsOfPeer = (peer: PeerView, nodeOfPort: NodeNames): string =>
  [peer.address, peer.user_agent, nameOfPeer(peer, nodeOfPort), texts.peer, peer.direction].join(" ");

function peerThing(peer: PeerView, nodeOfPort: NodeNames): PaletteThing {
  return {
    kind: "peer",
    id: String(peer.id),
    title: nameOfPeer(peer, nodeOfPort) ?? peer.address ?? texts.peerOf(String(peer.id)),
    detail: [texts.peer, peer.user_agent].join(" · "),
    target: { to: "/network", search: { peer: peer.id } },
  };
}

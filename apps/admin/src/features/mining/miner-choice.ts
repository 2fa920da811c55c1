import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { useMiner, useNetwork } from "@bitfleet/ui/node-queries.ts";
import { useNavigate, useSearch } from "@tanstack/react-router";

/** Whose miner the page is about. */
export interface MinerChoice {
  /** Its name in the network; absent where the node is part of none. */
  readonly node: string | undefined;
  /** Whether that is another node than the one that serves the page: it is led through the network then. */
  readonly isOther: boolean;
}

/** What is chosen, as the address has it; `undefined` until it is known whether there are several nodes. */
export function useMinerChoice(): {
  readonly choice: MinerChoice | undefined;
  readonly network: NetworkStatus | undefined;
  readonly choose: (node: string) => void;
} {
  const { node } = useSearch({ strict: false }) as { readonly node?: string };
  const navigate = useNavigate();
  const miner = useMiner();
  const { data, error } = useNetwork({ isEnabled: miner.data?.has_network === true });
  const choose = (name: string) =>
    void navigate({ to: ".", search: ((old: object) => ({ ...old, node: name })) as never, replace: true });
  const network = data ?? undefined;
  const isAlone = miner.data !== undefined && !miner.data.has_network;
  const isKnown = isAlone || data !== undefined || error !== null || miner.error !== null;
  return { choice: isKnown ? minerChoiceOf(network, node) : undefined, network, choose };
}

/** The wanted node where there is one of that name; else the node itself if it is a miner, else the first miner. */
export function minerChoiceOf(
  network: Pick<NetworkStatus, "self" | "nodes"> | undefined,
  wanted: string | undefined,
): MinerChoice {
  if (network === undefined) return { node: undefined, isOther: false };
  const { self, nodes } = network;
  const named = nodes.find(({ name }) => name === wanted);
  const own = nodes.find(({ name, role }) => name === self && role === "miner");
  const node = (named ?? own ?? nodes.find(({ role }) => role === "miner"))?.name ?? self ?? undefined;
  return { node, isOther: node !== undefined && node !== self };
}

import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { type Connected, connect, normalizedUrl } from "../network/connect.ts";
import { factsOf } from "./follower.ts";
import type { SavedNetwork } from "./records.ts";
import type { NetworkFacts, NetworkPlace } from "./session.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import type { Stored } from "./stored-wallets.ts";
import { nameOf } from "./wallet-book.ts";

/** Networks that are tried before they are saved. */

/** What answers there. Rejects with why it is of no use. */
export async function factsAt(place: NetworkPlace, deps: SessionDependencies): Promise<NetworkFacts> {
  const { source, facts } = await tried(place, deps);
  return factsOf(facts, source, facts.tip);
}

/** The network to save for a place that answers. Rejects where wallets of it are of another one. */
export async function networkAt(
  place: NetworkPlace & { readonly name: string; readonly id?: string },
  { networks, wallets }: Pick<Stored, "networks" | "wallets">,
  newId: () => string,
  deps: SessionDependencies,
): Promise<SavedNetwork> {
  const name = nameOf(place.name, "the network");
  const { facts } = await tried(place, deps);
  const known = networks.find(({ id }) => id === place.id);
  const isUsed = wallets.some(({ networkId }) => networkId === known?.id);
  if (known !== undefined && isUsed && known.chain !== facts.chain)
    throw new Error(
      `The wallets of this network are of ${known.chain}, and the server is on ${facts.chain}. Save it as another network.`,
    );
  return {
    id: known?.id ?? newId(),
    name,
    url: normalizedUrl(place.url),
    apiKey: place.apiKey?.trim() ?? "",
    chain: facts.chain,
    // Of one that is known: whether its chain is still the same is found out when it is followed.
    firstBlock: known?.chain === facts.chain ? known.firstBlock : facts.firstBlock,
  };
}

async function tried({ url, apiKey }: NetworkPlace, deps: SessionDependencies): Promise<Connected> {
  const connected = await connect({ url, apiKey: apiKey?.trim() ?? "" }, deps, new AbortController().signal);
  const { chain } = connected.facts;
  if (networkByName(chain) === undefined) throw new Error(`This wallet does not know the network "${chain}".`);
  return connected;
}

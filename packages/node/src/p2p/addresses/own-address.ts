import { isRoutable } from "@bitfleet/protocol/wire/address-class.ts";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { type NetworkEndpoint, UNSPECIFIED_ADDRESS } from "@bitfleet/protocol/wire/network-address.ts";
import type { Logger, Random } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import { type LocalAddresses, LocalScore } from "./local-addresses.ts";
import type { NetworkFilter } from "./network-filter.ts";

/** The address as a peer sees it replaces the one that we know in one of so many cases: the surer of it we are, the less often. */
const SEEN_ONE_IN = 2;
const SEEN_ONE_IN_WHEN_SURE = 8;

export interface OwnAddressOptions {
  /** `-discover`: what peers say of our address may be used. */
  readonly discovers: boolean;
  /** Port on which we listen. */
  readonly port: number;
}

export interface OwnAddressDependencies {
  readonly localAddresses: Pick<LocalAddresses, "best" | "scoreOf">;
  readonly networks: Pick<NetworkFilter, "isReachable">;
  readonly random: Pick<Random, "unit">;
  readonly log: Logger;
}

/**
 * Our address as `peer` should tell it to others; `undefined` where it could reach none. Now and then, and always where we know of
 * none, it is the one under which the peer sees us, who may know better.
 */
export function ownAddressFor(
  peer: Peer,
  options: OwnAddressOptions,
  deps: OwnAddressDependencies,
): NetworkEndpoint | undefined {
  const theirs = peer.options.endpoint?.address ?? UNSPECIFIED_ADDRESS;
  const known = deps.localAddresses.best(theirs, peer.options.network);
  const seen = options.discovers && isRoutable(theirs) ? seenBy(peer, deps) : undefined;
  const isKnownGood = known !== undefined && isRoutable(known.address);
  const oneIn = isKnownGood && isSure(known, deps) ? SEEN_ONE_IN_WHEN_SURE : SEEN_ONE_IN;
  let own = known;
  if (seen !== undefined && (!isKnownGood || deps.random.unit() < 1 / oneIn)) {
    // Whom we called sees a port that the system made up.
    own = peer.isInbound ? seen : { address: seen.address, port: known?.port ?? options.port };
  }
  if (own === undefined || !isRoutable(own.address)) return undefined;
  deps.log.debug("net", `Advertising address ${formatEndpoint(own)} to peer=${peer.id}`);
  return own;
}

function seenBy({ ourEndpoint }: Peer, { networks }: OwnAddressDependencies): NetworkEndpoint | undefined {
  if (ourEndpoint === undefined) return undefined;
  const { address } = ourEndpoint;
  return isRoutable(address) && networks.isReachable(address.network) ? ourEndpoint : undefined;
}

/** The operator named it, and peers have confirmed it. */
function isSure({ address }: NetworkEndpoint, { localAddresses }: OwnAddressDependencies): boolean {
  return localAddresses.scoreOf(address) > LocalScore.MANUAL;
}

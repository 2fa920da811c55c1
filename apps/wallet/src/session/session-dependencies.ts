import { type Network, networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import type { Vault } from "@bitfleet/vault/vault.ts";
import type { Turns } from "@bitfleet/wallet/steps.ts";
import type { SourceDependencies } from "../network/server-place.ts";
import type { SavedNetwork } from "./records.ts";

/** What a session is given of the machine that it runs on. */
export interface SessionDependencies extends SourceDependencies {
  readonly vault: Vault;
  readonly secp256k1: Secp256k1;
  readonly nowMs: () => number;
  /** Bytes that nobody can foretell. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** How the page has its turn while something long is done. */
  readonly turns: Turns;
}

/** How addresses and keys of a network begin. Throws `Error` where it is none that is known. */
export function prefixesOf(network: Pick<SavedNetwork, "chain">): AddressPrefixes {
  return knownNetwork(network).addressPrefixes;
}

/** What blocks of a network must have; of any signet what those of the public one must. Throws `Error` where it is none that is known. */
export function paramsOf(network: Pick<SavedNetwork, "chain">): ConsensusParams {
  return knownNetwork(network).params;
}

function knownNetwork({ chain }: Pick<SavedNetwork, "chain">): Network {
  const network = networkByName(chain);
  if (network === undefined) throw new Error(`This wallet does not know the network "${chain}".`);
  return network;
}

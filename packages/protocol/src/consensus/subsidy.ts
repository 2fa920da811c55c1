import type { Sats } from "../primitives/types.ts";
import { COIN } from "./amount.ts";
import type { ConsensusParams } from "./params.ts";

const INITIAL_SUBSIDY: Sats = 50n * COIN;

/** From here on the subsidy counts as nothing: a 64-bit shift by as much has no defined result. */
const HALVINGS_MAX = 64;

/** New coins that the block at `height` may make: 50 BTC at first, halved and rounded down at every interval. */
export function blockSubsidy(height: number, params: Pick<ConsensusParams, "subsidyHalvingInterval">): Sats {
  const halvings = Math.floor(height / params.subsidyHalvingInterval);
  return halvings >= HALVINGS_MAX ? 0n : INITIAL_SUBSIDY >> BigInt(halvings);
}

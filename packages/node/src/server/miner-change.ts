import { MINING_INTERVAL_SECONDS_MAX } from "@bitfleet/api/rest/mining.ts";
import { type AddressPrefixes, decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { MINER_PACINGS, type Miner, type MinerPacing } from "../mining/miner.ts";

/** What a miner is to do, as people say it; what is left out stays. */
export interface WantedMining {
  readonly pacing?: string | undefined;
  readonly intervalSeconds?: number | undefined;
  readonly address?: string | undefined;
}

/** Why a miner cannot do what it is told. */
export interface MiningRefusal {
  readonly kind: "value" | "address";
  readonly reason: string;
}

/** Tells the miner what to do from now on, or answers why not and changes nothing. */
export function changeMining(
  miner: Pick<Miner, "status" | "configure">,
  wanted: WantedMining,
  prefixes: AddressPrefixes,
): MiningRefusal | undefined {
  const now = miner.status();
  const pacing = wanted.pacing === undefined ? now.pacing : pacingOf(wanted.pacing);
  if (pacing === undefined) {
    return { kind: "value", reason: `Unknown pacing '${wanted.pacing}': ${MINER_PACINGS.join(", ")} are known` };
  }
  const seconds = wanted.intervalSeconds;
  if (seconds !== undefined && !(seconds > 0 && seconds <= MINING_INTERVAL_SECONDS_MAX)) {
    const reason = `The interval must be above 0 and at most ${MINING_INTERVAL_SECONDS_MAX} seconds`;
    return { kind: "value", reason };
  }
  const decoded = wanted.address === undefined ? { script: now.script } : decodeAddress(wanted.address, prefixes);
  if ("error" in decoded) return { kind: "address", reason: decoded.error };
  const { script } = decoded;
  if (pacing !== "off" && now.lacksKey) {
    const reason = "This node cannot sign blocks of its signet: -signetblockkey would give it the key";
    return { kind: "value", reason };
  }
  if (pacing !== "off" && script === undefined) {
    return { kind: "value", reason: "An address is needed: where should the coins go?" };
  }
  miner.configure({ pacing, script, ...(seconds !== undefined && { intervalMs: seconds * 1000 }) });
  return undefined;
}

const pacingOf = (text: string): MinerPacing | undefined => MINER_PACINGS.find((name) => name === text);

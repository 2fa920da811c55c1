import type { BlockHeader } from "../primitives/block.ts";
import type { ChainLink } from "./chain-view.ts";
import { isActiveAt } from "./deployments.ts";
import { medianTimePast } from "./locktime.ts";
import type { BuriedDeployment, ConsensusParams } from "./params.ts";
import { checkProofOfWork, difficultyInterval, nextWorkRequired } from "./pow.ts";
import { type BlockReject, blockReject } from "./verdict.ts";

/** How far ahead of our clock a block's time may be. */
export const MAX_FUTURE_BLOCK_TIME_SECONDS = 2 * 60 * 60;

/** BIP94: how much earlier than the block before it a period's first block may be. */
export const MAX_TIMEWARP_SECONDS = 600;

/** BIP34, BIP66, BIP65: lowest version of a block once the rule is active. */
const VERSION_MINIMA: readonly (readonly [BuriedDeployment, number])[] = [
  ["bip34", 2],
  ["dersig", 3],
  ["cltv", 4],
];

/** All that can be said of a header without knowing its chain: that its hash meets the target it claims. */
export function checkBlockHeader(
  header: BlockHeader,
  params: Pick<ConsensusParams, "powLimit">,
): BlockReject | undefined {
  if (!checkProofOfWork(header.hash, header.bits, params)) {
    return blockReject("invalid-header", "high-hash", "proof of work failed");
  }
  return undefined;
}

/** Whether a header may follow `previous`: difficulty, time and version. `nowSeconds` is our clock; it may be fractional. */
export function contextualCheckBlockHeader(
  header: BlockHeader,
  previous: ChainLink,
  params: ConsensusParams,
  nowSeconds: number,
): BlockReject | undefined {
  if (header.bits !== nextWorkRequired(previous, header, params)) {
    return blockReject("invalid-header", "bad-diffbits", "incorrect proof of work");
  }
  return (
    checkTimeAgainstChain(header, previous, params) ??
    checkTimeAgainstClock(header, nowSeconds) ??
    checkVersion(header, previous.height + 1, params)
  );
}

function checkTimeAgainstChain(
  header: BlockHeader,
  previous: ChainLink,
  params: ConsensusParams,
): BlockReject | undefined {
  if (header.time <= medianTimePast(previous)) {
    return blockReject("invalid-header", "time-too-old", "block's timestamp is too early");
  }
  const beginsPeriod = (previous.height + 1) % difficultyInterval(params) === 0;
  if (params.enforceBip94 && beginsPeriod && header.time < previous.header.time - MAX_TIMEWARP_SECONDS) {
    const detail = "block's timestamp is too early on diff adjustment block";
    return blockReject("invalid-header", "time-timewarp-attack", detail);
  }
  return undefined;
}

function checkTimeAgainstClock(header: BlockHeader, nowSeconds: number): BlockReject | undefined {
  if (header.time > nowSeconds + MAX_FUTURE_BLOCK_TIME_SECONDS) {
    return blockReject("time-future", "time-too-new", "block timestamp too far in the future");
  }
  return undefined;
}

function checkVersion(header: BlockHeader, height: number, params: ConsensusParams): BlockReject | undefined {
  const isOutdated = VERSION_MINIMA.some(
    ([deployment, versionMin]) => header.version < versionMin && isActiveAt(deployment, height, params),
  );
  if (!isOutdated) return undefined;
  const version = `0x${(header.version >>> 0).toString(16).padStart(8, "0")}`;
  return blockReject("invalid-header", `bad-version(${version})`, `rejected nVersion=${version} block`);
}

import { ApiError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { FOUND_BLOCKS_DEFAULT, type MinerInfo, type MiningInfo } from "@bitfleet/api/rest/mining.ts";
import type { FastifyInstance } from "fastify";
import type { MinerStatus } from "../../mining/miner.ts";
import { foundBlocksOf } from "../found-block-view.ts";
import { changeMining } from "../miner-change.ts";
import type { NetworkControl } from "../network-control.ts";
import { asSentence } from "../web/envelope.ts";
import { runningNode } from "../web/web-state.ts";
import { foundBlockJson } from "./found-block-json.ts";
import { type RouteDependencies, route } from "./rest-route.ts";
import { callHandler } from "./rpc-bridge.ts";

/** Hashes that generatetoaddress tries where the caller does not say. */
const TRIES_DEFAULT = 1_000_000;

/** What getmininginfo answers, as far as it is used here. */
interface CoreMiningInfo extends Omit<MiningInfo, "next_difficulty" | "currentblockweight" | "currentblocktx"> {
  readonly currentblockweight: number | undefined;
  readonly currentblocktx: number | undefined;
  readonly next: { readonly difficulty: number };
}

export interface MiningRouteDependencies extends RouteDependencies {
  /** Absent where the node is by itself. */
  readonly network: Pick<NetworkControl, "hasFaucet"> | undefined;
}

/** What the miner of this node does, for everybody; telling it what to do, for who has an admin key. */
export function miningRoutes(app: FastifyInstance, deps: MiningRouteDependencies): void {
  const infoOf = (status: MinerStatus): MinerInfo => ({
    ...minerOf(status),
    has_network: deps.network !== undefined,
    has_faucet: deps.network?.hasFaucet() ?? false,
  });

  route(app, deps, "miningInfo", async () => {
    const { handlers, generator } = runningNode(deps.state);
    const info = (await callHandler(handlers, "getmininginfo", {})) as unknown as CoreMiningInfo;
    const { blocks, chain, difficulty, networkhashps, pooledtx, currentblockweight, currentblocktx, warnings } = info;
    return {
      ...{ blocks, chain, difficulty, networkhashps, pooledtx, warnings },
      next_difficulty: info.next.difficulty,
      currentblockweight: currentblockweight ?? null,
      currentblocktx: currentblocktx ?? null,
      min_feerate_sat_per_kvb: Number(generator.minFeerateSatPerKvb),
    };
  });

  route(app, deps, "generateToAddress", async (_params, _query, { address, nblocks, maxtries = TRIES_DEFAULT }) => {
    const { handlers } = runningNode(deps.state);
    // Bitcoin Core calls it an internal error when the chain refuses the block; nothing is wrong in the node then.
    const statuses = { [RpcErrorCode.INTERNAL_ERROR]: 422 };
    const made = await callHandler(handlers, "generatetoaddress", { nblocks, address, maxtries }, { statuses });
    const hashes = (made as readonly string[]).map(String);
    return { block_hashes: hashes, message: `${hashes.length} of ${nblocks} blocks were made.` };
  });

  route(app, deps, "mining", async () => infoOf(runningNode(deps.state).miner.status()));
  route(app, deps, "minedBlocks", async (_params, { limit = FOUND_BLOCKS_DEFAULT }) => {
    const { miner, chain } = runningNode(deps.state);
    return foundBlocksOf(miner, chain, limit).map(foundBlockJson);
  });
  route(app, deps, "setMining", async (_params, _query, { pacing, interval_seconds: intervalSeconds, address }) => {
    const { miner, chain } = runningNode(deps.state);
    const refusal = changeMining(miner, { pacing, intervalSeconds, address }, chain.network.addressPrefixes);
    if (refusal !== undefined) throw new ApiError(400, asSentence(refusal.reason));
    return infoOf(miner.status());
  });
}

function minerOf(status: MinerStatus): Omit<MinerInfo, "has_faucet" | "has_network"> {
  return {
    pacing: status.pacing,
    interval_seconds: status.intervalMs / 1000,
    miners: status.minerCount,
    hashes_per_second: Math.round(status.hashesPerSecond),
    found_blocks: status.foundCount,
    stale_blocks: status.staleCount,
    has_address: status.script !== undefined,
  };
}

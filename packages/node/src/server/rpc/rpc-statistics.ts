import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { BURIED_DEPLOYMENT_NAMES, isActive, scriptFlagsFor } from "@bitfleet/protocol/consensus/deployments.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { NEVER_ACTIVE, NO_TIMEOUT, type VersionBitsDeployment } from "@bitfleet/protocol/consensus/params.ts";
import {
  newVersionBitsCache,
  type VersionBitsInfo,
  versionBitsInfo,
} from "@bitfleet/protocol/consensus/version-bits.ts";
import { type BlockHash, displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { scriptFlagNames } from "@bitfleet/protocol/script/flags.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import { bitsText, blockOfHash, difficultyOf, parseHashParam, targetText } from "../chain-json.ts";
import { storedBlock, storedUndo } from "../stored-blocks.ts";
import { blockStats } from "./block-stats.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

const MONTH_SECONDS = 30 * 24 * 60 * 60;
/** Most that the coins database takes of -dbcache for its own cache; the coins cache has at least as much. */
const COINS_DB_CACHE_BYTES_MAX = 8 * 2 ** 20;
/** What stands for "no timeout" in 64 bits. */
const NO_TIMEOUT_INT64 = 2n ** 63n - 1n;

/** Calls that count and measure: blocks, the chain's growth, deployments. */
export function statisticsHandlers(deps: Pick<RpcDependencies, "chain">) {
  const { chain } = deps;
  const { params } = chain.network;
  const versionBits = newVersionBitsCache();

  return {
    getblockstats: async ({ hash_or_height: at, stats }) => {
      const entry = blockAtHeightOrHash(chain, at);
      const block = await storedBlock(chain, entry);
      const all = blockStats(entry, block, await storedUndo(chain, entry), params);
      if (stats === undefined || stats.length === 0) return all;
      const names = [...new Set(stats)].sort();
      const unknown = names.find((name) => !Object.hasOwn(all, name));
      if (unknown !== undefined) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Invalid selected statistic '${unknown}'`);
      }
      return Object.fromEntries(names.map((name) => [name, all[name]]));
    },

    getchaintxstats: ({ nblocks, blockhash }) => {
      const last = blockhash === undefined ? chain.tip : blockOfHash(chain, blockhash, "blockhash");
      if (!chain.isInActiveChain(last)) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Block is not in main chain");
      }
      const month = Math.floor(MONTH_SECONDS / params.targetSpacingSeconds);
      const count = nblocks ?? Math.max(0, Math.min(month, last.height - 1));
      if (count < 0 || (count > 0 && count >= last.height)) {
        const message = "Invalid block count: should be between 0 and the block's height - 1";
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      const first = last.ancestor(last.height - count)!;
      const seconds = medianTimePast(last) - medianTimePast(first);
      const transactions = last.chainTransactionCount - first.chainTransactionCount;
      return {
        time: last.header.time,
        txcount: last.chainTransactionCount,
        window_final_block_hash: displayHash(last.hash),
        window_final_block_height: last.height,
        window_block_count: count,
        window_interval: count > 0 ? seconds : undefined,
        window_tx_count: count > 0 ? transactions : undefined,
        txrate: count > 0 && seconds > 0 ? transactions / seconds : undefined,
      };
    },

    getdeploymentinfo: ({ blockhash }) => {
      const entry = blockhash === undefined ? chain.tip : blockOfHash(chain, blockhash, "blockhash");
      const deployments: Record<string, RpcValue> = {};
      for (const [name, shownName] of BURIED_DEPLOYMENT_NAMES) {
        const active = isActive(name, entry, params);
        deployments[shownName] = { type: "buried", active, height: params.activationHeights[name] };
      }
      for (const name of Object.keys(params.versionBits) as VersionBitsDeployment[]) {
        if (params.versionBits[name].startTime === NEVER_ACTIVE) continue;
        const info = versionBitsInfo(name, entry, params, versionBits);
        const isOn = info.activeSince !== undefined && info.activeSince <= entry.height + 1;
        const bip9 = bip9Json(params.versionBits[name], info);
        deployments[name] = { type: "bip9", height: info.activeSince, active: isOn, bip9 };
      }
      return {
        hash: displayHash(entry.hash),
        height: entry.height,
        script_flags: scriptFlagNames(scriptFlagsFor(entry, params)).sort(),
        deployments,
      };
    },

    getchainstates: () => {
      const { tip } = chain;
      const { bits } = tip.header;
      const { cacheBytes } = chain.coins;
      return {
        headers: chain.bestHeader.height,
        chainstates: [
          {
            blocks: tip.height,
            bestblockhash: displayHash(tip.hash),
            bits: bitsText(bits),
            target: targetText(bits),
            difficulty: difficultyOf(bits),
            verificationprogress: chain.verificationProgress(tip),
            coins_db_cache_bytes: Math.min(cacheBytes, COINS_DB_CACHE_BYTES_MAX),
            coins_tip_cache_bytes: cacheBytes,
            validated: true,
          },
        ],
      };
    },
  } satisfies Partial<RpcHandlers>;
}

function blockAtHeightOrHash(chain: Chain, at: number | string): BlockIndexEntry {
  if (typeof at === "string") {
    const entry = chain.find(parseHashParam<BlockHash>(at, "hash_or_height"));
    if (entry === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Block not found");
    return entry;
  }
  if (at < 0) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Target block height ${at} is negative`);
  const entry = chain.blockAt(at);
  if (entry !== undefined) return entry;
  const message = `Target block height ${at} after current tip ${chain.tip.height}`;
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
}

function bip9Json(
  rule: Chain["network"]["params"]["versionBits"][VersionBitsDeployment],
  info: VersionBitsInfo,
): Record<string, RpcValue> {
  const { statistics } = info;
  const isOpen = statistics !== undefined && (statistics.threshold > 0 || statistics.possible);
  return {
    bit: statistics && rule.bit,
    start_time: rule.startTime,
    timeout: rule.timeout === NO_TIMEOUT ? NO_TIMEOUT_INT64 : rule.timeout,
    min_activation_height: rule.minActivationHeight,
    status: info.state,
    since: info.since,
    status_next: info.nextState,
    statistics: statistics && {
      period: statistics.period,
      elapsed: statistics.elapsed,
      count: statistics.count,
      threshold: isOpen ? statistics.threshold : undefined,
      possible: isOpen ? statistics.possible : undefined,
    },
    signalling: statistics && info.signalling.map((signal) => (signal ? "#" : "-")).join(""),
  };
}

import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { foundBlocksOf } from "../found-block-view.ts";
import { changeMining } from "../miner-change.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Calls about the miner of this node, which Core has none of. */
export function minerHandlers({ chain, miner }: Pick<RpcDependencies, "chain" | "miner">) {
  const { addressPrefixes } = chain.network;

  const info = () => {
    const { pacing, intervalMs, script, minerCount, hashesPerSecond, foundCount, staleCount } = miner.status();
    return {
      pacing,
      interval: intervalMs / 1000,
      address: script && encodeAddress(script, addressPrefixes),
      miners: minerCount,
      hashespersec: Math.round(hashesPerSecond),
      found: foundCount,
      stale: staleCount,
    };
  };

  return {
    getminerinfo: ({ blocks }) => {
      const found = foundBlocksOf(miner, chain, blocks).map((block) => ({
        ...{ height: block.height, hash: block.hash, time: block.timeSeconds },
        ...{ reward: amountNumber(block.reward), fees: amountNumber(block.fees), txcount: block.transactionCount },
        ...{ active: block.isActive, instead: block.instead },
      }));
      return { ...info(), blocks: blocks > 0 ? found : undefined };
    },

    setminer: ({ pacing, interval, address }) => {
      const refusal = changeMining(miner, { pacing, intervalSeconds: interval, address }, addressPrefixes);
      if (refusal?.kind === "address") {
        throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Error: Invalid address");
      }
      if (refusal !== undefined) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, refusal.reason);
      return info();
    },
  } satisfies Partial<RpcHandlers>;
}

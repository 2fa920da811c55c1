import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { MINER_PACINGS } from "../mining/miner.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Longer, and no block ever comes. */
const INTERVAL_SECONDS_MAX = 1_000_000;

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

  const scriptOf = (address: string): Uint8Array => {
    const decoded = decodeAddress(address, addressPrefixes);
    if ("script" in decoded) return decoded.script;
    throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Error: Invalid address");
  };

  return {
    getminerinfo: info,

    setminer: ({ pacing: text, interval, address }) => {
      const pacing = MINER_PACINGS.find((name) => name === text);
      if (pacing === undefined) {
        const message = `Unknown pacing '${text}': ${MINER_PACINGS.join(", ")} are known`;
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      if (interval !== undefined && !(interval > 0 && interval <= INTERVAL_SECONDS_MAX)) {
        const message = `The interval must be above 0 and at most ${INTERVAL_SECONDS_MAX} seconds`;
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      const script = address === undefined ? miner.status().script : scriptOf(address);
      if (pacing !== "off" && script === undefined) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "An address is needed: where should the coins go?");
      }
      miner.configure({ pacing, script, ...(interval !== undefined && { intervalMs: interval * 1000 }) });
      return info();
    },
  } satisfies Partial<RpcHandlers>;
}

import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Chain } from "../chain/chain.ts";
import { ScriptPool } from "../chain/script-pool.ts";
import type { Clock, Logger } from "../ports.ts";
import { Mempool } from "./mempool.ts";
import { MEMPOOL_DEFAULTS, type MempoolOptions } from "./mempool-options.ts";

/** A mempool on `chain` for tests, with scripts checked on this thread. */
export function openTestMempool(
  chain: Chain,
  clock: Pick<Clock, "nowMs">,
  log: Logger,
  options: Partial<MempoolOptions> = {},
): Mempool {
  const pool = { threadCount: 0, preference: "portable" } as const;
  const scriptVerifier = new ScriptPool(pool, { secp256k1: portableSecp256k1, log });
  return new Mempool({ ...MEMPOOL_DEFAULTS, ...options }, { chain, scriptVerifier, clock, log });
}

/** Numbers below a bound that look random and are the same for the same seed (xorshift). */
export function seededRandom(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

import type { Chain } from "./chain/chain.ts";
import { systemRandom } from "./clock.ts";
import type { NodeConfig } from "./config/config.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { Mempool } from "./mempool/mempool.ts";
import { MempoolKeeper } from "./mempool/mempool-keeper.ts";
import type { Clock, Logger, ScriptVerifier } from "./ports.ts";

export interface MempoolParts {
  readonly chain: Chain;
  readonly scriptVerifier: ScriptVerifier;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A mempool, empty so far, that is written to its file at the end. */
export async function startMempool(
  config: NodeConfig,
  lifecycle: Lifecycle,
  parts: MempoolParts,
): Promise<{ readonly mempool: Mempool; readonly keeper: MempoolKeeper }> {
  const mempool = await lifecycle.start(
    "mempool",
    () => new Mempool(config.mempool, parts),
    (started) => started.close(),
  );
  const keeper = await lifecycle.start(
    "mempool file",
    () => new MempoolKeeper(config.mempoolFile, { ...parts, mempool, random: systemRandom }),
    (started) => started.stop(),
  );
  return { mempool, keeper };
}

/** Brings back the mempool of the last run, behind the start, and then does what is to be done with it. */
export function beginLoading(keeper: MempoolKeeper, lifecycle: Lifecycle, afterwards: () => Promise<void>): void {
  const load = async () => {
    await keeper.load();
    if (!lifecycle.signal.aborted) await afterwards();
  };
  load().catch((error) => lifecycle.fail(error));
}

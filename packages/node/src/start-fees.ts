import { join } from "node:path";
import type { Chain } from "./chain/chain.ts";
import type { SystemClock } from "./clock.ts";
import type { NodeConfig } from "./config/config.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { NodeFees } from "./mempool/fee-advice.ts";
import { FeeKeeper } from "./mempool/fee-keeper.ts";
import type { Mempool } from "./mempool/mempool.ts";
import type { Logger } from "./ports.ts";

export interface FeeParts {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly clock: SystemClock;
  readonly log: Logger;
}

/** Estimates fees from now on, except where transactions of peers are not taken: nothing could be learnt from the few of our own. */
export async function startFees(config: NodeConfig, lifecycle: Lifecycle, parts: FeeParts): Promise<NodeFees> {
  const { mempool, clock } = parts;
  const { acceptsStaleFile: acceptsStale, fallbackFeerateSatPerKvb } = config.fees;
  const path = join(config.networkDir, "fee_estimates.dat");
  const deps = { ...parts, scheduler: clock.scheduler, machineNowMs: () => Date.now() };
  const keeper = config.p2p.ignoresTransactions
    ? undefined
    : await lifecycle.start(
        "fee estimates",
        () => FeeKeeper.open({ path, acceptsStale }, deps),
        (started) => started.close(),
      );
  return { estimator: keeper?.estimator, mempool, fallbackFeerateSatPerKvb };
}

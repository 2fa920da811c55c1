import { feerateSatPerKvb } from "@bitfleet/protocol/policy/feerate.ts";
import type { Chain } from "../chain/chain.ts";
import type { Clock, JobScheduler, Logger } from "../ports.ts";
import type { MempoolEntry } from "./entry.ts";
import { FeeEstimator, type PricedTransaction } from "./fee-estimator.ts";
import { type FeeFileOptions, loadFeeRecord, saveFeeRecord } from "./fee-file.ts";
import type { Mempool } from "./mempool.ts";

export interface FeeKeeperDependencies {
  readonly chain: Pick<Chain, "bestHeader" | "events" | "isInitialBlockDownload" | "tip">;
  readonly mempool: Pick<Mempool, "events">;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly scheduler: JobScheduler;
  /** Milliseconds since 1970 on the machine, whatever a test pretends: the age of the file is counted from it. */
  readonly machineNowMs: () => number;
  readonly log: Logger;
}

const SAVE_PERIOD_MS = 60 * 60 * 1000;
/** A chain whose tip is older is not current. */
const TIP_AGE_SECONDS_MAX = 3 * 60 * 60;
/** A chain may lack the block of so many headers and be current. */
const MISSING_BLOCKS_MAX = 1;

/** Lets an estimator see what happens in mempool and chain, and keeps what it learns in its file. */
export class FeeKeeper {
  readonly estimator: FeeEstimator;
  readonly #path: string;
  readonly #deps: FeeKeeperDependencies;
  readonly #unfollow: readonly (() => void)[];
  /** Those that the block which is being connected took from the mempool. */
  #confirmed: PricedTransaction[] = [];
  #saving: Promise<void> = Promise.resolve();

  private constructor(path: string, estimator: FeeEstimator, deps: FeeKeeperDependencies) {
    this.#path = path;
    this.estimator = estimator;
    this.#deps = deps;
    const { chain, mempool, scheduler } = deps;
    this.#unfollow = [
      mempool.events.subscribe((event) => {
        if (event.type === "transaction-added") this.#added(event.entry, event.arrival === "alone");
        else if (event.reason === "block") this.#confirmed.push(pricedOf(event.entry));
        else estimator.transactionRemoved(event.entry.tx.txid);
      }),
      // The mempool follows the chain from before: what a block takes from it is known here.
      chain.events.subscribe(
        (event) => {
          if (event.type === "block-connected") this.#blockConnected(event.entry.height);
        },
        { name: "fee estimates", delivery: "inline" },
      ),
      scheduler.every(SAVE_PERIOD_MS, () => void this.save()),
    ];
  }

  /** Reads what the last run knew, and follows from now on. The mempool must follow the chain already. */
  static async open(options: FeeFileOptions, deps: FeeKeeperDependencies): Promise<FeeKeeper> {
    const record = await loadFeeRecord(options, { log: deps.log, nowMs: deps.machineNowMs });
    return new FeeKeeper(options.path, new FeeEstimator(deps.log, record), deps);
  }

  /** Writes what is known now. Calls come one after the other; resolves when this one is on disk, or has failed. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => saveFeeRecord(this.#path, this.estimator.record(), this.#deps.log));
    return this.#saving;
  }

  /** Follows no longer, and writes the file for the next run: what still waits has not been confirmed in this one. */
  async close(): Promise<void> {
    for (const end of this.#unfollow) end();
    const { clock, log } = this.#deps;
    const startMs = clock.monotonicMs();
    const count = this.estimator.giveUpWaiting();
    const seconds = (clock.monotonicMs() - startMs) / 1000;
    log.debug("estimatefee", `Recorded ${count} unconfirmed txs from mempool in ${seconds.toFixed(3)}s`);
    await this.save();
  }

  #added(entry: MempoolEntry, cameAlone: boolean): void {
    const isTelling = cameAlone && entry.parents.size === 0 && this.#isCurrent();
    this.estimator.transactionAdded({ ...pricedOf(entry), isTelling });
  }

  #blockConnected(height: number): void {
    const confirmed = this.#confirmed;
    this.#confirmed = [];
    this.estimator.blockConnected(height, confirmed);
  }

  /** Whether waits are counted from when transactions could have been mined. */
  #isCurrent(): boolean {
    const { chain, clock } = this.#deps;
    if (chain.isInitialBlockDownload) return false;
    if (chain.tip.header.time < Math.floor(clock.nowMs() / 1000) - TIP_AGE_SECONDS_MAX) return false;
    return chain.tip.height >= chain.bestHeader.height - MISSING_BLOCKS_MAX;
  }
}

function pricedOf({ tx, fee, virtualSize, height }: MempoolEntry): PricedTransaction {
  return { txid: tx.txid, height, feerateSatPerKvb: feerateSatPerKvb(fee, virtualSize) };
}

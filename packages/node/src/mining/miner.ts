import type { Chain } from "../chain/chain.ts";
import type { Clock, Logger, Random } from "../ports.ts";
import { type Generator, isGenerateRefusal } from "./generate.ts";

/** Hashes of one try; then the time in the header is renewed. */
const TRIES_PER_BLOCK = 1_000_000;
/** Longest wait between two blocks, as a multiple of the mean: an exponential wait is longer once in 3,000. */
const WAIT_MEANS_MAX = 8;
/** Pause after a block that the chain refused, so that a fault does not fill the log. */
const REFUSED_PAUSE_MS = 1000;

export interface MinerOptions {
  readonly pacing: "interval" | "continuous";
  /** Mean time between two blocks with pacing `interval`. */
  readonly intervalMs: number;
  /** Where mined coins go. */
  readonly script: Uint8Array;
}

export interface MinerDependencies {
  readonly chain: Pick<Chain, "tip" | "events">;
  readonly generator: Pick<Generator, "generate">;
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
  readonly log: Logger;
}

/**
 * Makes a block now and then. With `interval` the waits are exponential with the given mean, as blocks of a real network
 * come: however many miners share a chain, a wait starts anew with every tip, so the tip that another found counts.
 */
export class Miner {
  readonly #options: MinerOptions;
  readonly #deps: MinerDependencies;
  #isStopped = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(options: MinerOptions, deps: MinerDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  start(): void {
    const { chain, log } = this.#deps;
    this.#unsubscribe = chain.events.subscribe(
      (event) => {
        if (event.type === "tip-changed") this.#wake?.();
      },
      { name: "miner" },
    );
    this.#running = this.#run().catch((error) => log.error("The miner stopped", { error: String(error) }));
  }

  /** Resolves when nothing is being mined any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unsubscribe?.();
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log } = this.#deps;
    while (!this.#isStopped) {
      if (this.#options.pacing === "interval" && !(await this.#waitedUndisturbed())) continue;
      const result = await this.#deps.generator.generate(this.#options.script, 1, TRIES_PER_BLOCK);
      if (isGenerateRefusal(result)) {
        log.warn("Mined block refused", { reason: result.reason });
        await this.#wait(REFUSED_PAUSE_MS);
      }
    }
  }

  /** True where the whole wait passed; false where the tip changed or the miner is stopped meanwhile. */
  async #waitedUndisturbed(): Promise<boolean> {
    const mean = this.#options.intervalMs;
    const means = Math.min(-Math.log(1 - this.#deps.random.unit()), WAIT_MEANS_MAX);
    const tip = this.#deps.chain.tip;
    await this.#wait(mean * means);
    return !this.#isStopped && this.#deps.chain.tip === tip;
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#deps.clock.after(delayMs, done);
      this.#wake = done;
    });
  }
}

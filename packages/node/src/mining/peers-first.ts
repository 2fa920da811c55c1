import type { Chain } from "../chain/chain.ts";
import type { Clock, Logger } from "../ports.ts";

/** How often it is looked whether there is news; a miner begins that much later than it could. */
const POLL_MS = 50;

export interface PeersFirstOptions {
  /** So long without news from peers, a miner begins without them; 0 begins at once. */
  readonly quietMsMax: number;
}

export interface PeersFirstDependencies {
  readonly chain: Pick<Chain, "tip" | "bestHeader">;
  /** Whether a peer has told of all headers that it has. */
  readonly hasHeardPeer: () => boolean;
  readonly clock: Pick<Clock, "monotonicMs" | "after">;
  readonly log: Logger;
}

/**
 * Holds a miner back after the start until it knows what its peers know: what it mined on the tip of its last run would be stale. It is
 * never held for ever: where nothing comes for a while (all miners start at once, the peers are gone, or they tell of blocks that they do
 * not give) it begins with what there is. See docs/adr/0010-miners-hear-their-peers-first.md.
 */
export class PeersFirst {
  readonly #options: PeersFirstOptions;
  readonly #deps: PeersFirstDependencies;
  /** What was known when there was news last, and when that was. */
  #known = "";
  #newsMs: number;
  #isOpen: boolean;
  #isTold = false;

  constructor(options: PeersFirstOptions, deps: PeersFirstDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#newsMs = deps.clock.monotonicMs();
    this.#isOpen = options.quietMsMax === 0;
  }

  /** True once mining may begin, and for good; false where `signal` was aborted before. */
  async wait(signal: AbortSignal): Promise<boolean> {
    if (!this.#isOpen && !this.#isTold) this.#deps.log.info("Waiting for what peers know before mining");
    this.#isTold = true;
    while (!this.#isOpen && !signal.aborted) {
      this.#look();
      if (!this.#isOpen) await this.#pause(signal);
    }
    return this.#isOpen;
  }

  #look(): void {
    const { chain, hasHeardPeer, clock, log } = this.#deps;
    const hasHeard = hasHeardPeer();
    const isBehind = chain.bestHeader.chainwork > chain.tip.chainwork;
    const nowMs = clock.monotonicMs();
    const known = `${hasHeard} ${chain.bestHeader.chainwork} ${chain.tip.chainwork}`;
    if (known !== this.#known) {
      this.#known = known;
      this.#newsMs = nowMs;
    }
    if (hasHeard && !isBehind) {
      this.#isOpen = true;
    } else if (nowMs - this.#newsMs >= this.#options.quietMsMax) {
      this.#isOpen = true;
      const why = hasHeard ? "the blocks that peers told of do not come" : "no peer answers";
      log.warn(`Mining begins without peers: ${why}`, { height: chain.tip.height, headers: chain.bestHeader.height });
    }
  }

  #pause(signal: AbortSignal): Promise<void> {
    return new Promise((resume) => {
      const end = () => {
        cancel();
        signal.removeEventListener("abort", end);
        resume();
      };
      const cancel = this.#deps.clock.after(POLL_MS, end);
      signal.addEventListener("abort", end);
    });
  }
}

import type { Clock, Logger } from "../../ports.ts";
import { type BucketRequest, tightest, type Verdict } from "./token-buckets.ts";

/** Commands that wait for an answer at a time; more are not sent: a store that is so slow is no help. */
const IN_FLIGHT_MAX = 1_000;
/** How often a store that failed is asked whether it is back. */
export const PROBE_MS = 1_000;
/** A bucket of its own for that: answering a ping would not say whether the script runs. */
const PROBE: BucketRequest = { id: "probe", policy: { capacity: 10, refillPerSecond: 10 } };

/** A store that several web servers share. Every command ends, one way or the other, within a bounded time. */
export interface BucketStore {
  /** Takes a token from each, or from none where one is empty. Answers whether it did, and the tokens left in each. */
  take(
    requests: readonly BucketRequest[],
  ): Promise<{ readonly isAllowed: boolean; readonly tokens: readonly number[] }>;
  /** Ends the connection, also one that cannot be made. */
  close(): void;
}

/**
 * Token buckets in a shared store that may go and come back. While it is away nobody waits for it: `undefined` is the answer, at
 * once, and what follows from that is the caller's to decide.
 */
export class SharedBuckets {
  readonly #deps: { readonly store: BucketStore; readonly clock: Clock; readonly log: Logger };
  #isUp = false;
  #sinceMs = Date.now();
  #inFlightCount = 0;
  /** Counts failures: what was sent before the last one says nothing of the store as it is now. */
  #epoch = 0;
  #cancelProbe: (() => void) | undefined;

  constructor(deps: { readonly store: BucketStore; readonly clock: Clock; readonly log: Logger }) {
    this.#deps = deps;
  }

  /** Asks for the first time. Resolves when the store has answered, or has not in the time that a command has. */
  async start(): Promise<void> {
    await this.#probe();
    if (!this.#isUp)
      this.#deps.log.warn(
        "Redis does not answer; limits are each web server's own, or what -webredisfailure says, until it does",
      );
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** When it last came or went, in real milliseconds since 1970. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** A promise of the verdict, or of `undefined` where the store fails; `undefined` itself where it is known to be away. Never rejects. */
  takeAll(requests: readonly BucketRequest[]): Promise<Verdict | undefined> | undefined {
    if (!this.#isUp || this.#inFlightCount >= IN_FLIGHT_MAX) return undefined;
    return this.#ask(requests);
  }

  close(): void {
    this.#isUp = false;
    this.#cancelProbe?.();
    this.#cancelProbe = undefined;
    this.#epoch++;
    this.#deps.store.close();
  }

  async #ask(requests: readonly BucketRequest[]): Promise<Verdict | undefined> {
    const epoch = this.#epoch;
    this.#inFlightCount++;
    try {
      const { isAllowed, tokens } = await this.#deps.store.take(requests);
      return tightest(requests, tokens, isAllowed);
    } catch (error) {
      if (epoch === this.#epoch) this.#failed(error as Error);
      return undefined;
    } finally {
      this.#inFlightCount--;
    }
  }

  #failed(error: Error): void {
    this.#epoch++;
    this.#deps.log.warn("Redis failed", { reason: error.message });
    this.#isUp = false;
    this.#sinceMs = Date.now();
    this.#probeLater();
  }

  #probeLater(): void {
    this.#cancelProbe?.();
    this.#cancelProbe = this.#deps.clock.after(PROBE_MS, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    const epoch = this.#epoch;
    try {
      await this.#deps.store.take([PROBE]);
      if (epoch !== this.#epoch) return;
      this.#isUp = true;
      this.#sinceMs = Date.now();
      this.#deps.log.info("Redis answers: limits are shared");
    } catch {
      if (epoch === this.#epoch) this.#probeLater();
    }
  }
}

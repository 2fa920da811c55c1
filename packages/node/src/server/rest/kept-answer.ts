import type { Mempool } from "../../mempool/mempool.ts";
import type { Clock } from "../../ports.ts";

/** However often it is asked for and whatever comes meanwhile, all that waits is looked through no more often. */
const AGE_MS_MAX = 1000;

interface Kept<Answer> {
  readonly changeCount: number;
  readonly madeMs: number;
  readonly answer: Promise<Answer>;
}

/** What is worked out of the whole mempool: made when asked for, and kept while nothing changes, or for a second. */
export class KeptAnswer<Answer> {
  readonly #mempool: Pick<Mempool, "changeCount">;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #make: () => Promise<Answer>;
  #kept: Kept<Answer> | undefined;

  constructor(mempool: Pick<Mempool, "changeCount">, clock: Pick<Clock, "monotonicMs">, make: () => Promise<Answer>) {
    this.#mempool = mempool;
    this.#clock = clock;
    this.#make = make;
  }

  get(): Promise<Answer> {
    const kept = this.#kept;
    const { changeCount } = this.#mempool;
    const nowMs = this.#clock.monotonicMs();
    if (kept !== undefined && (kept.changeCount === changeCount || nowMs - kept.madeMs < AGE_MS_MAX))
      return kept.answer;
    const answer = this.#make();
    this.#kept = { changeCount, madeMs: nowMs, answer };
    return answer;
  }
}

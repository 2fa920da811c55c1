import {
  HISTORY_INTERVAL_SECONDS,
  HISTORY_POINTS_MAX,
  HISTORY_SAMPLES_MAX,
  type MempoolHistory,
} from "@bitfleet/api/rest/mempool.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { MempoolEvent } from "../../mempool/mempool-events.ts";
import type { Clock } from "../../ports.ts";

/** The mempool over time. */

type Source = Pick<Mempool, "events" | "size" | "virtualSize" | "usageBytes" | "totalFee">;

interface Totals {
  readonly count: number;
  readonly virtualSize: number;
  readonly usageBytes: number;
  readonly fee: number;
}

interface Sample extends Totals {
  readonly seconds: number;
  readonly addedCount: number;
  readonly addedVirtualSize: number;
}

/**
 * Samples of the mempool, {@link HISTORY_INTERVAL_SECONDS} apart. It changes by events alone: what it was at the moments between two of
 * them is noted when the later one comes, or when somebody asks, so that no timer runs.
 */
export class MempoolSamples {
  readonly #mempool: Source;
  readonly #clock: Pick<Clock, "monotonicMs">;
  /** Of the wall when the monotonic clock was 0: a clock that is set or mocked later moves no sample. */
  readonly #epochSeconds: number;
  /** The newest {@link HISTORY_SAMPLES_MAX}, from the oldest at {@link #oldest} round. */
  readonly #ring: Sample[] = [];
  #oldest = 0;
  #nextSeconds: number;
  #last: Totals;
  #addedCount = 0;
  #addedVirtualSize = 0;

  constructor(mempool: Source, clock: Pick<Clock, "monotonicMs" | "nowMs">) {
    this.#mempool = mempool;
    this.#clock = clock;
    this.#epochSeconds = (clock.nowMs() - clock.monotonicMs()) / 1000;
    this.#last = totalsOf(mempool);
    this.#nextSeconds = Math.ceil(this.#nowSeconds() / HISTORY_INTERVAL_SECONDS) * HISTORY_INTERVAL_SECONDS;
    mempool.events.subscribe((event) => this.#take(event));
  }

  /** The last `seconds`, in at most {@link HISTORY_POINTS_MAX} points. */
  history(seconds: number): MempoolHistory {
    this.#fill();
    const samples = this.#newest(Math.ceil(seconds / HISTORY_INTERVAL_SECONDS));
    const step = Math.max(1, Math.ceil(samples.length / HISTORY_POINTS_MAX));
    const points = thinned(samples, step);
    return {
      interval_seconds: step * HISTORY_INTERVAL_SECONDS,
      times: points.map((point) => point.seconds),
      transaction_counts: points.map((point) => point.count),
      virtual_sizes: points.map((point) => point.virtualSize),
      usage_bytes: points.map((point) => point.usageBytes),
      total_fees: points.map((point) => point.fee),
      added_counts: points.map((point) => point.addedCount),
      added_virtual_sizes: points.map((point) => point.addedVirtualSize),
    };
  }

  #nowSeconds(): number {
    return this.#epochSeconds + this.#clock.monotonicMs() / 1000;
  }

  #take(event: MempoolEvent): void {
    this.#fill();
    if (event.type === "transaction-added") {
      this.#addedCount++;
      this.#addedVirtualSize += event.entry.virtualSize;
    }
    this.#last = totalsOf(this.#mempool);
  }

  /** Notes the moments that have passed, at all of which the mempool was as the last event left it. */
  #fill(): void {
    const now = this.#nowSeconds();
    // After a long rest only what is kept is worth noting.
    const skipped = Math.floor((now - this.#nextSeconds) / HISTORY_INTERVAL_SECONDS) - HISTORY_SAMPLES_MAX;
    if (skipped > 0) this.#nextSeconds += skipped * HISTORY_INTERVAL_SECONDS;
    for (; this.#nextSeconds <= now; this.#nextSeconds += HISTORY_INTERVAL_SECONDS) {
      const added = { addedCount: this.#addedCount, addedVirtualSize: this.#addedVirtualSize };
      this.#keep({ ...this.#last, ...added, seconds: this.#nextSeconds });
      this.#addedCount = 0;
      this.#addedVirtualSize = 0;
    }
  }

  #keep(sample: Sample): void {
    if (this.#ring.length < HISTORY_SAMPLES_MAX) this.#ring.push(sample);
    else {
      this.#ring[this.#oldest] = sample;
      this.#oldest = (this.#oldest + 1) % HISTORY_SAMPLES_MAX;
    }
  }

  #newest(count: number): readonly Sample[] {
    const ordered = [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
    return ordered.slice(-count);
  }
}

function totalsOf({ size, virtualSize, usageBytes, totalFee }: Source): Totals {
  return { count: size, virtualSize, usageBytes, fee: Number(totalFee) };
}

/** Every `step`th of the samples, the last among them, with what came since the one before. */
function thinned(samples: readonly Sample[], step: number): readonly Sample[] {
  if (step === 1) return samples;
  const points: Sample[] = [];
  for (let end = samples.length; end > 0; end -= step) {
    const part = samples.slice(Math.max(0, end - step), end);
    const addedCount = part.reduce((sum, sample) => sum + sample.addedCount, 0);
    const addedVirtualSize = part.reduce((sum, sample) => sum + sample.addedVirtualSize, 0);
    points.unshift({ ...part.at(-1)!, addedCount, addedVirtualSize });
  }
  return points;
}

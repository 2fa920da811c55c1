import type { HashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { KvBatch, KvReader } from "../ports.ts";
import { addressTotalsKey } from "../storage/keyspace.ts";
import { type AddressTotals, decodeTotals, encodeTotals, NO_TOTALS } from "./address-records.ts";

/** Totals kept between two batches: some 300 bytes each. */
const KEPT_TOTALS_MAX = 20_000;

/**
 * The totals of the scripts that the batch in work touches, and of some that came before. They go to the batch once, when it is
 * complete, however many of its blocks touched a script.
 */
export class AddressTotalsCache {
  readonly #store: Pick<KvReader, "getMany">;
  readonly #totals = new Map<HashKey, AddressTotals>();
  readonly #changed = new Set<HashKey>();

  constructor(store: Pick<KvReader, "getMany">) {
    this.#store = store;
  }

  /** Fetches what {@link change} will be asked for. Rejects with `StorageError` or `DecodeError`. */
  async fetch(scripts: Iterable<HashKey>): Promise<void> {
    // What was changed is in the batch, and is on disk no sooner than that: nothing is changed only behind a write.
    if (this.#changed.size === 0) this.#forgetOldest();
    const missing = [...new Set(scripts)].filter((script) => !this.#totals.has(script));
    const stored = await this.#store.getMany(missing.map(addressTotalsKey));
    missing.forEach((script, index) => {
      const value = stored[index];
      this.#totals.set(script, value === undefined ? { ...NO_TOTALS } : decodeTotals(value));
    });
  }

  /** The totals of a script that was fetched, to be changed by the caller. */
  change(script: HashKey): AddressTotals {
    this.#changed.add(script);
    return this.#totals.get(script)!;
  }

  /** Adds to the batch what was changed since the last call. */
  writeTo(batch: KvBatch): void {
    for (const script of this.#changed) {
      const totals = this.#totals.get(script)!;
      if (totals.transactionCount === 0) batch.delete(addressTotalsKey(script));
      else batch.put(addressTotalsKey(script), encodeTotals(totals));
    }
    this.#changed.clear();
  }

  #forgetOldest(): void {
    for (const script of this.#totals.keys()) {
      if (this.#totals.size <= KEPT_TOTALS_MAX) return;
      this.#totals.delete(script);
    }
  }
}

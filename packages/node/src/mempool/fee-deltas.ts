import { type HashKey, hashFromKey, hashKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";

/** What the operator adds to the fees of transactions, whether they are in the mempool or not. */
export class FeeDeltas {
  readonly #deltas = new Map<HashKey, Sats>();

  get(txid: Txid): Sats {
    return this.#deltas.get(hashKey(txid)) ?? 0n;
  }

  /** Adds `delta` to what was said before; the sum, which stays at the end of the range of 64 bits where it would leave it. */
  add(txid: Txid, delta: Sats): Sats {
    const key = hashKey(txid);
    const sum = within64Bits((this.#deltas.get(key) ?? 0n) + delta);
    if (sum === 0n) this.#deltas.delete(key);
    else this.#deltas.set(key, sum);
    return sum;
  }

  delete(txid: Txid): void {
    this.#deltas.delete(hashKey(txid));
  }

  entries(): readonly { readonly txid: Txid; readonly delta: Sats }[] {
    return [...this.#deltas].map(([key, delta]) => ({ txid: hashFromKey<Txid>(key), delta }));
  }
}

const SUM_MAX = 2n ** 63n - 1n;
const SUM_MIN = -(2n ** 63n);

function within64Bits(sum: Sats): Sats {
  if (sum > SUM_MAX) return SUM_MAX;
  return sum < SUM_MIN ? SUM_MIN : sum;
}

import type { HashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { WalletTransaction } from "./wallet-transaction.ts";

/** Transaction records by txid, and in the order of their positions. New ones mostly come last. */
export class OrderedTransactions {
  readonly #records = new Map<HashKey, WalletTransaction>();
  /** Positions, lowest first, and whose they are. */
  readonly #positions: number[] = [];
  readonly #keys: HashKey[] = [];

  get size(): number {
    return this.#records.size;
  }

  /** One above the greatest position. */
  get nextPosition(): number {
    return (this.#positions.at(-1) ?? -1) + 1;
  }

  get(key: HashKey): WalletTransaction | undefined {
    return this.#records.get(key);
  }

  /** Lowest position first. */
  *[Symbol.iterator](): Iterator<WalletTransaction> {
    for (const key of this.#keys) yield this.#records.get(key)!;
  }

  put(key: HashKey, record: WalletTransaction): void {
    const known = this.#records.get(key);
    this.#records.set(key, record);
    if (known?.orderPosition === record.orderPosition) return;
    if (known !== undefined) this.#forget(known.orderPosition);
    const at = this.#firstFrom(record.orderPosition);
    this.#positions.splice(at, 0, record.orderPosition);
    this.#keys.splice(at, 0, key);
  }

  delete(key: HashKey): void {
    const known = this.#records.get(key);
    if (known === undefined) return;
    this.#records.delete(key);
    this.#forget(known.orderPosition);
  }

  /** At most `limit` records with positions under `before`, highest first. */
  newest(before: number | undefined, limit: number): WalletTransaction[] {
    const end = before === undefined ? this.#keys.length : this.#firstFrom(before);
    return this.#keys
      .slice(Math.max(0, end - limit), end)
      .reverse()
      .map((key) => this.#records.get(key)!);
  }

  #forget(position: number): void {
    const at = this.#firstFrom(position);
    this.#positions.splice(at, 1);
    this.#keys.splice(at, 1);
  }

  /** Where the first position of at least `position` stands. */
  #firstFrom(position: number): number {
    let low = 0;
    let high = this.#positions.length;
    if (high === 0 || this.#positions[high - 1]! < position) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#positions[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

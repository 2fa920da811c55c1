import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";

/** Transactions that the mempool refused or replaced a short time ago: the newest few, for compact blocks that have them. */
export class ExtraTransactions {
  readonly #countMax: number;
  readonly #transactions: Transaction[] = [];
  /** The place of the oldest, once all are taken. */
  #next = 0;

  /** `countMax`: `-blockreconstructionextratxn`; 0 keeps none. */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  note(tx: Transaction): void {
    if (this.#countMax === 0) return;
    this.#transactions[this.#next] = tx;
    this.#next = (this.#next + 1) % this.#countMax;
  }

  all(): readonly Transaction[] {
    return this.#transactions;
  }
}

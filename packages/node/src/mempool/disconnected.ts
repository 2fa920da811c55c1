import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";

/** Bytes of transactions that wait to come back. More than a few blocks are better downloaded again than kept. */
export const WAITING_BYTES_MAX = 20_000_000;

/** Transactions of blocks that were disconnected, until the chain stands still again. */
export class DisconnectedTransactions {
  /** The last of the chain first: against the order in which they are to come back. */
  readonly #waiting = new Map<HashKey, Transaction>();
  #bytes = 0;
  #hasAny = false;

  /** Whether no block was disconnected since the last {@link take}. */
  get isEmpty(): boolean {
    return !this.#hasAny;
  }

  /**
   * Keeps the transactions of a block, which was the tip. Answers those for which there is no room, the last of the chain
   * first: they are lost, and who spends them has to go.
   */
  disconnected({ transactions }: Block): readonly Transaction[] {
    this.#hasAny = true;
    for (const tx of [...transactions].reverse()) {
      this.#waiting.set(hashKey(tx.txid), tx);
      this.#bytes += tx.size;
    }
    const lost: Transaction[] = [];
    for (const [key, tx] of this.#waiting) {
      if (this.#bytes <= WAITING_BYTES_MAX) break;
      this.#drop(key, tx);
      lost.push(tx);
    }
    return lost;
  }

  /** The chain has got so much shorter that nothing of this block, which was the tip, is to come back. Answers what is lost. */
  givenUp({ transactions }: Block): readonly Transaction[] {
    this.#hasAny = true;
    return transactions;
  }

  /** A block of the new branch has some of them. */
  connected({ transactions }: Block): void {
    if (this.#waiting.size === 0) return;
    for (const { txid } of transactions) {
      const key = hashKey(txid);
      const tx = this.#waiting.get(key);
      if (tx !== undefined) this.#drop(key, tx);
    }
  }

  /** Transactions to try again, in the order of the chain, coinbases among them: those who spend them have to go. */
  take(): readonly Transaction[] {
    const transactions = [...this.#waiting.values()].reverse();
    this.#waiting.clear();
    this.#bytes = 0;
    this.#hasAny = false;
    return transactions;
  }

  #drop(key: HashKey, tx: Transaction): void {
    this.#waiting.delete(key);
    this.#bytes -= tx.size;
  }
}

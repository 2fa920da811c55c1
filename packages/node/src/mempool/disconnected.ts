import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";

/** Bytes of transactions that wait to come back. More than a few blocks are better downloaded again than kept. */
const WAITING_BYTES_MAX = 20_000_000;

/** What a reorganisation leaves behind. */
export interface Returning {
  /** Transactions to try again, in the order of the chain, coinbases among them: those who spend them have to go. */
  readonly transactions: readonly Transaction[];
  /** Those for which there was no room: lost, with those who spend them. */
  readonly lost: readonly Transaction[];
}

/** Transactions of blocks that were disconnected, until the chain stands still again. */
export class DisconnectedTransactions {
  /** The block that was disconnected last, which is the lowest, at the end. */
  readonly #blocks: Map<HashKey, Transaction>[] = [];
  readonly #lost: Transaction[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#blocks.length === 0 && this.#lost.length === 0;
  }

  disconnected({ transactions }: Block): void {
    this.#blocks.push(new Map(transactions.map((tx) => [hashKey(tx.txid), tx])));
    for (const { size } of transactions) this.#bytes += size;
    while (this.#bytes > WAITING_BYTES_MAX && this.#blocks.length > 1) {
      for (const tx of this.#blocks.shift()!.values()) this.#lose(tx);
    }
  }

  /** A block of the new branch has some of them. */
  connected({ transactions }: Block): void {
    for (const { txid } of transactions) {
      const key = hashKey(txid);
      for (const waiting of this.#blocks) {
        const tx = waiting.get(key);
        if (tx === undefined) continue;
        waiting.delete(key);
        this.#bytes -= tx.size;
      }
    }
  }

  take(): Returning {
    const transactions = this.#blocks.reverse().flatMap((waiting) => [...waiting.values()]);
    const lost = [...this.#lost];
    this.#blocks.length = 0;
    this.#lost.length = 0;
    this.#bytes = 0;
    return { transactions, lost };
  }

  #lose(tx: Transaction): void {
    this.#lost.push(tx);
    this.#bytes -= tx.size;
  }
}

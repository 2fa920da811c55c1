import { displayHash, type HashKey, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { Logger } from "../ports.ts";

/**
 * Transactions of the mempool that came from this node's own users, and that no peer has asked for: nobody else may know them.
 * Never more than the mempool has.
 */
export class UnbroadcastSet {
  readonly #log: Pick<Logger, "debug">;
  readonly #txids = new Map<HashKey, Txid>();

  constructor(log: Pick<Logger, "debug">) {
    this.#log = log;
  }

  get size(): number {
    return this.#txids.size;
  }

  has(txid: Txid): boolean {
    return this.#txids.has(hashKey(txid));
  }

  /** In the order in which they came. */
  txids(): readonly Txid[] {
    return [...this.#txids.values()];
  }

  /** A user sent a transaction, which is in the mempool. */
  add(txid: Txid): void {
    this.#txids.set(hashKey(txid), txid);
  }

  /** A peer asked for it and got it. */
  delivered(txid: Txid): void {
    this.#delete(txid, "");
  }

  /** It left the mempool. */
  left(txid: Txid): void {
    this.#delete(txid, " before confirmation that txn was sent out");
  }

  #delete(txid: Txid, ending: string): void {
    if (!this.#txids.delete(hashKey(txid))) return;
    this.#log.debug("mempool", `Removed ${displayHash(txid)} from set of unbroadcast txns${ending}`);
  }
}

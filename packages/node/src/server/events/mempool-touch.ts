import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEvent } from "../../mempool/mempool-events.ts";
import { type TouchedScript, touchedScripts } from "./touched-scripts.ts";

/** Transactions whose scripts are remembered until they leave; of more than that the oldest are forgotten. */
const REMEMBERED_MAX = 50_000;

/** Which scripts the transactions of the mempool touch. It knows when they come; when they leave, the coins that they spent may be gone. */
export class MempoolTouch {
  readonly #remembered = new Map<HashKey, readonly TouchedScript[]>();

  /** Of one that came before this was asked, or is forgotten, what it spent is left out when it leaves. */
  of(event: MempoolEvent): readonly TouchedScript[] {
    const { tx } = event.entry;
    const key = hashKey(tx.txid);
    if (event.type === "transaction-removed") {
      const remembered = this.#remembered.get(key);
      this.#remembered.delete(key);
      return remembered ?? touchedScripts(tx, []);
    }
    const touched = touchedScripts(tx, event.spentOutputs);
    this.#remembered.set(key, touched);
    if (this.#remembered.size > REMEMBERED_MAX) {
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest!);
    }
    return touched;
  }

  clear(): void {
    this.#remembered.clear();
  }
}

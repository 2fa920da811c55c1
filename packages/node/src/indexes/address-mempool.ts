import { type HashKey, hashKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEntry } from "../mempool/entry.ts";
import type { Mempool } from "../mempool/mempool.ts";
import type { MempoolEvent } from "../mempool/mempool-events.ts";
import { outputsOf, type PaidOutput, scriptKeyOf, touchesOf } from "./address-effects.ts";

/** What a waiting transaction means to one script. */
export interface WaitingTouch {
  readonly txid: HashKey;
  readonly entry: MempoolEntry;
  /** Outputs that pay to the script, and what they pay. */
  readonly outputCount: number;
  readonly received: Sats;
  /** Inputs that spend from the script, and what they spend. */
  readonly inputCount: number;
  readonly sent: Sats;
  /** By how much what the script's coins are worth would grow. */
  readonly balance: Sats;
  /** Outputs that would be coins of the script. */
  readonly coinIndexes: readonly number[];
}

const NO_INDEXES: readonly number[] = [];

/**
 * Which transactions of the mempool touch which scripts. It grows no further than the mempool does: it takes about 500 bytes for
 * each script that a waiting transaction touches, on top of what `-maxmempool` counts.
 */
export class AddressMempool {
  readonly #byScript = new Map<HashKey, Map<HashKey, WaitingTouch>>();
  readonly #scriptsOf = new Map<HashKey, readonly HashKey[]>();
  readonly #unsubscribe: () => void;

  /** Begins with an empty mempool: what a transaction spends is told only when it comes. */
  constructor(mempool: Pick<Mempool, "events" | "size">) {
    if (mempool.size > 0) throw new Error("the scripts of waiting transactions must be followed from the first one on");
    this.#unsubscribe = mempool.events.subscribe((event) => this.#onEvent(event));
  }

  close(): void {
    this.#unsubscribe();
  }

  /** What waits for a script, in the order of the txids' keys: the same on every node that has the same mempool. */
  touching(script: HashKey): readonly WaitingTouch[] {
    const touches = [...(this.#byScript.get(script)?.values() ?? [])];
    return touches.sort((a, b) => (a.txid < b.txid ? -1 : 1));
  }

  /** Scripts that waiting transactions touch. */
  get scriptCount(): number {
    return this.#byScript.size;
  }

  #onEvent(event: MempoolEvent): void {
    if (event.type === "transaction-removed") this.#removed(event.entry);
    else this.#added(event);
  }

  #added({ entry, spentOutputs }: Extract<MempoolEvent, { type: "transaction-added" }>): void {
    const txid = hashKey(entry.tx.txid);
    const outputs = outputsOf(entry.tx);
    const spent = spentOutputs.map(({ value, scriptPubKey }) => ({ value, script: scriptKeyOf(scriptPubKey) }));
    const touches = touchesOf({ outputs, spent });
    const indexes = coinIndexesOf(outputs);
    for (const [script, { outputCount, received, inputCount, sent, balance }] of touches) {
      const coinIndexes = indexes.get(script) ?? NO_INDEXES;
      const touch = { txid, entry, outputCount, received, inputCount, sent, balance, coinIndexes };
      const known = this.#byScript.get(script);
      if (known === undefined) this.#byScript.set(script, new Map([[txid, touch]]));
      else known.set(txid, touch);
    }
    this.#scriptsOf.set(txid, [...touches.keys()]);
  }

  #removed({ tx }: MempoolEntry): void {
    const txid = hashKey(tx.txid);
    for (const script of this.#scriptsOf.get(txid) ?? []) {
      const touches = this.#byScript.get(script)!;
      touches.delete(txid);
      if (touches.size === 0) this.#byScript.delete(script);
    }
    this.#scriptsOf.delete(txid);
  }
}

/** By script, the positions of its coins among the outputs. */
function coinIndexesOf(outputs: readonly PaidOutput[]): ReadonlyMap<HashKey, readonly number[]> {
  const indexes = new Map<HashKey, number[]>();
  for (const [index, { script, isCoin }] of outputs.entries()) {
    if (!isCoin) continue;
    const known = indexes.get(script);
    if (known === undefined) indexes.set(script, [index]);
    else known.push(index);
  }
  return indexes;
}

import type { ReplacementState } from "@bitfleet/api/rest/replacements.ts";
import { type HashKey, hashFromKey, hashKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { MempoolEvent } from "../../mempool/mempool-events.ts";
import type { Clock } from "../../ports.ts";

/** What a node remembers of transactions that left its mempool without a block, and of those that took their place. */

/** Transactions that are remembered; of older ones nothing is. */
const DEPARTURES_MAX = 20_000;
/** The latest of those that are gone are kept whole, so many bytes together. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024;

export interface Departure {
  readonly txid: Txid;
  readonly state: ReplacementState;
  /** Seconds since 1970; absent for one that never was in the mempool. */
  readonly cameSeconds?: number;
  /** Absent while it waits. */
  readonly leftSeconds?: number;
  readonly fee?: Sats;
  /** In vbytes. */
  readonly virtualSize?: number;
  readonly replacedBy: readonly Txid[];
}

interface Remembered extends Omit<Departure, "txid" | "replacedBy"> {
  readonly replacedBy: readonly HashKey[];
  readonly replaces: Set<HashKey>;
  /** Of those that came in one second. */
  readonly order?: number;
}

interface DeparturesOptions {
  readonly countMax?: number;
  readonly keptBytesMax?: number;
}

/** Follows the mempool; what it keeps has a limit in number and in bytes. */
export class Departures {
  readonly #countMax: number;
  readonly #keptBytesMax: number;
  readonly #clock: Pick<Clock, "nowMs">;
  /** What changed last is last. */
  readonly #byTxid = new Map<HashKey, Remembered>();
  readonly #bytesOf = new Map<HashKey, Uint8Array>();
  #keptBytes = 0;

  constructor(mempool: Pick<Mempool, "events">, clock: Pick<Clock, "nowMs">, options: DeparturesOptions = {}) {
    this.#countMax = options.countMax ?? DEPARTURES_MAX;
    this.#keptBytesMax = options.keptBytesMax ?? KEPT_BYTES_MAX;
    this.#clock = clock;
    mempool.events.subscribe((event) => this.#take(event));
  }

  /** The bytes of a transaction that is gone; `undefined` where they are not kept. */
  bytesOf(txid: Txid): Uint8Array | undefined {
    return this.#bytesOf.get(hashKey(txid));
  }

  /**
   * What is remembered of a transaction, of those that it replaced and that replaced it, and so on: at most `countMax`, those nearest
   * to it, the earliest first. Empty where nothing is.
   */
  around(txid: Txid, countMax: number): readonly Departure[] {
    const near = new Set<HashKey>();
    if (this.#byTxid.has(hashKey(txid))) near.add(hashKey(txid));
    for (const key of near) {
      const { replacedBy, replaces } = this.#byTxid.get(key)!;
      for (const next of [...replacedBy, ...replaces]) {
        if (near.size >= countMax) break;
        if (this.#byTxid.has(next)) near.add(next);
      }
    }
    return [...near]
      .map((key) => ({ key, remembered: this.#byTxid.get(key)! }))
      .sort((a, b) => byTime(a.remembered, b.remembered))
      .map(({ key, remembered: { replacedBy, replaces: _, order: __, ...rest } }) => {
        const others = replacedBy.map((other) => hashFromKey<Txid>(other));
        return { ...rest, txid: hashFromKey<Txid>(key), replacedBy: others };
      });
  }

  #take(event: MempoolEvent): void {
    const key = hashKey(event.entry.tx.txid);
    if (event.type === "transaction-added") this.#came(key, event.entry);
    else if (event.reason !== "block") this.#left(key, event);
    else this.#change(key, { state: "block", leftSeconds: this.#nowSeconds() });
    this.#limit();
  }

  /** It took a place, or is back: nothing stands in its place any more. */
  #came(key: HashKey, entry: MempoolEntry): void {
    const known = this.#byTxid.get(key);
    if (known === undefined) return;
    this.#forgetBytes(key);
    for (const other of known.replacedBy) this.#byTxid.get(other)?.replaces.delete(key);
    if (known.replaces.size === 0) this.#byTxid.delete(key);
    else this.#keep(key, { state: "waiting", ...factsOf(entry), replacedBy: [], replaces: known.replaces });
  }

  #left(
    key: HashKey,
    { entry, reason, replacedBy = [] }: Extract<MempoolEvent, { type: "transaction-removed" }>,
  ): void {
    const leftSeconds = this.#nowSeconds();
    const replaces = this.#byTxid.get(key)?.replaces ?? new Set();
    const others = replacedBy.map(hashKey);
    this.#keep(key, { state: reason, ...factsOf(entry), leftSeconds, replacedBy: others, replaces });
    this.#keepBytes(key, entry.tx.bytes);
    for (const other of others) {
      const successor = this.#byTxid.get(other) ?? { state: "waiting", replacedBy: [], replaces: new Set<HashKey>() };
      successor.replaces.add(key);
      this.#keep(other, successor);
      // A conflict is with a transaction of a block, which mostly never was here.
      if (reason === "conflict") this.#won(other, successor, leftSeconds);
    }
  }

  /** A block has it after all, whatever had its place here. */
  #won(key: HashKey, known: Remembered, leftSeconds: number): void {
    this.#forgetBytes(key);
    for (const other of known.replacedBy) this.#byTxid.get(other)?.replaces.delete(key);
    this.#keep(key, { ...known, state: "block", leftSeconds, replacedBy: [] });
  }

  #change(key: HashKey, change: Partial<Remembered>): void {
    const known = this.#byTxid.get(key);
    if (known !== undefined) this.#keep(key, { ...known, ...change });
  }

  #keep(key: HashKey, remembered: Remembered): void {
    this.#byTxid.delete(key);
    this.#byTxid.set(key, remembered);
  }

  #keepBytes(key: HashKey, bytes: Uint8Array): void {
    this.#forgetBytes(key);
    this.#bytesOf.set(key, bytes);
    this.#keptBytes += bytes.length;
  }

  #forgetBytes(key: HashKey): void {
    this.#keptBytes -= this.#bytesOf.get(key)?.length ?? 0;
    this.#bytesOf.delete(key);
  }

  #limit(): void {
    for (const key of this.#bytesOf.keys()) {
      if (this.#keptBytes <= this.#keptBytesMax) break;
      this.#forgetBytes(key);
    }
    for (const key of this.#byTxid.keys()) {
      if (this.#byTxid.size <= this.#countMax) break;
      this.#byTxid.delete(key);
      this.#forgetBytes(key);
    }
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.nowMs() / 1000);
  }
}

function factsOf({ fee, virtualSize, timeSeconds, sequence }: MempoolEntry) {
  return { fee, virtualSize, cameSeconds: timeSeconds, order: sequence };
}

/** One that never was in the mempool came when it took the place. */
function byTime(a: Remembered, b: Remembered): number {
  const momentOf = ({ cameSeconds, leftSeconds }: Remembered) => cameSeconds ?? leftSeconds ?? 0;
  const orderOf = ({ order }: Remembered) => order ?? Number.MAX_SAFE_INTEGER;
  return momentOf(a) - momentOf(b) || orderOf(a) - orderOf(b);
}

import { type HashKey, hashKey, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import type { KvSnapshot } from "../ports.ts";
import {
  type AddressCoinPlace,
  addressCoinKey,
  addressCoinsOf,
  addressHistoryKey,
  addressTotalsKey,
  placeOfAddressCoinKey,
} from "../storage/keyspace.ts";
import type { ScriptCoin } from "./address-effects.ts";
import {
  type AddressTotals,
  decodeHistory,
  decodeScriptCoin,
  decodeTotals,
  type HistoryRecord,
  NO_TOTALS,
} from "./address-records.ts";

/** Where a transaction stands in the chain. */
export interface ChainPlace {
  readonly height: number;
  readonly position: number;
  readonly txid: HashKey;
}

/** Comes before every other in the order of keys. */
const FIRST_TXID = hashKey(ZERO_HASH);

/** The address index at one moment. Everything rejects with `StorageError` or `DecodeError` where it cannot be read. */
export class AddressView {
  readonly #snapshot: KvSnapshot;

  constructor(snapshot: KvSnapshot) {
    this.#snapshot = snapshot;
  }

  async totals(script: HashKey): Promise<Readonly<AddressTotals>> {
    const value = await this.#snapshot.get(addressTotalsKey(script));
    return value === undefined ? NO_TOTALS : decodeTotals(value);
  }

  /** Totals in the order of `scripts`. */
  async totalsOfMany(scripts: readonly HashKey[]): Promise<readonly Readonly<AddressTotals>[]> {
    const values = await this.#snapshot.getMany(scripts.map(addressTotalsKey));
    return values.map((value) => (value === undefined ? NO_TOTALS : decodeTotals(value)));
  }

  /** At most `limit` of the first `count` transactions of a script, the last of them first. */
  async historyBelow(script: HashKey, count: number, limit: number): Promise<HistoryRecord[]> {
    if (count <= 0 || limit <= 0) return [];
    const from = addressHistoryKey(script, Math.max(0, count - limit));
    // Key order is number order, and there is no number left out.
    const range = { from, to: addressHistoryKey(script, count), reverse: true, limit };
    const records: HistoryRecord[] = [];
    for await (const { value } of this.#snapshot.iterate(range)) records.push(decodeHistory(value));
    return records;
  }

  /**
   * How many transactions of a script, of which there are `count`, come before `place`: what was at that place in another chain
   * counts as gone, so that one that now stands there is among them.
   */
  async countBefore(script: HashKey, count: number, place: ChainPlace): Promise<number> {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const record = await this.#recordAt(script, middle);
      if (isBefore(record, place)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** At most `limit` unspent outputs of a script, the newest first, of those behind `cursor` in this order. */
  async coins(script: HashKey, limit: number, cursor?: AddressCoinPlace): Promise<ScriptCoin[]> {
    const all = addressCoinsOf(script);
    const to = cursor === undefined ? all.to : addressCoinKey(script, cursor);
    const coins: ScriptCoin[] = [];
    for await (const { key, value } of this.#snapshot.iterate({ from: all.from, to, reverse: true, limit })) {
      coins.push({ script, ...placeOfAddressCoinKey(key), ...decodeScriptCoin(value) });
    }
    return coins;
  }

  /** The unspent outputs of a script that blocks from `height` on made, the newest first. */
  async *coinsSince(script: HashKey, height: number): AsyncGenerator<ScriptCoin> {
    const from = addressCoinKey(script, { height: Math.max(0, height), txid: FIRST_TXID, index: 0 });
    for await (const { key, value } of this.#snapshot.iterate({ from, to: addressCoinsOf(script).to, reverse: true })) {
      yield { script, ...placeOfAddressCoinKey(key), ...decodeScriptCoin(value) };
    }
  }

  async #recordAt(script: HashKey, number: number): Promise<HistoryRecord> {
    const value = await this.#snapshot.get(addressHistoryKey(script, number));
    if (value === undefined) throw new Error(`the address index lacks transaction ${number} of a script`);
    return decodeHistory(value);
  }
}

function isBefore(record: ChainPlace, place: ChainPlace): boolean {
  if (record.height !== place.height) return record.height < place.height;
  if (record.position !== place.position) return record.position < place.position;
  return record.txid !== place.txid;
}

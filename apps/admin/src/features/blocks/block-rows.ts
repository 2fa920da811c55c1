import type { BlockOverview } from "@bitfleet/api/rest/chain-charts.ts";

/** One transaction of a block in numbers. */
export interface BlockRow {
  /** Position in the block; the coinbase has 0. */
  readonly index: number;
  readonly txid: string;
  /** BIP141 weight units. */
  readonly weight: number;
  /** BIP141 virtual size, in vbytes. */
  readonly vsize: number;
  /** In satoshis; `null` for the coinbase, or where the coins that were spent are not known. */
  readonly fee: number | null;
  /** In satoshis per virtual byte; `null` as the fee. */
  readonly feerate: number | null;
}

const WEIGHT_PER_VBYTE = 4;
const VBYTES_PER_KVB = 1000;

/** The transactions of a block, in its order. */
export function rowsOf({ txids, weights, fees, feerates_sat_per_kvb: feerates }: BlockOverview["transactions"]) {
  return txids.map((txid, index): BlockRow => {
    const weight = weights[index] ?? 0;
    const isCoinbase = index === 0;
    return {
      index,
      txid,
      weight,
      vsize: Math.ceil(weight / WEIGHT_PER_VBYTE),
      fee: isCoinbase ? null : (fees?.[index] ?? null),
      feerate: isCoinbase || feerates === null ? null : (feerates[index] ?? 0) / VBYTES_PER_KVB,
    };
  });
}

/** All but the coinbase, the best paying first; in the order of the block where fees are not known. */
export function paymentsByFeerate(rows: readonly BlockRow[]): readonly BlockRow[] {
  return rows.slice(1).sort((a, b) => (b.feerate ?? 0) - (a.feerate ?? 0) || a.index - b.index);
}

/** What a table is filtered by. */
export interface RowFilter {
  /** Part of a txid. */
  readonly find?: string | undefined;
  /** Satoshis per virtual byte at least. */
  readonly feerate?: number | undefined;
}

export function filterRows(rows: readonly BlockRow[], { find = "", feerate = 0 }: RowFilter): readonly BlockRow[] {
  const wanted = find.trim().toLowerCase();
  if (wanted === "" && feerate <= 0) return rows;
  return rows.filter((row) => row.txid.includes(wanted) && (feerate <= 0 || (row.feerate ?? 0) >= feerate));
}

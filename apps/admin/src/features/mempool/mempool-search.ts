import type { RawSearch } from "@bitfleet/ui/page-search.ts";
/** What the address of the mempool's page says: what the pictures show, which transactions are listed in which order, which clusters. */

export const ORDERS = ["newest", "feerate", "fee", "size"] as const;
export const AGES = ["1m", "10m", "1h", "over1h", "over1d"] as const;
export const RELATIVES = ["parents", "children", "both", "none"] as const;
/** What the bars by feerate are as high as. */
export const BAR_MEASURES = ["size", "count", "fees"] as const;
/** What is drawn over time, and how far back. */
export const DRAWN_MEASURES = ["size", "count", "fees", "rate"] as const;
export const SPANS = ["1h", "6h", "24h"] as const;
/** Transactions that a listed cluster has at least. */
export const CLUSTER_MINIMUMS = [2, 5, 10, 25] as const;
export type BarMeasure = (typeof BAR_MEASURES)[number];
export type DrawnMeasure = (typeof DRAWN_MEASURES)[number];
export type Span = (typeof SPANS)[number];
export type ClusterMinimum = (typeof CLUSTER_MINIMUMS)[number];
export type Order = (typeof ORDERS)[number];
export type Age = (typeof AGES)[number];
export type Relatives = (typeof RELATIVES)[number];

export interface MempoolFilters {
  /** `newest` where absent. */
  readonly order?: Order | undefined;
  /** Satoshis per vbyte that are paid at least, and at most. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Vbytes. */
  readonly minsize?: number | undefined;
  readonly maxsize?: number | undefined;
  readonly age?: Age | undefined;
  readonly rbf?: boolean | undefined;
  readonly relatives?: Relatives | undefined;
}

/** What is shown in which way; the first of each list where absent. */
export interface MempoolView {
  readonly bars?: BarMeasure | undefined;
  readonly drawn?: DrawnMeasure | undefined;
  readonly span?: Span | undefined;
  readonly min?: ClusterMinimum | undefined;
}

export interface MempoolSearch extends MempoolFilters, MempoolView {
  /** Txid whose cluster is open. */
  readonly cluster?: string | undefined;
}

const SIZE_MAX = 1_000_000;
const FEERATE_MAX = 1_000_000_000;

/** What of a raw address means something; the rest is dropped. */
export function mempoolSearch(raw: RawSearch): MempoolSearch {
  const one = <Value extends string>(name: string, values: readonly Value[]) => {
    const value = values.find((each) => each === raw[name]);
    return value === undefined ? {} : { [name]: value };
  };
  const number = (name: string, most: number) => {
    const value = Number(raw[name]);
    const isGiven = raw[name] !== undefined && raw[name] !== "" && raw[name] !== null;
    return isGiven && value >= 0 && value <= most ? { [name]: value } : {};
  };
  const minimum = (count: number) => {
    const min = CLUSTER_MINIMUMS.slice(1).find((each) => each === count);
    return min === undefined ? {} : { min };
  };
  const size = (name: string) => {
    const { [name]: value } = number(name, SIZE_MAX) as Record<string, number>;
    return value === undefined ? {} : { [name]: Math.trunc(value) };
  };
  return {
    ...one("order", ORDERS.slice(1)),
    ...number("from", FEERATE_MAX),
    ...number("to", FEERATE_MAX),
    ...size("minsize"),
    ...size("maxsize"),
    ...one("age", AGES),
    ...(typeof raw.rbf === "boolean" && { rbf: raw.rbf }),
    ...one("relatives", RELATIVES),
    ...one("bars", BAR_MEASURES.slice(1)),
    ...one("drawn", DRAWN_MEASURES.slice(1)),
    ...one("span", SPANS.slice(1)),
    ...minimum(Number(raw.min)),
    ...(/^[0-9a-f]{64}$/i.test(String(raw.cluster)) && { cluster: String(raw.cluster).toLowerCase() }),
  };
}

/** The filters alone, so that another look at the same asks for no list anew. */
export function filtersOf(search: MempoolSearch & { readonly tab?: string }): MempoolFilters {
  const { tab: _tab, cluster: _cluster, bars: _bars, drawn: _drawn, span: _span, min: _min, ...filters } = search;
  return filters;
}

/** The same choice for an address: nothing where it is what is shown anyway. */
export function unlessFirst<Value>(value: Value, values: readonly Value[]): Value | undefined {
  return value === values[0] ? undefined : value;
}

/** Whether anything is left out of the list; the order leaves nothing out. */
export function isFiltered({ order: _, ...filters }: MempoolFilters): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}

/** Takes each filter out of the address. */
export const NO_FILTERS: { readonly [Name in Exclude<keyof MempoolFilters, "order">]: undefined } = {
  from: undefined,
  to: undefined,
  minsize: undefined,
  maxsize: undefined,
  age: undefined,
  rbf: undefined,
  relatives: undefined,
};

const SECONDS: Readonly<Record<Age, number>> = { "1m": 60, "10m": 600, "1h": 3600, over1h: 3600, over1d: 86_400 };

/** The same as the node is asked for it, at `now` (seconds since 1970). */
export function queryOf(filters: MempoolFilters, now: number) {
  const { order, from, to, minsize, maxsize, age, rbf, relatives } = filters;
  const moment = age === undefined ? 0 : now - SECONDS[age];
  return {
    sort: order ?? "newest",
    ...(from !== undefined && { min_feerate_sat_per_kvb: Math.round(from * 1000) }),
    ...(to !== undefined && { max_feerate_sat_per_kvb: Math.round(to * 1000) }),
    ...(minsize !== undefined && { min_virtual_size: minsize }),
    ...(maxsize !== undefined && { max_virtual_size: maxsize }),
    ...(age !== undefined && (age.startsWith("over") ? { until: moment } : { since: moment })),
    ...(rbf !== undefined && { replaceable: rbf }),
    ...(relatives !== undefined && relatives !== "children" && { has_parents: relatives !== "none" }),
    ...(relatives !== undefined && relatives !== "parents" && { has_children: relatives !== "none" }),
  } as const;
}

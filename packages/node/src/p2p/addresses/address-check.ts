import type { AddressEntry } from "./address-entry.ts";
import type { AddressTables, TableName } from "./address-tables.ts";
import { REFERENCES_MAX } from "./bucket-hash.ts";

/** What can be wrong with the tables, numbered as Bitcoin Core has it: operators look for these numbers. */
export const Inconsistency = {
  TRIED_WITHOUT_SUCCESS: -1,
  TRIED_AND_NEW: -2,
  REFERENCE_COUNT: -3,
  NO_PLACE: -4,
  NOT_FOUND: -5,
  TRY_TIME: -6,
  COUNT: -7,
  SUCCESS_TIME: -8,
  TRIED_COUNT: -9,
  NEW_COUNT: -10,
  TRIED_PLACE_OF_OTHER: -11,
  NEW_PLACE_OF_OTHER: -12,
  TRIED_WITHOUT_PLACE: -13,
  NEW_WITHOUT_PLACE: -15,
  NO_SECRET: -16,
  TRIED_BUCKET: -17,
  TRIED_POSITION: -18,
  NEW_POSITION: -19,
  NETWORK_COUNT: -21,
} as const;
type Inconsistency = (typeof Inconsistency)[keyof typeof Inconsistency];

/** The first thing that is wrong with the tables; `undefined` where all fits together. Takes milliseconds: for tests and for files. */
export function inconsistencyOf(tables: AddressTables): Inconsistency | undefined {
  if (tables.size !== tables.newCount + tables.triedCount) return Inconsistency.COUNT;
  for (const entry of tables.all) {
    const wrong = wrongWith(entry, tables);
    if (wrong !== undefined) return wrong;
  }
  const wrong = wrongCount(tables) ?? wrongTriedPlace(tables) ?? wrongNewPlace(tables);
  if (wrong !== undefined) return wrong;
  // Everybody knows where a secret of zeros puts an address.
  if (tables.key.every((byte) => byte === 0)) return Inconsistency.NO_SECRET;
  return undefined;
}

function wrongWith(entry: AddressEntry, tables: AddressTables): Inconsistency | undefined {
  if (entry.isTried) {
    if (entry.lastSuccessSeconds === 0) return Inconsistency.TRIED_WITHOUT_SUCCESS;
    if (entry.referenceCount > 0) return Inconsistency.TRIED_AND_NEW;
  } else {
    if (entry.referenceCount < 0 || entry.referenceCount > REFERENCES_MAX) return Inconsistency.REFERENCE_COUNT;
    if (entry.referenceCount === 0) return Inconsistency.NO_PLACE;
  }
  if (tables.find(entry.endpoint) !== entry) return Inconsistency.NOT_FOUND;
  if (entry.lastTrySeconds < 0) return Inconsistency.TRY_TIME;
  return entry.lastSuccessSeconds < 0 ? Inconsistency.SUCCESS_TIME : undefined;
}

function wrongCount(tables: AddressTables): Inconsistency | undefined {
  const { all } = tables;
  const countIn = (table: TableName, entries: readonly AddressEntry[]) =>
    entries.filter(({ isTried }) => isTried === (table === "tried")).length;
  if (countIn("tried", all) !== tables.triedCount) return Inconsistency.TRIED_COUNT;
  if (countIn("new", all) !== tables.newCount) return Inconsistency.NEW_COUNT;
  for (const network of new Set(all.map(({ endpoint }) => endpoint.address.network))) {
    const own = all.filter(({ endpoint }) => endpoint.address.network === network);
    for (const table of ["new", "tried"] as const) {
      if (tables.countOf(network, table) !== countIn(table, own)) return Inconsistency.NETWORK_COUNT;
    }
  }
  return undefined;
}

function wrongTriedPlace(tables: AddressTables): Inconsistency | undefined {
  const placed = new Set<AddressEntry>();
  for (const { bucket, position, entry } of tables.places("tried")) {
    if (!tables.has(entry) || !entry.isTried || placed.has(entry)) return Inconsistency.TRIED_PLACE_OF_OTHER;
    const due = tables.triedPlace(entry);
    if (due.bucket !== bucket) return Inconsistency.TRIED_BUCKET;
    if (due.position !== position) return Inconsistency.TRIED_POSITION;
    placed.add(entry);
  }
  return placed.size === tables.triedCount ? undefined : Inconsistency.TRIED_WITHOUT_PLACE;
}

function wrongNewPlace(tables: AddressTables): Inconsistency | undefined {
  const counts = new Map<AddressEntry, number>();
  for (const { bucket, position, entry } of tables.places("new")) {
    const count = (counts.get(entry) ?? 0) + 1;
    if (!tables.has(entry) || count > entry.referenceCount) return Inconsistency.NEW_PLACE_OF_OTHER;
    if (tables.newPlaceIn(entry, bucket).position !== position) return Inconsistency.NEW_POSITION;
    counts.set(entry, count);
  }
  const isPlaced = tables.all.every((entry) => entry.isTried || counts.get(entry) === entry.referenceCount);
  return isPlaced ? undefined : Inconsistency.NEW_WITHOUT_PLACE;
}

import { expect, test } from "vitest";
import { filterRows, paymentsByFeerate, rowsOf } from "./block-rows.ts";

const lists = {
  txids: ["00aa", "11bb", "22aa", "33cc"],
  weights: [800, 561, 400, 600],
  fees: [0, 141, 1000, 150],
  feerates_sat_per_kvb: [0, 1000, 10_000, 1000],
};

test("rows have what the lists say, and the coinbase pays nothing", () => {
  expect(rowsOf(lists).slice(0, 2)).toEqual([
    { index: 0, txid: "00aa", weight: 800, vsize: 200, fee: null, feerate: null },
    { index: 1, txid: "11bb", weight: 561, vsize: 141, fee: 141, feerate: 1 },
  ]);
});

test("the best paying come first, equal ones in the order of the block", () => {
  expect(paymentsByFeerate(rowsOf(lists)).map(({ index }) => index)).toEqual([2, 1, 3]);
  const unknown = rowsOf({ ...lists, fees: null, feerates_sat_per_kvb: null });
  expect(unknown[2]).toMatchObject({ fee: null, feerate: null });
  expect(paymentsByFeerate(unknown).map(({ index }) => index)).toEqual([1, 2, 3]);
});

test("rows are found by part of their txid and by what they pay at least", () => {
  const rows = rowsOf(lists);
  const found = (filter: Parameters<typeof filterRows>[1]) => filterRows(rows, filter).map(({ index }) => index);
  expect(filterRows(rows, {})).toBe(rows);
  expect(found({ find: " AA " })).toEqual([0, 2]);
  expect(found({ feerate: 1 })).toEqual([1, 2, 3]);
  expect(found({ feerate: 1.001 })).toEqual([2]);
  expect(found({ find: "aa", feerate: 1 })).toEqual([2]);
});

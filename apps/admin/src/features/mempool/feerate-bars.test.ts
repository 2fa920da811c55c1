import { expect, test } from "vitest";
import { heightOf, placeBars } from "./feerate-bars.ts";

const bar = (feerate: number) => ({
  feerate_sat_per_kvb: feerate,
  transaction_count: 2,
  virtual_size: 300,
  total_fee: 900,
});

test("bars stand where their feerate is, the lowest first, with gaps between", () => {
  const { placed, placeCount, edges } = placeBars([bar(10_000), bar(1250), bar(1000)]);
  expect(placed.map(({ place, from, to }) => [place, from, to])).toEqual([
    [0, 1000, 1250],
    [1, 1250, 1600],
    [10, 10_000, 12_500],
  ]);
  expect(placeCount).toBe(16);
  expect(edges.slice(0, 4)).toEqual([1000, 1250, 1600, 2000]);
});

test("what pays next to nothing stands first", () => {
  expect(placeBars([bar(0), bar(100)]).placed.map(({ place, from, to }) => [place, from, to])).toEqual([
    [0, 0, 100],
    [1, 100, 125],
  ]);
  expect(placeBars([bar(100), bar(80_000_000)]).placeCount).toBe(60);
});

test("bars are as high as what is measured", () => {
  expect([heightOf(bar(1), "size"), heightOf(bar(1), "count"), heightOf(bar(1), "fees")]).toEqual([300, 2, 900]);
});

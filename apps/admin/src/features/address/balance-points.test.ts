import type { AddressHistoryItem } from "@bitfleet/api/rest/addresses.ts";
import { expect, test } from "vitest";
import { balancePoints, seriesPoints } from "./balance-points.ts";

const item = (time: number, value: number) => ({ time, value }) as AddressHistoryItem;

test("the balance goes back from now through the history", () => {
  expect(balancePoints([item(300, -20), item(200, 50), item(100, 10)], 40, 400)).toEqual({
    times: [100, 200, 300, 400],
    balances: [10, 60, 40, 40],
  });
});

test("what waits is one step: a payment may come before the one that it spends", () => {
  const waiting = (time: number, value: number) => ({ time, value, block_height: null }) as AddressHistoryItem;
  expect(balancePoints([waiting(210, 50), waiting(220, -30), item(100, 10)], 30, 400)).toEqual({
    times: [100, 220, 400],
    balances: [10, 30, 30],
  });
});

test("a part of the history begins with what there was then", () => {
  expect(balancePoints([item(300, -20)], 40, 300)).toEqual({ times: [300, 300], balances: [40, 40] });
});

test("times never go back, and nothing is nothing", () => {
  expect(balancePoints([item(190, 1), item(200, 1)], 2, 100).times).toEqual([200, 200, 200]);
  expect(balancePoints([], 0, 5)).toEqual({ times: [], balances: [] });
});

test("balances behind blocks end with what waits", () => {
  expect(seriesPoints({ times: [100, 90], balances: [5, 8] }, 6, 300)).toEqual({
    times: [100, 100, 300],
    balances: [5, 8, 6],
  });
  expect(seriesPoints({ times: [], balances: [] }, 0, 300)).toEqual({ times: [], balances: [] });
});

import { outPoint } from "@bitfleet/protocol/consensus/test-kit.ts";
import { expect, test } from "vitest";
import { FeeDeltas } from "./fee-deltas.ts";

const [one, two] = [outPoint(1).txid, outPoint(2).txid];

test("what is added sums up, for each transaction by itself", () => {
  const deltas = new FeeDeltas();
  expect([deltas.get(one), deltas.entries()]).toEqual([0n, []]);
  expect([deltas.add(one, 5n), deltas.add(one, -7n), deltas.add(two, 1n)]).toEqual([5n, -2n, 1n]);
  expect([deltas.get(one), deltas.get(two)]).toEqual([-2n, 1n]);
  expect(deltas.entries()).toEqual([
    { txid: one, delta: -2n },
    { txid: two, delta: 1n },
  ]);
});

test("a sum of nothing is forgotten, and so is what is deleted", () => {
  const deltas = new FeeDeltas();
  deltas.add(one, 5n);
  deltas.add(two, 5n);
  expect(deltas.add(one, -5n)).toBe(0n);
  expect(deltas.entries()).toEqual([{ txid: two, delta: 5n }]);
  deltas.delete(two);
  deltas.delete(two);
  expect([deltas.entries(), deltas.get(two)]).toEqual([[], 0n]);
});

test("sums stay within 64 bits", () => {
  const deltas = new FeeDeltas();
  const [most, least] = [2n ** 63n - 1n, -(2n ** 63n)];
  expect([deltas.add(one, most - 1n), deltas.add(one, 1n), deltas.add(one, 1n)]).toEqual([most - 1n, most, most]);
  expect([deltas.add(two, least + 1n), deltas.add(two, -1n), deltas.add(two, -1n)]).toEqual([least + 1n, least, least]);
});

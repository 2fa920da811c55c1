import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { AncestorBumpFees, type WaitingTransaction } from "./ancestor-bump-fees.ts";

const id = (name: number) => new Uint8Array(32).fill(name) as Txid;
const waits = (name: number, fee: number, virtualSize: number, ...parents: number[]): WaitingTransaction => ({
  txid: id(name),
  fee: BigInt(fee),
  virtualSize,
  parents: parents.map(id),
});
const spending = (...names: number[]) => names.map((name) => ({ txid: id(name) }));

/** What single ones lack, and all of them together. */
function lacks(cluster: readonly WaitingTransaction[], feerate: number, ...names: number[]) {
  const fees = new AncestorBumpFees(cluster, BigInt(feerate));
  return [...spending(...names).map((one) => Number(fees.of(one))), Number(fees.ofAll(spending(...names)))];
}

describe("what ancestors lack", () => {
  const lonely = [waits(1, 100, 100)];
  test.each([
    ["nothing where it is confirmed", lonely, 10_000, [9], [0, 0]],
    ["nothing at its own feerate", lonely, 1000, [1], [0, 0]],
    ["a satoshi above it", lonely, 1001, [1], [1, 1]],
    ["all of what a poor parent lacks", [waits(1, 100, 100), waits(2, 100, 100, 1)], 10_000, [2], [1800, 1800]],
    ["only its own where the parent is rich", [waits(1, 5000, 100), waits(2, 100, 100, 1)], 10_000, [2], [900, 900]],
    ["nothing of a parent that its child pays for", [waits(1, 0, 100), waits(2, 2000, 100, 1)], 10_000, [1], [0, 0]],
    ["nothing for what others do", [waits(1, 100, 100), waits(2, 0, 100, 1)], 10_000, [1], [900, 900]],
    [
      "once for what two share",
      [waits(1, 0, 100), waits(2, 1000, 100, 1), waits(3, 1000, 100, 1)],
      10_000,
      [2, 3],
      [1000, 1000, 1000],
    ],
    ["apart for what two do not share", [waits(1, 0, 100), waits(2, 0, 100)], 10_000, [1, 2], [1000, 1000, 2000]],
  ])("is %s", (_, cluster, feerate, names, expected) => {
    expect(lacks(cluster, feerate, ...names)).toEqual(expected);
  });

  test("is at least what the transaction itself lacks, also where its ancestors together pay enough", () => {
    const cluster = [waits(1, 1700, 1700), waits(2, 17_000, 200, 1), waits(3, 3000, 200, 1), waits(4, 900, 100, 2, 3)];
    expect(lacks(cluster, 10_000, 4)[0]).toBe(100);
  });
});

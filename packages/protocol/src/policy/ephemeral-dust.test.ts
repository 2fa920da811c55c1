import { describe, expect, test } from "vitest";
import { input, outPoint, output } from "../consensus/test-kit.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { displayHash, hashKey, type Txid } from "../primitives/types.ts";
import { DUST_RELAY_FEERATE_DEFAULT } from "./dust.ts";
import { checkDustFee, checkDustSpent } from "./ephemeral-dust.ts";
import { childOf, STANDARD_SCRIPT, standardTransaction } from "./test-kit.ts";

/** Outputs of these values; 293 satoshis are dust, 294 are not. */
const withOutputs = (salt: number, ...values: readonly bigint[]) =>
  standardTransaction({
    inputs: [input(outPoint(salt))],
    outputs: values.map((value) => output(value, STANDARD_SCRIPT)),
  });

describe("fee of what makes dust", () => {
  const fees = (tx: Transaction, base: bigint, modified = base) =>
    checkDustFee(tx, { base, modified }, DUST_RELAY_FEERATE_DEFAULT);
  const REJECT = { kind: "not-standard", reason: "dust", detail: "tx with dust output must be 0-fee" };

  test("is none, neither its own nor the operator's", () => {
    const dusty = withOutputs(1, 294n, 293n);
    expect(fees(dusty, 0n)).toBeUndefined();
    expect(fees(dusty, 1n)).toEqual(REJECT);
    expect(fees(dusty, 0n, 1n)).toEqual(REJECT);
    expect(fees(dusty, 1n, 0n)).toEqual(REJECT);
    expect(fees(dusty, 0n, -1n)).toEqual(REJECT);
  });

  test("matters only where there is dust", () => {
    expect(fees(withOutputs(1, 294n), 1n)).toBeUndefined();
    expect(checkDustFee(withOutputs(1, 293n), { base: 1n, modified: 1n }, 0n)).toBeUndefined();
  });
});

describe("dust of a parent", () => {
  const dusty = withOutputs(1, 1000n, 293n);
  const clean = withOutputs(2, 1000n, 294n);
  const known = new Map([dusty, clean].map((tx) => [hashKey(tx.txid), tx]));
  const parentOf = (txid: Txid) => known.get(hashKey(txid));
  const spending = (...places: readonly (readonly [Transaction, number])[]) =>
    standardTransaction({ inputs: places.map(([{ txid }, index]) => input({ txid, index })) });
  const check = (tx: Transaction) => checkDustSpent(tx, parentOf, DUST_RELAY_FEERATE_DEFAULT);
  const rejectOf = ({ txid, wtxid }: Transaction) => ({
    kind: "policy",
    reason: "missing-ephemeral-spends",
    detail: `tx ${displayHash(txid)} (wtxid=${displayHash(wtxid)}) did not spend parent's ephemeral dust`,
  });

  test("is spent by its child", () => {
    expect(check(spending([dusty, 1]))).toBeUndefined();
    expect(check(spending([dusty, 0], [dusty, 1]))).toBeUndefined();
    expect(check(spending([dusty, 1], [dusty, 0]))).toBeUndefined();
    const sloppy = spending([dusty, 0]);
    expect(check(sloppy)).toEqual(rejectOf(sloppy));
  });

  test("all of it, of every parent", () => {
    const twice = withOutputs(3, 293n, 1000n, 293n);
    known.set(hashKey(twice.txid), twice);
    expect(check(spending([dusty, 1], [twice, 0], [clean, 0], [twice, 2]))).toBeUndefined();
    const sloppy = spending([dusty, 1], [twice, 0], [clean, 0]);
    expect(check(sloppy)).toEqual(rejectOf(sloppy));
    const late = spending([clean, 0], [dusty, 0]);
    expect(check(late)).toEqual(rejectOf(late));
  });

  test("matters only while the parent is unconfirmed, and where there is any", () => {
    expect(check(childOf([withOutputs(4, 1000n, 293n)]))).toBeUndefined();
    expect(check(childOf([clean]))).toBeUndefined();
  });
});

import type { WalletMovement } from "@bitfleet/api/rest/wallet-payments.ts";
import { describe, expect, test } from "vitest";
import { isOutgoing, netOf, standingOf } from "./standing.ts";

const movement = (category: WalletMovement["category"]): WalletMovement => ({
  ...{ category, address: null, label: null, amount: 1, vout: 0 },
});
const facts = (confirmations: number, more: object = {}) => ({
  ...{ confirmations, is_abandoned: false, replaced_by: null, movements: [movement("receive")] },
  ...more,
});

describe("how far a transaction has come", () => {
  test.each([
    [facts(0), "waiting"],
    [facts(1), "confirmed"],
    [facts(5), "confirmed"],
    [facts(6), "settled"],
    [facts(1, { movements: [movement("immature")] }), "immature"],
    [facts(0, { is_abandoned: true }), "abandoned"],
    [facts(0, { replaced_by: "ab" }), "replaced"],
    // It was replaced, and was mined all the same.
    [facts(1, { replaced_by: "ab" }), "confirmed"],
    [facts(-3), "excluded"],
    [facts(0, { movements: [movement("orphan")] }), "excluded"],
  ])("%j: %s", (transaction, standing) => {
    expect(standingOf(transaction)).toBe(standing);
  });
});

test("the fee is part of what a payment takes", () => {
  expect(netOf({ amount: -1_000, fee: 150, movements: [] })).toBe(-1_150);
  expect(netOf({ amount: 1_000, fee: null, movements: [movement("receive")] })).toBe(1_000);
  // Core has nothing for a reward that is not mature.
  expect(netOf({ amount: 0, fee: null, movements: [movement("immature"), movement("immature")] })).toBe(2);
  expect(isOutgoing({ fee: 0 })).toBe(true);
  expect(isOutgoing({ fee: null })).toBe(false);
});

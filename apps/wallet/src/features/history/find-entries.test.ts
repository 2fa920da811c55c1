import { describe, expect, test } from "vitest";
import type { HistoryEntry } from "../../session/account.ts";
import { findEntries } from "./find-entries.ts";

const entry = (fields: Partial<HistoryEntry>): HistoryEntry => ({
  txid: "00".repeat(32),
  standing: "confirmed",
  isTaken: false,
  confirmations: 3,
  height: 200,
  time: 1_700_000_000,
  delta: 150_000_000n,
  fee: undefined,
  direction: "in",
  addresses: [],
  label: "",
  replacedBy: undefined,
  canBump: false,
  canPullUp: false,
  ...fields,
});

const RENT = entry({
  txid: `ab${"11".repeat(31)}`,
  direction: "out",
  delta: -123_456_789n,
  addresses: ["bcrt1qrent0000000000000000000000000000000"],
  label: "Rent of May",
});
const WAGE = entry({ txid: `cd${"22".repeat(31)}`, label: "Wage", standing: "pending", confirmations: 0 });
const REWARD = entry({ txid: `ef${"33".repeat(31)}`, direction: "mined", delta: 5_000_000_000n });
const LOST = entry({ txid: `0a${"44".repeat(31)}`, standing: "reorged", delta: 7n });
const GONE = entry({ txid: `0b${"55".repeat(31)}`, standing: "replaced", direction: "out", delta: -9n });
const ALL = [WAGE, LOST, RENT, REWARD, GONE];

const found = (looked: string) => findEntries(ALL, "all", looked);

describe("what is looked for in a history", () => {
  test("nothing finds all, in their order and without a copy", () => {
    expect(findEntries(ALL, "all", "  ")).toBe(ALL);
  });

  test.each([
    ["rent", [RENT]],
    ["RENT may", [RENT]],
    ["rent june", []],
    ["qrent0", [RENT]],
    ["ab11", [RENT]],
    ["11ab", []],
    ["mined", [REWARD]],
  ])("%s", (looked, expected) => {
    expect(found(looked)).toEqual(expected);
  });

  test.each([
    ["1.5", [WAGE]],
    ["150,000,000", [WAGE]],
    ["150000000", [WAGE]],
    ["1.23456789", [RENT]],
    ["-1.2", [RENT]],
    ["+1.2", []],
    ["50", [REWARD]],
    ["1.", [WAGE, RENT]],
  ])("the amount %s", (looked, expected) => {
    expect(found(looked)).toEqual(expected);
  });
});

test.each([
  ["in", [WAGE, LOST, REWARD]],
  ["out", [RENT, GONE]],
  ["waiting", [WAGE, LOST]],
] as const)("those that are %s", (kind, expected) => {
  expect(findEntries(ALL, kind, "")).toEqual(expected);
});

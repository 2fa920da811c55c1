import { expect, test } from "vitest";
import type { HistoryEntry } from "./account.ts";
import { historyCsv } from "./history-csv.ts";

const ENTRY: HistoryEntry = {
  txid: "ab".repeat(32),
  standing: "confirmed",
  isTaken: false,
  confirmations: 3,
  height: 7,
  time: 1_700_000_000,
  delta: -150_000n,
  fee: 1_000n,
  direction: "out",
  addresses: ["bcrt1qa", "bcrt1qb"],
  label: "rent",
  replacedBy: undefined,
  canBump: false,
  canPullUp: false,
};

const row = (entry: Partial<HistoryEntry>) => historyCsv([{ ...ENTRY, ...entry }]).split("\r\n")[1];

test("a history has a line for each transaction under its columns", () => {
  expect(historyCsv([])).toBe("date,txid,state,direction,amount_sat,fee_sat,height,confirmations,addresses,label\r\n");
  expect(row({})).toBe(`2023-11-14T22:13:20.000Z,${ENTRY.txid},confirmed,out,-150000,1000,7,3,bcrt1qa bcrt1qb,rent`);
  expect(row({ fee: undefined, height: undefined, label: "" })).toMatch(/,-150000,,,3,bcrt1qa bcrt1qb,$/);
});

test("a label stays one field, and is no formula in any spreadsheet", () => {
  expect(row({ label: 'a "b", c' })).toMatch(/,"a ""b"", c"$/);
  for (const start of ["=", "+", "-", "@", "\t"])
    expect(row({ label: `${start}SUM(A1)` })).toContain(`'${start}SUM(A1)`);
  expect(historyCsv([{ ...ENTRY, label: "two\nlines" }])).toContain('"two\nlines"');
});

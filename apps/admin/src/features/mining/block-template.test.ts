import { expect, test } from "vitest";
import { type BlockTemplate, templateRows, templateTotals } from "./block-template.ts";

const transactions = [
  { txid: "aa", fee: 1000, weight: 400, sigops: 4, depends: [] },
  { txid: "bb", fee: 150, weight: 600, sigops: 1, depends: [1] },
];
const template = { transactions } as unknown as BlockTemplate;

test("rows are numbered from 1, as depends counts them, with what they pay for a virtual byte", () => {
  expect(templateRows(template).map(({ place, satPerVbyte }) => [place, satPerVbyte])).toEqual([
    [1, 10],
    [2, 1],
  ]);
});

test("totals are those of all transactions", () => {
  expect(templateTotals(template)).toEqual({ fees: 1150, weight: 1000, sigops: 5 });
  expect(templateTotals({ ...template, transactions: [] })).toEqual({ fees: 0, weight: 0, sigops: 0 });
});

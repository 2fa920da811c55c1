import { describe, expect, test } from "vitest";
import { Transaction } from "../primitives/transaction.ts";
import { type Txid, ZERO_HASH } from "../primitives/types.ts";
import { MAX_MONEY } from "./amount.ts";
import type { Coin } from "./chain-view.ts";
import { checkTransaction, checkTransactionInputs } from "./check-transaction.ts";
import { coin, coinbase, input, outPoint, output, transaction } from "./test-kit.ts";
import { isReject } from "./verdict.ts";

const NULL_OUTPOINT = { txid: ZERO_HASH as Txid, index: 0xffffffff };
const reasonOf = (tx: Transaction) => checkTransaction(tx)?.reason;

describe("a transaction by itself", () => {
  test("passes with one input and one output", () => {
    expect(checkTransaction(transaction())).toBeUndefined();
  });

  test("has inputs and outputs, inputs asked for first", () => {
    expect(checkTransaction(transaction({ inputs: [] }))).toEqual({
      kind: "consensus",
      reason: "bad-txns-vin-empty",
      detail: "",
    });
    expect(reasonOf(transaction({ outputs: [] }))).toBe("bad-txns-vout-empty");
    expect(reasonOf(transaction({ inputs: [], outputs: [] }))).toBe("bad-txns-vin-empty");
  });

  test("fits into a block without its witness", () => {
    const sized = (size: number, witness: readonly Uint8Array[] = []) => {
      const empty = transaction({ inputs: [input(outPoint(1), { scriptSig: new Uint8Array(70_000) })] });
      const scriptSig = new Uint8Array(70_000 + size - empty.strippedSize);
      return transaction({ inputs: [input(outPoint(1), { scriptSig, witness })] });
    };
    expect(sized(1_000_000).strippedSize).toBe(1_000_000);
    expect(reasonOf(sized(1_000_000))).toBeUndefined();
    expect(reasonOf(sized(1_000_001))).toBe("bad-txns-oversize");
    expect(reasonOf(sized(1_000_000, [new Uint8Array(5000)]))).toBeUndefined();
  });

  test("has output values in range, each and together (CVE-2010-5139)", () => {
    const paying = (...values: bigint[]) => transaction({ outputs: values.map((value) => output(value)) });
    expect(reasonOf(paying(0n))).toBeUndefined();
    expect(reasonOf(paying(-1n))).toBe("bad-txns-vout-negative");
    expect(reasonOf(paying(MAX_MONEY))).toBeUndefined();
    expect(reasonOf(paying(MAX_MONEY + 1n))).toBe("bad-txns-vout-toolarge");
    expect(reasonOf(paying(MAX_MONEY, 0n))).toBeUndefined();
    expect(reasonOf(paying(MAX_MONEY, 1n))).toBe("bad-txns-txouttotal-toolarge");
    expect(reasonOf(paying(1n, MAX_MONEY))).toBe("bad-txns-txouttotal-toolarge");
    // Output by output: the total is too large before the negative value is met.
    expect(reasonOf(paying(MAX_MONEY, 1n, -1n))).toBe("bad-txns-txouttotal-toolarge");
    expect(reasonOf(paying(0x7fffffffffffffffn, 0x7fffffffffffffffn))).toBe("bad-txns-vout-toolarge");
  });

  test("spends no outpoint twice (CVE-2018-17144)", () => {
    const twice = [input(outPoint(1)), input(outPoint(2)), input(outPoint(1), { sequence: 0 })];
    expect(reasonOf(transaction({ inputs: twice }))).toBe("bad-txns-inputs-duplicate");
    expect(reasonOf(transaction({ inputs: [input(outPoint(1)), input(outPoint(1, 1))] }))).toBeUndefined();
    const nulls = [input(NULL_OUTPOINT), input(NULL_OUTPOINT)];
    expect(reasonOf(transaction({ inputs: nulls }))).toBe("bad-txns-inputs-duplicate");
  });

  test("has, as a coinbase, 2 to 100 bytes of scriptSig", () => {
    const sized = (size: number) =>
      coinbase(1, { inputs: [input(NULL_OUTPOINT, { scriptSig: new Uint8Array(size) })] });
    expect([1, 2, 100, 101].map((size) => reasonOf(sized(size)))).toEqual([
      "bad-cb-length",
      undefined,
      undefined,
      "bad-cb-length",
    ]);
  });

  test("spends, not being a coinbase, no null outpoint", () => {
    const inputs = [input(outPoint(1)), input(NULL_OUTPOINT)];
    expect(reasonOf(transaction({ inputs }))).toBe("bad-txns-prevout-null");
    const almost = [input(outPoint(1)), input({ ...NULL_OUTPOINT, index: 0xfffffffe })];
    expect(reasonOf(transaction({ inputs: almost }))).toBeUndefined();
  });

  test("is refused for the rule that comes first", () => {
    const inputs = [input(outPoint(1)), input(outPoint(1))];
    expect(reasonOf(transaction({ inputs, outputs: [output(-1n)] }))).toBe("bad-txns-vout-negative");
    const nulls = [input(NULL_OUTPOINT), input(outPoint(1)), input(outPoint(1))];
    expect(reasonOf(transaction({ inputs: nulls }))).toBe("bad-txns-inputs-duplicate");
  });
});

describe("a transaction and its coins", () => {
  const spending = (values: readonly bigint[], inputCount = 1) =>
    new Transaction({
      ...transaction(),
      inputs: Array.from({ length: inputCount }, (_, index) => input(outPoint(index))),
      outputs: values.map((value) => output(value)),
    });
  const check = (tx: Transaction, coins: readonly (Coin | undefined)[], height = 1000) => {
    const answer = checkTransactionInputs(tx, coins, height);
    return isReject(answer) ? answer : answer.fee;
  };

  test("leave the difference as the fee", () => {
    expect(check(spending([3n, 4n], 2), [coin(5n), coin(6n)])).toBe(4n);
    expect(check(spending([5n]), [coin(5n)])).toBe(0n);
  });

  test("must all be there", () => {
    expect(check(spending([1n], 2), [coin(5n), undefined])).toEqual({
      kind: "missing-inputs",
      reason: "bad-txns-inputs-missingorspent",
      detail: "CheckTxInputs: inputs missing/spent",
    });
  });

  test("are missing before anything else is wrong with them", () => {
    const immature = coin(5n, { isCoinbase: true, height: 999 });
    expect(check(spending([1n], 2), [immature, undefined])).toMatchObject({ kind: "missing-inputs" });
  });

  test("are mature where they are a coinbase's", () => {
    const mined = coin(5n, { isCoinbase: true, height: 900 });
    expect(check(spending([5n]), [mined], 1000)).toBe(0n);
    expect(check(spending([5n]), [mined], 999)).toEqual({
      kind: "premature-spend",
      reason: "bad-txns-premature-spend-of-coinbase",
      detail: "tried to spend coinbase at depth 99",
    });
    expect(check(spending([5n]), [coin(5n, { height: 999 })], 999)).toBe(0n);
  });

  test("have values in range, each and together", () => {
    const reject = { kind: "consensus", reason: "bad-txns-inputvalues-outofrange", detail: "" };
    expect(check(spending([1n]), [coin(MAX_MONEY + 1n)])).toEqual(reject);
    expect(check(spending([1n]), [coin(-1n)])).toEqual(reject);
    expect(check(spending([1n], 2), [coin(MAX_MONEY), coin(1n)])).toEqual(reject);
    expect(check(spending([1n], 2), [coin(MAX_MONEY), coin(0n)])).toBe(MAX_MONEY - 1n);
  });

  test("are looked at one by one, maturity before value", () => {
    const coins = [coin(MAX_MONEY + 1n), coin(1n, { isCoinbase: true, height: 1000 })];
    expect(check(spending([1n], 2), coins)).toMatchObject({ reason: "bad-txns-inputvalues-outofrange" });
    expect(check(spending([1n], 2), coins.toReversed())).toMatchObject({
      reason: "bad-txns-premature-spend-of-coinbase",
    });
  });

  test("pay for the outputs", () => {
    expect(check(spending([100_000_001n]), [coin(100_000_000n)])).toEqual({
      kind: "consensus",
      reason: "bad-txns-in-belowout",
      detail: "value in (1.00) < value out (1.00000001)",
    });
  });
});

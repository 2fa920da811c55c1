import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { availableCoins } from "./available-coins.ts";
import { addressBalancesOf, balancesOf } from "./balances.ts";
import { EMPTY_CHANGE_SET, scriptKey } from "./change-set.ts";
import { coinbaseTo, pay, scriptOf, TestLedger } from "./ledger-test-kit.ts";
import { receivedByScript, receivedTogether } from "./received.ts";
import { amountsOf, categoryOf, netAmountsOf, walletConflictsOf } from "./transaction-amounts.ts";
import { isTrusted } from "./trust.ts";

function funded(options = {}) {
  const ledger = new TestLedger(options);
  const funding = pay(
    [],
    [
      ["my 0", 100],
      ["my 1", 40],
    ],
  );
  ledger.connect([coinbaseTo("their 0"), funding]);
  return { ledger, funding };
}

const nameAddress = (ledger: TestLedger, name: string, label: string | undefined) =>
  ledger.store.apply({
    ...EMPTY_CHANGE_SET,
    addressBook: [{ script: scriptOf(name), label, purpose: "receive", isUsed: false }],
  });

describe("trust", () => {
  test("the wallet's own change, through any number of its own transactions", () => {
    const { ledger, funding } = funded();
    const first = pay([[funding, 0]], [["my 2", 90]]);
    const second = pay([[first, 0]], [["my 3", 80]]);
    ledger.seen(first, second);
    expect(isTrusted(ledger.store, ledger.record(second), ledger.context)).toBe(true);
    const strict = { ...ledger.context, spendsUnconfirmedChange: false };
    expect(isTrusted(ledger.store, ledger.record(second), strict)).toBe(false);
    ledger.removed(second);
    expect(isTrusted(ledger.store, ledger.record(second), ledger.context)).toBe(false);
  });

  test("not what others have a hand in, nor what depends on it", () => {
    const { ledger, funding } = funded();
    const payment = pay([], [["my 2", 7]]);
    const joint = pay(
      [
        [funding, 0],
        [pay([], [["their 0", 5]]), 0],
      ],
      [["my 3", 90]],
    );
    const onward = pay([[payment, 0]], [["my 4", 6]]);
    ledger.seen(payment, joint, onward);
    for (const each of [payment, joint, onward]) {
      expect(isTrusted(ledger.store, ledger.record(each), ledger.context)).toBe(false);
    }
    expect(ledger.spendable()).toEqual([40, 96]);
  });
});

describe("what is said to be confirmed and not believed", () => {
  test("counts as one of others that waits, is not there to be spent, and makes nothing that is built on it trusted", () => {
    const { ledger, funding } = funded();
    const payment = pay([[funding, 0]], [["my 2", 90]]);
    ledger.seen(payment);
    const doubted = { ...ledger.context, isDoubted: (txid: Txid) => equalBytes(txid, funding.txid) };
    const valuesOf = (context: typeof ledger.context) =>
      availableCoins(ledger.store, context).map(({ coin }) => coin.value);
    expect(valuesOf(ledger.context).sort()).toEqual([40n, 90n]);
    expect(valuesOf(doubted)).toEqual([]);
    const unsafe = availableCoins(ledger.store, doubted, { includesUnsafe: true });
    expect(unsafe.map(({ coin, isSafe }) => [coin.value, isSafe])).toEqual([[90n, false]]);
    expect(isTrusted(ledger.store, ledger.record(funding), ledger.context)).toBe(true);
    expect(isTrusted(ledger.store, ledger.record(funding), doubted)).toBe(false);
    expect(isTrusted(ledger.store, ledger.record(payment), doubted)).toBe(false);
    expect(balancesOf(ledger.store, ledger.context)).toMatchObject({ trusted: 130n, untrustedPending: 0n });
    expect(balancesOf(ledger.store, doubted)).toMatchObject({ trusted: 0n, untrustedPending: 130n });
    expect([...addressBalancesOf(ledger.store, doubted).values()]).not.toContain(40n);
  });
});

describe("balances", () => {
  test("a coinbase is immature for 100 blocks", () => {
    const ledger = new TestLedger();
    const coinbase = coinbaseTo("my 0", 50);
    ledger.connect([coinbase]);
    for (let count = 1; count < 100; count++) ledger.connect();
    expect(ledger.balances()).toMatchObject({ immature: 50n, trusted: 0n });
    expect(categoryOf(ledger.record(coinbase), ledger.tipHeight)).toBe("immature");
    expect(netAmountsOf(ledger.store, ledger.record(coinbase), ledger.tipHeight).amount).toBe(0n);
    ledger.connect();
    expect(ledger.balances()).toMatchObject({ immature: 0n, trusted: 50n });
    expect(categoryOf(ledger.record(coinbase), ledger.tipHeight)).toBe("generate");
    expect(netAmountsOf(ledger.store, ledger.record(coinbase), ledger.tipHeight).amount).toBe(50n);
  });

  test("by least confirmations", () => {
    const { ledger, funding } = funded();
    ledger.seen(pay([[funding, 1]], [["my 2", 30]]));
    expect(ledger.balances({ includesNonMempool: true })).toEqual(ledger.balances());
    expect([0, 1, 2].map((minDepth) => ledger.balances({ minDepth }).trusted)).toEqual([130n, 100n, 0n]);
  });

  test("of each address, also of those that hold nothing any more", () => {
    const { ledger, funding } = funded();
    ledger.seen(pay([[funding, 0]], [["my 2", 90]]), pay([], [["my 3", 7]]));
    const balances = addressBalancesOf(ledger.store, ledger.context);
    const of = (name: string) => balances.get(scriptKey(scriptOf(name)));
    expect(["my 0", "my 1", "my 2", "my 3"].map(of)).toEqual([0n, 40n, 90n, undefined]);
  });
});

describe("coins to spend", () => {
  const valuesOf = (ledger: TestLedger, filter: Parameters<typeof availableCoins>[2] = {}) =>
    availableCoins(ledger.store, ledger.context, filter)
      .map(({ coin }) => Number(coin.value))
      .sort((a, b) => a - b);

  test("by confirmations and value, both ends included", () => {
    const { ledger } = funded();
    ledger.connect([coinbaseTo("their 0"), pay([], [["my 2", 7]])]);
    expect(valuesOf(ledger)).toEqual([7, 40, 100]);
    expect(valuesOf(ledger, { depthMin: 2 })).toEqual([40, 100]);
    expect(valuesOf(ledger, { depthMax: 1 })).toEqual([7]);
    expect(valuesOf(ledger, { valueMin: 40n })).toEqual([40, 100]);
    expect(valuesOf(ledger, { valueMin: 41n, valueMax: 100n })).toEqual([100]);
    expect(valuesOf(ledger, { valueMax: 99n })).toEqual([7, 40]);
    expect(valuesOf(ledger, { countMax: 2 })).toHaveLength(2);
    expect(valuesOf(ledger, { sumMin: 100n })).toEqual([100]);
  });

  test("not the unsafe, the locked, the immature and the spent, unless they are asked for", () => {
    const { ledger, funding } = funded();
    ledger.connect([coinbaseTo("my 4", 9)]);
    ledger.seen(pay([], [["my 2", 7]]));
    const outPoint = { txid: funding.txid, index: 1 };
    ledger.store.apply({ ...EMPTY_CHANGE_SET, lockedCoins: [{ outPoint, isPersistent: false }] });
    expect(valuesOf(ledger)).toEqual([100]);
    expect(valuesOf(ledger, { includesUnsafe: true })).toEqual([7, 100]);
    expect(valuesOf(ledger, { includesLocked: true })).toEqual([40, 100]);
    expect(valuesOf(ledger, { includesImmature: true })).toEqual([9, 100]);
    ledger.created(pay([[funding, 0]], [["their 0", 90]]));
    expect(valuesOf(ledger)).toEqual([]);
  });

  test("not of transactions out of the mempool; replaced and replacing ones are unsafe", () => {
    const { ledger, funding } = funded();
    const payment = pay([[funding, 0]], [["my 2", 90]]);
    ledger.created(payment);
    expect(valuesOf(ledger, { includesUnsafe: true })).toEqual([40]);
    ledger.seen(payment);
    expect(valuesOf(ledger)).toEqual([40, 90]);
    for (const notes of [{ replaces: funding.txid }, { replacedBy: funding.txid }]) {
      ledger.store.apply({ ...EMPTY_CHANGE_SET, transactions: [{ ...ledger.record(payment), notes }] });
      expect(valuesOf(ledger)).toEqual([40]);
      expect(valuesOf(ledger, { includesUnsafe: true })).toEqual([40, 90]);
    }
  });

  test("of addresses that were spent from, unless they are to be left out", () => {
    const { ledger, funding } = funded({ avoidReuse: true });
    ledger.seen(pay([[funding, 0]], [["my 0", 90]]));
    expect(valuesOf(ledger)).toEqual([40, 90]);
    expect(valuesOf(ledger, { avoidsReuse: true })).toEqual([40]);
  });
});

describe("amounts of a transaction", () => {
  test("a payment with change: what is in the address book is no change", () => {
    const { ledger, funding } = funded();
    nameAddress(ledger, "my 3", "");
    nameAddress(ledger, "my 4", undefined);
    const payment = pay(
      [[funding, 0]],
      [
        ["their 0", 50],
        ["my 2", 20],
        ["my 3", 15],
        ["my 4", 10],
      ],
    );
    ledger.seen(payment);
    const record = ledger.record(payment);
    const { sent, received, ...sums } = amountsOf(ledger.store, record);
    expect(sums).toEqual({ debit: 100n, credit: 45n, change: 30n, fee: 5n });
    expect([sent, received].map((list) => list.map(({ index }) => index))).toEqual([[0, 2], [2]]);
    const whole = amountsOf(ledger.store, record, true);
    expect([whole.sent, whole.received].map((list) => list.map(({ index }) => index))).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3],
    ]);
    expect(netAmountsOf(ledger.store, record, ledger.tipHeight)).toEqual({ amount: -50n, fee: -5n });
  });

  test("what others pay: the wallet's outputs, and no fee", () => {
    const { ledger, funding } = funded();
    const { sent, received, ...sums } = amountsOf(ledger.store, ledger.record(funding));
    expect(sums).toEqual({ debit: 0n, credit: 140n, change: 0n, fee: 0n });
    expect([sent.length, received.length]).toEqual([0, 2]);
    expect(netAmountsOf(ledger.store, ledger.record(funding), 0)).toEqual({ amount: 140n, fee: undefined });
    expect(categoryOf(ledger.record(funding), 0)).toBe("receive");
  });

  test("a coinbase out of the chain is an orphan", () => {
    const ledger = new TestLedger();
    ledger.connect();
    const coinbase = coinbaseTo("my 0");
    ledger.connect([coinbase]);
    ledger.disconnect();
    expect(categoryOf(ledger.record(coinbase), ledger.tipHeight)).toBe("orphan");
  });

  test("conflicts: others of the wallet that spend the same, by their bytes", () => {
    const { ledger, funding } = funded();
    const [a, b, c] = [1, 2, 3].map((value) => pay([[funding, 0]], [["my 2", value]]));
    for (const each of [a!, b!, c!]) ledger.created(each);
    const expected = [b!, c!].map(({ txid }) => displayHash(txid)).sort();
    const found = walletConflictsOf(ledger.store, ledger.record(a!));
    expect(found.map(displayHash).sort()).toEqual(expected);
    expect(Buffer.compare(found[0]!, found[1]!)).toBe(-1);
    expect(walletConflictsOf(ledger.store, ledger.record(funding))).toEqual([]);
  });
});

test("received by address, spent since or not", () => {
  const { ledger, funding } = funded();
  ledger.seen(pay([[funding, 0]], [["my 1", 90]]));
  ledger.connect([coinbaseTo("my 1", 3)]);
  const options = { tipHeight: ledger.tipHeight, minDepth: 1, includesImmature: false };
  const received = receivedByScript(ledger.store, options);
  expect(received.get(scriptKey(scriptOf("my 0")))).toEqual({ amount: 100n, depth: 2, txids: [funding.txid] });
  expect(received.get(scriptKey(scriptOf("my 1")))).toMatchObject({ amount: 40n, depth: 2 });
  const all = receivedByScript(ledger.store, { ...options, minDepth: 0, includesImmature: true }, scriptOf("my 1"));
  expect([...all.values()]).toMatchObject([{ amount: 133n, depth: 0 }]);
  expect(receivedTogether(received.values())).toMatchObject({ amount: 140n, depth: 2 });
  expect(receivedTogether([])).toBeUndefined();
  ledger.disconnect();
  const unconfirmed = { tipHeight: ledger.tipHeight, minDepth: 0, includesImmature: true };
  // The block's coinbase is no more.
  expect([...receivedByScript(ledger.store, unconfirmed, scriptOf("my 1")).values()]).toMatchObject([{ amount: 130n }]);
});

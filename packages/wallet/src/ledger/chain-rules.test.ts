import { describe, expect, test } from "vitest";
import { coinbaseTo, pay, TestLedger } from "./ledger-test-kit.ts";
import { depthOf } from "./wallet-transaction.ts";

describe("a block is connected", () => {
  test("its transactions are confirmed, at their place; depth counts from the tip", () => {
    const ledger = new TestLedger();
    const payment = pay(
      [],
      [
        ["my 0", 100],
        ["their 0", 1],
      ],
    );
    const block = ledger.connect([coinbaseTo("their 0"), payment]);
    expect(ledger.record(payment).state).toEqual({
      kind: "confirmed",
      block: { hash: block.hash, height: 0 },
      indexInBlock: 1,
      blockTime: block.time,
    });
    expect(ledger.store.bestBlock()).toEqual({ hash: block.hash, height: 0 });
    expect(depthOf(ledger.record(payment), 0)).toBe(1);
    ledger.connect();
    expect(depthOf(ledger.record(payment), ledger.tipHeight)).toBe(2);
    expect(ledger.spendable()).toEqual([100, 0]);
  });

  test("what it excludes is conflicted, with what depends on that, and deeper with each block", () => {
    const ledger = new TestLedger();
    const source = pay([], [["their 0", 100]]);
    const payment = pay([[source, 0]], [["my 0", 90]]);
    const onward = pay([[payment, 0]], [["my 1", 80]]);
    const rival = pay([[source, 0]], [["their 1", 95]]);
    ledger.seen(payment, onward);
    expect(ledger.spendable()).toEqual([0, 80]);
    const block = ledger.connect([coinbaseTo("their 0"), rival]);
    for (const each of [payment, onward]) {
      expect(ledger.record(each).state).toEqual({ kind: "conflicted", block: { hash: block.hash, height: 0 } });
      expect(depthOf(ledger.record(each), ledger.tipHeight)).toBe(-1);
    }
    expect(ledger.stateOf(rival)).toBe("unknown");
    ledger.connect();
    expect(depthOf(ledger.record(payment), ledger.tipHeight)).toBe(-2);
    expect(ledger.spendable()).toEqual([0, 0]);
  });

  test("a conflict with an older block stays; one with a younger block does not take its place", () => {
    const ledger = new TestLedger();
    const [a, b] = [pay([], [["their 0", 1]]), pay([], [["their 0", 1]])];
    const payment = pay(
      [
        [a, 0],
        [b, 0],
      ],
      [["my 0", 2]],
    );
    ledger.seen(payment);
    const older = ledger.connect([coinbaseTo("their 0"), pay([[a, 0]], [["their 1", 1]])]);
    ledger.connect([coinbaseTo("their 0"), pay([[b, 0]], [["their 1", 1]])]);
    expect(ledger.record(payment).state).toMatchObject({ block: { hash: older.hash } });
    ledger.disconnect();
    expect(ledger.stateOf(payment)).toBe("conflicted");
    ledger.disconnect();
    expect(ledger.stateOf(payment)).toBe("inactive");
  });

  test("the same transaction again, found by a scan, changes nothing", () => {
    const ledger = new TestLedger();
    ledger.connect([coinbaseTo("my 1"), pay([], [["my 0", 100]])]);
    expect(ledger.rescan(0)).toMatchObject({ transactions: [], coins: [], spends: [], bestBlock: undefined });
  });

  test("a coin that was spent before its transaction was known is found to be spent, and what spends it the wallet's own", () => {
    const ledger = new TestLedger();
    const parent = pay([], [["my 0", 100]]);
    const child = pay([[parent, 0]], [["my 1", 90]]);
    ledger.connect([coinbaseTo("their 0"), child]);
    expect(ledger.record(child).isFromMe).toBe(false);
    ledger.blocks[0] = { ...ledger.blocks[0]!, transactions: [parent, child] };
    ledger.rescan(0);
    expect(ledger.record(child).isFromMe).toBe(true);
    expect(ledger.store.coin({ txid: parent.txid, index: 0 })).toMatchObject({ height: 0, spentHeight: 0 });
    expect(ledger.spendable()).toEqual([90, 0]);
  });
});

describe("a block is disconnected", () => {
  test("its transactions are unconfirmed, what it spent is free of it, and the best block is the one before", () => {
    const ledger = new TestLedger();
    const funding = pay([], [["my 0", 100]]);
    const first = ledger.connect([coinbaseTo("their 0"), funding]);
    const payment = pay([[funding, 0]], [["my 1", 90]]);
    ledger.connect([coinbaseTo("their 0"), payment]);
    ledger.disconnect();
    expect(ledger.stateOf(payment)).toBe("inactive");
    expect(ledger.store.bestBlock()).toEqual({ hash: first.hash, height: 0 });
    expect(ledger.balances({ includesNonMempool: true })).toMatchObject({ trusted: 100n, nonMempool: -100n });
    ledger.seen(payment);
    expect(ledger.spendable()).toEqual([90, 0]);
  });

  test("its coinbase is given up with all that spends it, and comes back with the block", () => {
    const ledger = new TestLedger();
    ledger.connect();
    const coinbase = coinbaseTo("my 0", 50);
    const spend = pay([[coinbase, 0]], [["my 1", 40]]);
    ledger.connect([coinbase]);
    ledger.seen(spend);
    expect(ledger.balances().immature).toBe(0n);
    const transactions = ledger.disconnect();
    expect([ledger.stateOf(coinbase), ledger.stateOf(spend)]).toEqual(["abandoned", "abandoned"]);
    expect(ledger.balances().immature).toBe(0n);
    ledger.connect(transactions);
    expect([ledger.stateOf(coinbase), ledger.stateOf(spend)]).toEqual(["confirmed", "abandoned"]);
    expect(ledger.balances().immature).toBe(50n);
  });
});

describe("the time of a transaction", () => {
  const timeOf = (ledger: TestLedger, transaction: ReturnType<typeof pay>) => ledger.record(transaction).timeSmart;
  const NOW = 1_700_000_000;

  test("is the clock's in the mempool, the block's in a block, never in the future", () => {
    const ledger = new TestLedger();
    const [seen, mined, early] = [pay([], [["my 0", 1]]), pay([], [["my 0", 2]]), pay([], [["my 0", 3]])];
    ledger.connect([mined], { time: NOW - 500 });
    expect(timeOf(ledger, mined)).toBe(NOW - 500);
    ledger.seen(seen);
    expect(timeOf(ledger, seen)).toBe(NOW);
    ledger.connect([early], { time: NOW + 7200 });
    expect(timeOf(ledger, early)).toBe(NOW);
    expect(ledger.record(early).timeReceived).toBe(NOW);
  });

  test("is never before that of the transaction before, unless that one is far in the future", () => {
    const ledger = new TestLedger();
    const [first, second, third] = [1, 2, 3].map((value) => pay([], [["my 0", value]]));
    ledger.nowSeconds = NOW + 300;
    ledger.seen(first!);
    ledger.nowSeconds = NOW;
    ledger.connect([second!], { time: NOW - 600 });
    expect(timeOf(ledger, second!)).toBe(NOW + 300);
    ledger.nowSeconds = NOW - 1;
    ledger.connect([third!], { time: NOW - 600 });
    expect(timeOf(ledger, third!)).toBe(NOW - 600);
  });

  test("is the latest of the chain up to the block when old blocks are scanned", () => {
    const ledger = new TestLedger();
    const payment = pay([], [["my 0", 1]]);
    ledger.connect([], { time: NOW - 900, maxTime: NOW - 800 });
    ledger.blocks[0] = { ...ledger.blocks[0]!, transactions: [payment] };
    ledger.rescan(0);
    expect(timeOf(ledger, payment)).toBe(NOW - 800);
  });
});

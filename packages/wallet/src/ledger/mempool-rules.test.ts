import { describe, expect, test } from "vitest";
import { coinbaseTo, pay, TestLedger } from "./ledger-test-kit.ts";
import { isSpent } from "./trust.ts";

/** A wallet whose first block pays it 100. */
function funded(options = {}) {
  const ledger = new TestLedger(options);
  const funding = pay([], [["my 0", 100]]);
  ledger.connect([coinbaseTo("their 0"), funding]);
  return { ledger, funding };
}

const outPointOf = (transaction: ReturnType<typeof pay>, index: number) => ({ txid: transaction.txid, index });

describe("a transaction gets into the mempool", () => {
  test("one that pays the wallet is kept, one that does not is not", () => {
    const ledger = new TestLedger();
    const [payment, other] = [pay([], [["my 1", 7]]), pay([], [["their 1", 7]])];
    ledger.seen(payment, other);
    expect([ledger.stateOf(payment), ledger.stateOf(other)]).toEqual(["in-mempool", "unknown"]);
    expect(ledger.record(payment)).toMatchObject({
      isFromMe: false,
      orderPosition: 0,
      notes: {},
      mempoolConflicts: [],
    });
    expect(ledger.spendable()).toEqual([0, 7]);
  });

  test("one that spends a coin of the wallet is the wallet's own, even where it pays others alone", () => {
    const { ledger, funding } = funded();
    const payment = pay([[funding, 0]], [["their 1", 90]]);
    ledger.seen(payment);
    expect(ledger.record(payment).isFromMe).toBe(true);
    expect(ledger.spendable()).toEqual([0, 0]);
  });

  test("one that was given up counts again", () => {
    const { ledger, funding } = funded();
    const payment = pay([[funding, 0]], [["my 1", 90]]);
    ledger.created(payment);
    ledger.abandon(payment);
    expect(ledger.spendable()).toEqual([100, 0]);
    ledger.seen(payment);
    expect(ledger.stateOf(payment)).toBe("in-mempool");
    expect(ledger.spendable()).toEqual([90, 0]);
  });

  test("one that excludes transactions of the wallet is noted with them and what depends on them, until it leaves", () => {
    const ledger = new TestLedger();
    const source = pay([], [["their 0", 50]]);
    const payment = pay([[source, 0]], [["my 1", 40]]);
    const onward = pay([[payment, 0]], [["my 2", 30]]);
    const rival = pay([[source, 0]], [["their 2", 45]]);
    ledger.seen(payment, onward);
    ledger.removed(onward, "replaced");
    ledger.removed(payment, "replaced");
    expect(isSpent(ledger.store, outPointOf(payment, 0))).toBe(true);
    ledger.seen(rival);
    expect(ledger.stateOf(rival)).toBe("unknown");
    for (const each of [payment, onward]) expect(ledger.record(each).mempoolConflicts).toEqual([rival.txid]);
    expect(isSpent(ledger.store, outPointOf(payment, 0))).toBe(false);
    ledger.removed(rival);
    for (const each of [payment, onward]) expect(ledger.record(each).mempoolConflicts).toEqual([]);
  });

  test("children of one version 3 parent exclude one another there; of version 2 they do not", () => {
    for (const version of [2, 3]) {
      const ledger = new TestLedger();
      const parent = pay(
        [],
        [
          ["my 0", 10],
          ["my 1", 20],
        ],
        { version },
      );
      const [first, second] = [0, 1].map((index) => pay([[parent, index]], [["their 0", 5]], { version }));
      ledger.seen(parent);
      ledger.created(second!);
      ledger.seen(first!);
      const isTruc = version === 3;
      expect(ledger.record(parent).trucChildInMempool).toEqual(isTruc ? first!.txid : undefined);
      expect(ledger.record(second!).mempoolConflicts).toEqual(isTruc ? [first!.txid] : []);
      ledger.removed(first!);
      expect(ledger.record(parent).trucChildInMempool).toBeUndefined();
      expect(ledger.record(second!).mempoolConflicts).toEqual([]);
    }
  });
});

describe("a transaction leaves the mempool", () => {
  test.each(["expiry", "sizelimit", "reorg", "conflict", "replaced"] as const)(
    "by %s: it still holds what it spends",
    (reason) => {
      const { ledger, funding } = funded();
      const payment = pay([[funding, 0]], [["my 1", 90]]);
      ledger.seen(payment);
      ledger.removed(payment, reason);
      expect(ledger.stateOf(payment)).toBe("inactive");
      expect(ledger.spendable()).toEqual([0, 0]);
      expect(ledger.balances({ includesNonMempool: true })).toMatchObject({ trusted: 100n, nonMempool: -100n });
    },
  );

  test("by a block: the block says what becomes of it", () => {
    const { ledger, funding } = funded();
    const payment = pay([[funding, 0]], [["my 1", 90]]);
    ledger.seen(payment);
    ledger.removed(payment, "block");
    expect(ledger.stateOf(payment)).toBe("in-mempool");
  });

  test("one that a block has confirmed or excluded stays so", () => {
    const { ledger, funding } = funded();
    const [payment, rival] = [90, 80].map((value) => pay([[funding, 0]], [["my 1", value]]));
    ledger.seen(payment!);
    ledger.connect([coinbaseTo("their 0"), rival!]);
    ledger.removed(payment!, "conflict");
    ledger.removed(rival!, "reorg");
    expect([ledger.stateOf(payment!), ledger.stateOf(rival!)]).toEqual(["conflicted", "confirmed"]);
  });
});

test("an opened wallet knows nothing of the mempool until it is told", () => {
  const { ledger, funding } = funded({ isScanned: true });
  const [kept, gone] = [pay([[funding, 0]], [["my 1", 90]]), pay([], [["my 2", 5]])];
  ledger.seen(kept, gone);
  ledger.restart([kept]);
  expect([ledger.stateOf(kept), ledger.stateOf(gone)]).toEqual(["in-mempool", "inactive"]);
});

import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { coinbaseTo, ownerOf, pay, TestLedger } from "./ledger-test-kit.ts";
import { abandonTransaction, removeTransactions, scriptsAdded, transactionReplaced } from "./own-rules.ts";
import { hashOf } from "./store-test-kit.ts";

function funded() {
  const ledger = new TestLedger();
  const funding = pay([], [["my 0", 100]]);
  ledger.connect([coinbaseTo("their 0"), funding]);
  return { ledger, funding };
}

describe("the wallet makes a transaction", () => {
  test("it holds its coins at once, with the user's notes, and takes locks off them", () => {
    const { ledger, funding } = funded();
    const outPoint = { txid: funding.txid, index: 0 };
    ledger.store.apply({ ...ledger.memory.snapshot(), lockedCoins: [{ outPoint, isPersistent: true }] });
    const payment = pay([[funding, 0]], [["my 1", 90]]);
    ledger.created(payment, { comment: "rent", commentTo: "Ana" });
    expect(ledger.record(payment)).toMatchObject({ isFromMe: true, notes: { comment: "rent", commentTo: "Ana" } });
    expect(ledger.store.isLocked(outPoint)).toBe(false);
    expect(ledger.spendable()).toEqual([0, 0]);
    ledger.seen(payment);
    expect(ledger.record(payment).notes.comment).toBe("rent");
    expect(ledger.spendable()).toEqual([90, 0]);
  });

  test("one that only differs in its signatures has the notes and the time of the first; another has not", () => {
    const { ledger, funding } = funded();
    const payment = pay([[funding, 0]], [["my 1", 90]]);
    ledger.created(payment, { comment: "rent" });
    ledger.nowSeconds += 50;
    const [input] = payment.inputs;
    const clone = new Transaction({
      ...fieldsOf(payment),
      inputs: [{ ...input!, scriptSig: Uint8Array.of(0x51) }],
    });
    const other = pay([[funding, 0]], [["my 1", 89]]);
    ledger.seen(clone);
    ledger.created(other);
    expect(ledger.record(clone)).toMatchObject({
      notes: { comment: "rent" },
      timeSmart: ledger.nowSeconds - 50,
      timeReceived: ledger.nowSeconds,
    });
    expect(ledger.record(other)).toMatchObject({ notes: {}, timeSmart: ledger.nowSeconds });
  });

  test("a replacement is noted with what it replaces", () => {
    const { ledger, funding } = funded();
    const [payment, bumped] = [90, 80].map((value) => pay([[funding, 0]], [["my 1", value]]));
    ledger.created(payment!);
    ledger.store.apply(transactionReplaced(ledger.store, payment!.txid, bumped!.txid));
    expect(ledger.record(payment!).notes.replacedBy).toEqual(bumped!.txid);
    expect(() => transactionReplaced(ledger.store, bumped!.txid, payment!.txid)).toThrow(
      /no transaction of the wallet/,
    );
  });

  test("in a wallet that avoids reuse, addresses that it spends from are marked; in another they are not", () => {
    for (const avoidReuse of [true, false]) {
      const ledger = new TestLedger({ avoidReuse });
      const funding = pay(
        [],
        [
          ["my 0", 100],
          ["my 2", 9],
        ],
      );
      ledger.connect([coinbaseTo("their 0"), funding]);
      ledger.created(pay([[funding, 0]], [["my 1", 90]]));
      expect([...ledger.store.addressBook()].map((entry) => entry.isUsed)).toEqual(avoidReuse ? [true] : []);
      ledger.seen(pay([], [["my 0", 5]]), pay([], [["my 3", 6]]));
      const { used, untrustedPending } = ledger.balances();
      expect([used, untrustedPending]).toEqual(avoidReuse ? [5n, 6n] : [0n, 11n]);
      expect(ledger.balances({ leavesOutUsed: false }).untrustedPending).toBe(11n);
    }
  });
});

const fieldsOf = ({ version, outputs, lockTime }: Transaction) => ({ version, outputs, lockTime });

describe("giving up a transaction", () => {
  test("frees what it spends, with all that depends on it", () => {
    const { ledger, funding } = funded();
    const payment = pay([[funding, 0]], [["my 1", 90]]);
    const onward = pay([[payment, 0]], [["my 2", 80]]);
    ledger.created(payment);
    ledger.created(onward);
    expect(ledger.abandon(payment)).toBeUndefined();
    expect([ledger.stateOf(payment), ledger.stateOf(onward)]).toEqual(["abandoned", "abandoned"]);
    expect(ledger.spendable()).toEqual([100, 0]);
    expect(ledger.abandon(payment)).toBeUndefined();
  });

  test("is refused in the mempool, in a block, for what a block excludes, and for the unknown", () => {
    const { ledger, funding } = funded();
    const [payment, rival] = [90, 80].map((value) => pay([[funding, 0]], [["my 1", value]]));
    const refused = "Transaction not eligible for abandonment";
    ledger.seen(payment!);
    expect(ledger.abandon(payment!)).toBe(refused);
    ledger.connect([coinbaseTo("their 0"), rival!]);
    expect(ledger.abandon(payment!)).toBe(refused);
    expect(ledger.abandon(rival!)).toBe(refused);
    expect(abandonTransaction(ledger.store, hashOf("unknown") as Txid)).toEqual({
      error: "Invalid or non-wallet transaction id",
    });
  });
});

test("removed transactions leave nothing behind; their coins, and what spent the wallet's, are as before", () => {
  const { ledger, funding } = funded();
  const before = ledger.memory.snapshot();
  const payment = pay([[funding, 0]], [["my 1", 90]]);
  ledger.connect([coinbaseTo("their 0"), payment]);
  const changes = removeTransactions(ledger.store, [payment.txid]);
  if ("error" in changes) throw new Error(changes.error);
  ledger.store.apply({ ...changes, bestBlock: before.bestBlock });
  expect(ledger.memory.snapshot()).toEqual(before);
  const error = removeTransactions(ledger.store, [hashOf("unknown") as Txid]);
  expect(error).toEqual({ error: expect.stringMatching(/^Transaction [0-9a-f]{64} does not belong to this wallet$/) });
});

test("outputs to scripts that are added become coins, and what spends them the wallet's own", () => {
  const ledger = new TestLedger();
  const payment = pay(
    [],
    [
      ["my 0", 5],
      ["added", 7],
    ],
  );
  const spend = pay([[payment, 1]], [["my 1", 6]]);
  ledger.connect([coinbaseTo("their 0"), payment, spend]);
  expect(ledger.record(spend).isFromMe).toBe(false);
  const added = pay([], [["added", 1]]).outputs[0]!.scriptPubKey;
  const knows = (script: Uint8Array) =>
    ownerOf(script) ?? (script.join() === added.join() ? { descriptorId: 2, index: 0 } : undefined);
  ledger.store.apply(scriptsAdded(ledger.store, ledger.store.history({ limit: 9 }), knows));
  expect(ledger.record(spend).isFromMe).toBe(true);
  expect(ledger.store.coin({ txid: payment.txid, index: 1 })).toMatchObject({
    value: 7n,
    spentHeight: 0,
    descriptorId: 2,
  });
});

import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { coinbaseTo, pay } from "../ledger/ledger-test-kit.ts";
import { hashOf } from "../ledger/store-test-kit.ts";
import {
  checkSnapshot,
  DishonestAnswer,
  type Snapshot,
  type SnapshotTransaction,
  transactionFromServer,
} from "./snapshot.ts";

const block = (height: number, branch = "") => ({ hash: hashOf(`${height}${branch}`) as BlockHash, height });
const at = (height: number, indexInBlock: number, branch = "") => ({
  block: block(height, branch),
  blockTime: 1,
  indexInBlock,
});

function problemIn(transactions: readonly Omit<SnapshotTransaction, "seenAt">[]): string | undefined {
  const snapshot: Snapshot = {
    tip: block(9),
    sameUpTo: -1,
    transactions: transactions.map((one) => ({ ...one, seenAt: 0 })),
  };
  try {
    checkSnapshot(snapshot);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(DishonestAnswer);
    return (error as Error).message;
  }
}

describe("a server's answer", () => {
  const coinbase = coinbaseTo("my 0");
  const payment = pay([[coinbase, 0]], [["my 1", 10]]);
  const rival = pay([[coinbase, 0]], [["their 1", 20]]);

  test("is taken where its parts can all be so", () => {
    expect(
      problemIn([
        { transaction: coinbase, place: at(3, 0) },
        { transaction: payment, place: undefined },
      ]),
    ).toBeUndefined();
    expect(
      problemIn([
        { transaction: coinbase, place: at(3, 0) },
        { transaction: payment, place: at(9, 4) },
      ]),
    ).toBeUndefined();
  });

  test("is refused where it contradicts itself", () => {
    const both = [payment, rival].map((transaction) => ({ transaction, place: undefined }));
    expect(problemIn(both)).toMatch(/spends what another one spends/);
    expect(problemIn([{ transaction: payment, place: at(10, 1) }])).toMatch(/above the tip/);
    expect(problemIn([{ transaction: payment, place: at(9, 1, "other") }])).toMatch(/two blocks of height 9/);
    const ofTime = (blockTime: number) => problemIn([{ transaction: payment, place: { ...at(3, 1), blockTime } }]);
    expect(ofTime(2 ** 32 - 1)).toBeUndefined();
    expect(ofTime(2 ** 32)).toMatch(/a time that no block can have/);
    expect(problemIn([{ transaction: payment, place: at(3, 0) }])).toMatch(/at a place/);
    expect(problemIn([{ transaction: coinbase, place: at(3, 2) }])).toMatch(/at a place/);
    expect(problemIn([{ transaction: coinbase, place: undefined }])).toMatch(/wait for a block/);
  });

  test("has the bytes of the transaction that was asked for", () => {
    expect(transactionFromServer(payment.bytes, payment.txid).txid).toEqual(payment.txid);
    const asked = (bytes: Uint8Array, txid: Txid) => () => transactionFromServer(bytes, txid);
    expect(asked(rival.bytes, payment.txid)).toThrow(/not what it says/);
    expect(asked(payment.bytes.subarray(1), payment.txid)).toThrow(/is no transaction/);
    expect(asked(Uint8Array.from([...payment.bytes, 0]), payment.txid)).toThrow(/is no transaction/);
  });

  test("has no transaction that no network could have", () => {
    const [output] = payment.outputs;
    const worth = (...values: readonly bigint[]) =>
      new Transaction({ ...payment, outputs: values.map((value) => ({ ...output!, value })) });
    const twice = new Transaction({ ...payment, inputs: [payment.inputs[0]!, payment.inputs[0]!] });
    const all = 21_000_000n * 100_000_000n;
    for (const impossible of [worth(all + 1n), worth(all, 1n), worth(-1n), twice])
      expect(() => transactionFromServer(impossible.bytes, impossible.txid)).toThrow(/no network could have/);
    expect(transactionFromServer(worth(all).bytes, worth(all).txid).outputs).toHaveLength(1);
  });
});

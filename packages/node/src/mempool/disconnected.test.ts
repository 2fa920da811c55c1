import { blockOf, coinbase, input, outPoint, transaction } from "@bitfleet/protocol/consensus/test-kit.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { describe, expect, test } from "vitest";
import { DisconnectedTransactions, WAITING_BYTES_MAX } from "./disconnected.ts";

const numbered = (number: number): Transaction => transaction({ inputs: [input(outPoint(number))] });

/** Of exactly `size` bytes. */
function sized(number: number, size: number): Transaction {
  const padded = (length: number) =>
    transaction({ inputs: [input(outPoint(number), { scriptSig: new Uint8Array(length) })] });
  return padded(0x10000 + size - padded(0x10000).size);
}

describe("transactions of disconnected blocks", () => {
  test("come back in the order of the chain", () => {
    const waiting = new DisconnectedTransactions();
    const [low, high] = [
      [coinbase(1), numbered(1), numbered(2)],
      [coinbase(2), numbered(3)],
    ] as const;
    expect(waiting.isEmpty).toBe(true);
    expect(waiting.disconnected(blockOf(high))).toEqual([]);
    expect(waiting.disconnected(blockOf(low))).toEqual([]);
    expect(waiting.isEmpty).toBe(false);
    expect(waiting.take()).toEqual([...low, ...high]);
    expect([waiting.isEmpty, waiting.take()]).toEqual([true, []]);
  });

  test("do not where the new branch has them", () => {
    const waiting = new DisconnectedTransactions();
    const transactions = [coinbase(1), numbered(1), numbered(2)];
    waiting.disconnected(blockOf(transactions));
    waiting.connected(blockOf([coinbase(3), numbered(1), numbered(9)]));
    expect(waiting.take()).toEqual([transactions[0], transactions[2]]);
    // All confirmed again: still something to settle, for the tip has moved.
    waiting.disconnected(blockOf([numbered(1)]));
    waiting.connected(blockOf([numbered(1)]));
    expect(waiting.isEmpty).toBe(false);
    expect(waiting.take()).toEqual([]);
  });

  test("of a block that is given up are lost, coinbase and all", () => {
    const waiting = new DisconnectedTransactions();
    const transactions = [coinbase(1), numbered(1)];
    waiting.disconnected(blockOf([coinbase(2), numbered(2)]));
    expect(waiting.givenUp(blockOf(transactions))).toEqual(transactions);
    expect(waiting.take()).toEqual([coinbase(2), numbered(2)]);
    expect(waiting.isEmpty).toBe(true);
    waiting.givenUp(blockOf(transactions));
    expect(waiting.isEmpty).toBe(false);
  });

  test("beyond 20 MB are lost, the last of the chain first", () => {
    const waiting = new DisconnectedTransactions();
    const half = WAITING_BYTES_MAX / 2;
    const [one, two, three, four] = [sized(1, half), sized(2, half - 100), sized(3, 100), sized(4, 100)];
    expect(waiting.disconnected(blockOf([two, three]))).toEqual([]);
    expect(waiting.disconnected(blockOf([one]))).toEqual([]);
    expect(waiting.disconnected(blockOf([four]))).toEqual([three]);
    expect(waiting.disconnected(blockOf([sized(5, 101)]))).toEqual([two]);
    expect(waiting.take()).toEqual([sized(5, 101), four, one]);
  });

  test("that are confirmed again or taken make room", () => {
    const waiting = new DisconnectedTransactions();
    const all = sized(1, WAITING_BYTES_MAX);
    waiting.disconnected(blockOf([all]));
    waiting.connected(blockOf([all]));
    expect(waiting.disconnected(blockOf([all]))).toEqual([]);
    waiting.take();
    expect(waiting.disconnected(blockOf([all]))).toEqual([]);
    // A block that is too large by itself is lost as far as need be.
    waiting.take();
    const [first, last] = [numbered(1), sized(2, WAITING_BYTES_MAX)];
    expect(waiting.disconnected(blockOf([first, last]))).toEqual([last]);
    expect(waiting.take()).toEqual([first]);
  });
});

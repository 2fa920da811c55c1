import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { transaction } from "@bitfleet/protocol/consensus/test-kit.ts";
import { decodeTransaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { expect, test } from "vitest";
import { ownCopy } from "./own-copy.ts";

test("a transaction within a larger buffer is copied, and outlives what is written there", () => {
  const { bytes, txid } = transaction();
  const buffer = new Uint8Array(bytes.length + 1);
  buffer.set(bytes);
  const own = ownCopy(decodeTransaction(new Reader(buffer.subarray(0, bytes.length))));
  buffer.fill(0xff);
  expect(own.bytes).toEqual(bytes);
  expect(own.txid).toEqual(txid);
  expect(own.bytes.buffer.byteLength).toBe(bytes.length);
});

test("one that has its bytes to itself is not", () => {
  const tx = decodeTransaction(new Reader(Uint8Array.from(transaction().bytes)));
  expect(ownCopy(tx)).toBe(tx);
});

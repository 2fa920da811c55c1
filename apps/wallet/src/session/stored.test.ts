import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { TransactionState, WalletTransaction } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { describe, expect, test } from "vitest";
import {
  accountStateOf,
  accountStateValue,
  outPointText,
  parseOutPoint,
  transactionOfValue,
  transactionValue,
  UnreadableRecord,
} from "./stored.ts";

const HASH = fromHex("0f".repeat(31).concat("01"));
const BLOCK = { hash: HASH as BlockHash, height: 12 };
const transaction = new Transaction({
  version: 2,
  inputs: [
    { previousOutput: { txid: HASH as Txid, index: 3 }, scriptSig: new Uint8Array(0), sequence: 5, witness: [HASH] },
  ],
  outputs: [{ value: 7n, scriptPubKey: HASH }],
  lockTime: 0,
});

const record = (state: TransactionState): WalletTransaction => ({
  txid: transaction.txid,
  wtxid: transaction.wtxid,
  bytes: transaction.bytes,
  isCoinbase: false,
  isFromMe: true,
  orderPosition: 4,
  timeReceived: 100,
  timeSmart: 99,
  state,
  notes: { replaces: HASH as Txid, replacedBy: undefined },
  mempoolConflicts: [HASH as Txid],
  trucChildInMempool: HASH as Txid,
});

describe("records of the vault", () => {
  test.each<TransactionState>([
    { kind: "confirmed", block: BLOCK, indexInBlock: 2, blockTime: 88 },
    { kind: "in-mempool" },
    { kind: "inactive", isAbandoned: true },
    { kind: "inactive", isAbandoned: false, leftBlock: BLOCK },
    { kind: "conflicted", block: BLOCK },
  ])("a transaction that is $kind comes back as it was", (state) => {
    for (const fee of [undefined, 12n]) {
      const proof = { block: Uint8Array.from({ length: 32 }, (_, at) => at) as BlockHash, kind: "linked" } as const;
      const proved = transactionValue({ record: record(state), fee, proof });
      expect(transactionOfValue(JSON.parse(JSON.stringify(proved)))).toEqual({ record: record(state), fee, proof });
      const value = transactionValue({ record: record(state), fee });
      expect(transactionOfValue(JSON.parse(JSON.stringify(value)))).toEqual({ record: record(state), fee });
    }
  });

  test("a transaction that was sent from here comes back as that", () => {
    const kept = record({ kind: "inactive", isAbandoned: false });
    const sent = { ...kept, isFromMe: false, notes: { ...kept.notes, isSentHere: true } };
    const value = transactionValue({ record: sent, fee: 12n });
    expect(transactionOfValue(JSON.parse(JSON.stringify(value))).record).toEqual(sent);
  });

  test("an account comes back as it was", () => {
    const state = {
      descriptors: [
        {
          id: 1,
          text: "a",
          normalizedText: "b",
          createdAt: 3,
          activeFor: { addressType: "bech32", isInternal: true },
          isInternal: true,
        },
        {
          id: 2,
          text: "c",
          normalizedText: undefined,
          createdAt: 0,
          activeFor: undefined,
          isInternal: false,
          doubt: "old",
        },
      ],
      progress: [
        { id: 1, nextIndex: 2, rangeStart: 0, rangeEnd: 22, shownIndex: 5, lookedEnd: 21 },
        { id: 2, nextIndex: 0, rangeStart: 0, rangeEnd: 20, shownIndex: 0, lookedEnd: 20 },
      ],
      bestBlock: BLOCK,
      frozen: [{ txid: HASH as Txid, index: 9 }],
    } as const;
    expect(accountStateOf(JSON.parse(JSON.stringify(accountStateValue(state))))).toEqual(state);
    const blank = { ...state, bestBlock: undefined };
    expect(accountStateOf(accountStateValue(blank)).bestBlock).toBeUndefined();
  });

  test("coins have the names that people see", () => {
    const outPoint = { txid: HASH as Txid, index: 9 };
    expect(parseOutPoint(outPointText(outPoint))).toEqual(outPoint);
    for (const text of ["", "ab:0", `${"0".repeat(64)}`, `${"0".repeat(64)}:x`])
      expect(parseOutPoint(text)).toBeUndefined();
  });

  test("what is none is told in a sentence", () => {
    for (const value of [
      null,
      [],
      { hex: "00" },
      {
        ...(transactionValue({ record: record({ kind: "in-mempool" }), fee: undefined }) as object),
        state: { kind: "odd" },
      },
    ]) {
      const read = () => transactionOfValue(value as never);
      if (Array.isArray(value) || value === null) expect(read).toThrow(UnreadableRecord);
      else expect(read).toThrow();
    }
    for (const proof of [null, 7, { block: 7, kind: "linked" }, { block: displayHash(BLOCK.hash), kind: "sure" }]) {
      const kept = transactionValue({ record: record({ kind: "in-mempool" }), fee: undefined }) as object;
      expect(() => transactionOfValue({ ...kept, proof } as never)).toThrow(UnreadableRecord);
    }
    expect(() => accountStateOf({ descriptors: 1 })).toThrow(/cannot be read: a descriptor/);
  });
});

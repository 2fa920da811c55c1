/** What every `LedgerStore` must answer, whatever it is made of: call it in the test of each. */
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { Transaction, type TxInput, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { EMPTY_CHANGE_SET } from "./change-set.ts";
import type { LedgerStore } from "./ledger-store.ts";
import type { WalletCoin } from "./wallet-coin.ts";
import type { BlockReference, TransactionState, WalletTransaction } from "./wallet-transaction.ts";

/** How a test gets a store. */
export interface LedgerStoreFactory {
  /** A new one with nothing in it. */
  create(): LedgerStore;
  /** Closes it and opens what it kept, as after a restart. */
  reopen(store: LedgerStore): LedgerStore;
}

/** Bytes of a hash that a number stands for. */
export function hashOf(seed: number | string): Uint8Array {
  return sha256(new TextEncoder().encode(String(seed)));
}

export function blockAt(height: number, branch = ""): BlockReference {
  return { hash: hashOf(`block ${height} ${branch}`) as BlockHash, height };
}

/** An input without signature. */
export function inputOf(txid: Uint8Array, index: number): TxInput {
  return {
    previousOutput: { txid: txid as Txid, index },
    scriptSig: new Uint8Array(0),
    sequence: 0xfffffffd,
    witness: [],
  };
}

/** A transaction with these inputs and outputs. */
export function transactionWith(inputs: readonly TxInput[], outputs: readonly TxOutput[], lockTime = 0): Transaction {
  return new Transaction({ version: 2, inputs, outputs, lockTime });
}

const confirmedIn = (block: BlockReference): TransactionState => ({
  kind: "confirmed",
  block,
  indexInBlock: 3,
  blockTime: 1_700_000_000 + block.height,
});
const IN_MEMPOOL: TransactionState = { kind: "in-mempool" };

/** A record of a transaction that differs with its position. */
function recordAt(orderPosition: number, state: TransactionState = IN_MEMPOOL): WalletTransaction {
  const script = hashOf(orderPosition);
  const input = inputOf(hashOf(`spent by ${orderPosition}`), orderPosition);
  const transaction = transactionWith([input], [{ value: 5n, scriptPubKey: script }]);
  return {
    txid: transaction.txid,
    wtxid: transaction.wtxid,
    bytes: transaction.bytes,
    isCoinbase: false,
    isFromMe: orderPosition % 2 === 1,
    orderPosition,
    timeReceived: 1_700_000_000 + orderPosition,
    timeSmart: 1_600_000_000 + orderPosition,
    state,
    notes: {},
    mempoolConflicts: [],
    trucChildInMempool: undefined,
  };
}

function coinOf(record: WalletTransaction, changes: Partial<WalletCoin> = {}): WalletCoin {
  return {
    outPoint: { txid: record.txid, index: 0 },
    value: 2_100_000_000_000_000n,
    script: hashOf(record.orderPosition),
    descriptorId: 3,
    index: 0x7fffffff,
    isCoinbase: false,
    height: undefined,
    spentHeight: undefined,
    isFromMe: false,
    time: 1_700_000_000,
    ...changes,
  };
}

const positions = (records: Iterable<WalletTransaction>) => [...records].map((record) => record.orderPosition);

/** Declares the tests for a kind of store. */
export function describeLedgerStore(name: string, { create, reopen }: LedgerStoreFactory): void {
  describe(`${name} keeps a wallet's state`, () => {
    test("a new one is empty", () => {
      const store = create();
      expect(store.transaction(hashOf(1) as Txid)).toBeUndefined();
      expect(store.coin({ txid: hashOf(1) as Txid, index: 0 })).toBeUndefined();
      expect(store.spendersOf({ txid: hashOf(1) as Txid, index: 0 })).toEqual([]);
      expect(store.bestBlock()).toBeUndefined();
      expect(store.nextOrderPosition()).toBe(0);
      expect(store.history({ limit: 5 })).toEqual([]);
      expect([...store.unspentCoins(), ...store.unconfirmedTransactions(), ...store.transactionsSince(0)]).toEqual([]);
      expect([...store.addressBook(), ...store.lockedCoins()]).toEqual([]);
      expect(store.counts()).toEqual({ transactions: 0, unconfirmed: 0, coins: 0 });
    });

    test("records come back as they were put, after a restart too", () => {
      const states: TransactionState[] = [
        confirmedIn(blockAt(7)),
        IN_MEMPOOL,
        { kind: "inactive", isAbandoned: false },
        { kind: "inactive", isAbandoned: true },
        { kind: "conflicted", block: blockAt(9) },
      ];
      const records = states.map((state, index) => ({ ...recordAt(index, state), isCoinbase: index === 0 }));
      const [, , noted] = records;
      records[2] = {
        ...noted!,
        notes: {
          comment: "für Ana ☂",
          commentTo: "Ana",
          replaces: hashOf("old") as Txid,
          replacedBy: hashOf("new") as Txid,
        },
        mempoolConflicts: [hashOf("a") as Txid, hashOf("b") as Txid],
        trucChildInMempool: hashOf("child") as Txid,
      };
      const before = create();
      before.apply({ ...EMPTY_CHANGE_SET, transactions: records, bestBlock: blockAt(9) });
      for (const store of [before, reopen(before)]) {
        for (const record of records) expect(store.transaction(record.txid)).toEqual(record);
        expect(store.bestBlock()).toEqual(blockAt(9));
        expect(store.nextOrderPosition()).toBe(5);
        expect(store.counts()).toEqual({ transactions: 5, unconfirmed: 4, coins: 0 });
      }
    });

    test("a later record takes the place of the one before, in every list", () => {
      const store = create();
      const record = recordAt(0);
      store.apply({ ...EMPTY_CHANGE_SET, transactions: [record] });
      expect(positions(store.unconfirmedTransactions())).toEqual([0]);
      store.apply({ ...EMPTY_CHANGE_SET, transactions: [{ ...record, state: confirmedIn(blockAt(7)) }] });
      expect(positions(store.unconfirmedTransactions())).toEqual([]);
      expect(positions(store.transactionsSince(7))).toEqual([0]);
      expect(positions(store.history({ limit: 9 }))).toEqual([0]);
      store.apply({ ...EMPTY_CHANGE_SET, transactions: [record] });
      expect(positions(store.unconfirmedTransactions())).toEqual([0]);
      expect(positions(store.transactionsSince(7))).toEqual([]);
    });

    test("pages of the history, newest first", () => {
      const store = create();
      const records = [4, 0, 7, 2].map((position) => recordAt(position));
      store.apply({ ...EMPTY_CHANGE_SET, transactions: records });
      expect(positions(store.history({ limit: 2 }))).toEqual([7, 4]);
      expect(positions(store.history({ limit: 2, before: 4 }))).toEqual([2, 0]);
      expect(positions(store.history({ limit: 9, before: 5 }))).toEqual([4, 2, 0]);
      expect(store.history({ limit: 2, before: 0 })).toEqual([]);
      expect(store.nextOrderPosition()).toBe(8);
    });

    test("transactions since a height: confirmed or excluded by a block, in order", () => {
      const store = create();
      store.apply({
        ...EMPTY_CHANGE_SET,
        transactions: [
          recordAt(3, confirmedIn(blockAt(10))),
          recordAt(1, { kind: "conflicted", block: blockAt(11) }),
          recordAt(2, confirmedIn(blockAt(9))),
          recordAt(0, IN_MEMPOOL),
        ],
      });
      expect(positions(store.transactionsSince(10))).toEqual([1, 3]);
      expect(positions(store.transactionsSince(12))).toEqual([]);
      expect(positions(store.unconfirmedTransactions())).toEqual([0, 1]);
    });

    test("coins: unspent until a confirmed transaction spends them", () => {
      const before = create();
      const [spent, unspent] = [recordAt(0), recordAt(1)];
      const coins = [
        coinOf(spent, { height: 4, spentHeight: 9, isCoinbase: true }),
        coinOf(unspent, { isFromMe: true, value: 0n }),
      ];
      before.apply({ ...EMPTY_CHANGE_SET, transactions: [spent, unspent], coins });
      for (const store of [before, reopen(before)]) {
        for (const coin of coins) expect(store.coin(coin.outPoint)).toEqual(coin);
        expect(store.coin({ ...coins[0]!.outPoint, index: 1 })).toBeUndefined();
        expect([...store.unspentCoins()]).toEqual([coins[1]]);
        expect(store.counts().coins).toBe(2);
        expect([...store.coins()]).toHaveLength(2);
        expect([...store.coins(coins[0]!.script)]).toEqual([coins[0]]);
        expect([...store.coins(hashOf("no coin's"))]).toEqual([]);
      }
      const store = reopen(before);
      store.apply({ ...EMPTY_CHANGE_SET, coins: [{ ...coins[0]!, spentHeight: undefined }] });
      expect([...store.unspentCoins()]).toHaveLength(2);
      store.apply({ ...EMPTY_CHANGE_SET, removedCoins: [coins[0]!.outPoint] });
      expect([...store.unspentCoins()]).toEqual([coins[1]]);
      expect(store.coin(coins[0]!.outPoint)).toBeUndefined();
    });

    test("spends: several for one outpoint, by the order of their transactions, each once", () => {
      const before = create();
      const [first, second] = [recordAt(0), recordAt(1)];
      const outPoint = { txid: hashOf("spent") as Txid, index: 0xffff_fffe };
      const spends = [
        { outPoint, txid: second.txid },
        { outPoint, txid: first.txid },
      ];
      before.apply({ ...EMPTY_CHANGE_SET, transactions: [first, second], spends });
      before.apply({ ...EMPTY_CHANGE_SET, spends });
      for (const store of [before, reopen(before)]) {
        expect(store.spendersOf(outPoint)).toEqual([first.txid, second.txid]);
        expect(store.spendersOf({ ...outPoint, index: 0 })).toEqual([]);
      }
      const store = reopen(before);
      store.apply({ ...EMPTY_CHANGE_SET, removedSpends: [spends[1]!] });
      expect(store.spendersOf(outPoint)).toEqual([second.txid]);
      store.apply({ ...EMPTY_CHANGE_SET, removedSpends: [spends[0]!] });
      expect(store.spendersOf(outPoint)).toEqual([]);
    });

    test("removed transactions are in no list", () => {
      const store = create();
      const records = [0, 1, 2].map((position) => recordAt(position));
      store.apply({ ...EMPTY_CHANGE_SET, transactions: records });
      store.apply({ ...EMPTY_CHANGE_SET, removedTransactions: [records[1]!.txid, records[2]!.txid] });
      for (const each of [store, reopen(store)]) {
        expect(positions(each.history({ limit: 9 }))).toEqual([0]);
        expect(positions(each.unconfirmedTransactions())).toEqual([0]);
        expect(each.transaction(records[1]!.txid)).toBeUndefined();
        expect(each.counts().transactions).toBe(1);
        expect(each.nextOrderPosition()).toBe(1);
      }
    });

    test("the address book", () => {
      const before = create();
      const named = { script: hashOf("named"), label: "☂ rent", purpose: "receive", isUsed: false } as const;
      const change = { script: Uint8Array.of(0x51), label: undefined, purpose: undefined, isUsed: true } as const;
      const empty = { script: hashOf("empty"), label: "", purpose: "send", isUsed: false } as const;
      before.apply({ ...EMPTY_CHANGE_SET, addressBook: [named, change, empty] });
      for (const store of [before, reopen(before)]) {
        for (const entry of [named, change, empty]) expect(store.addressBookEntry(entry.script)).toEqual(entry);
        expect(store.addressBookEntry(hashOf("other"))).toBeUndefined();
        expect([...store.addressBook()]).toHaveLength(3);
      }
      const store = reopen(before);
      store.apply({
        ...EMPTY_CHANGE_SET,
        addressBook: [{ ...named, isUsed: true }],
        removedAddresses: [change.script],
      });
      expect(store.addressBookEntry(named.script)).toEqual({ ...named, isUsed: true });
      expect(store.addressBookEntry(change.script)).toBeUndefined();
    });

    test("locks: those that are not persistent end with the program", () => {
      const before = create();
      const persistent = { outPoint: { txid: hashOf(1) as Txid, index: 1 }, isPersistent: true };
      const passing = { outPoint: { txid: hashOf(1) as Txid, index: 2 }, isPersistent: false };
      before.apply({ ...EMPTY_CHANGE_SET, lockedCoins: [persistent, passing] });
      expect([...before.lockedCoins()]).toHaveLength(2);
      expect(before.isLocked(persistent.outPoint) && before.isLocked(passing.outPoint)).toBe(true);
      const store = reopen(before);
      expect([...store.lockedCoins()]).toEqual([persistent]);
      expect(store.isLocked(passing.outPoint)).toBe(false);
      store.apply({ ...EMPTY_CHANGE_SET, unlockedCoins: [persistent.outPoint] });
      expect(store.isLocked(persistent.outPoint)).toBe(false);
      expect([...reopen(store).lockedCoins()]).toEqual([]);
    });
  });
}

import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import { type ChangeSet, EMPTY_CHANGE_SET, isEmptyChangeSet, mergeChangeSets, scriptKey } from "./change-set.ts";
import { coinbaseTo, pay, TestLedger } from "./ledger-test-kit.ts";
import { MemoryLedgerStore } from "./memory-ledger-store.ts";
import { blockAt, hashOf } from "./store-test-kit.ts";

/** Change sets of a wallet's life, one of each event. */
function lifeOf(): readonly ChangeSet[] {
  const ledger = new TestLedger({ avoidReuse: true });
  const heard: ChangeSet[] = [];
  ledger.memory = new MemoryLedgerStore({ onApplied: (changes) => heard.push(changes) });
  ledger.store = ledger.memory;
  const funding = pay([], [["my 0", 100]]);
  const payment = pay([[funding, 0]], [["my 1", 90]]);
  ledger.connect([coinbaseTo("my 2"), funding]);
  ledger.created(payment);
  ledger.abandon(payment);
  ledger.connect([coinbaseTo("their 0"), payment]);
  ledger.disconnect();
  ledger.disconnect();
  return heard;
}

test("one change set does what several do, also after it was stored", () => {
  const life = lifeOf();
  const [one, other] = [new MemoryLedgerStore(), new MemoryLedgerStore()];
  for (const changes of life) one.apply(changes);
  other.apply(structuredClone(life.reduce(mergeChangeSets, EMPTY_CHANGE_SET)));
  expect(other.snapshot()).toEqual(one.snapshot());
  expect(one.counts().transactions).toBe(3);
});

test("the last word counts: put after removed, removed after put", () => {
  const outPoint = { txid: hashOf(1) as Txid, index: 0 };
  const lock = { ...EMPTY_CHANGE_SET, lockedCoins: [{ outPoint, isPersistent: true }] };
  const unlock = { ...EMPTY_CHANGE_SET, unlockedCoins: [outPoint] };
  expect(mergeChangeSets(lock, unlock)).toEqual(unlock);
  expect(mergeChangeSets(unlock, lock)).toEqual(lock);
  const progress = (nextIndex: number) => ({ id: 4, nextIndex, rangeStart: 0, rangeEnd: 9 });
  const merged = mergeChangeSets(
    { ...EMPTY_CHANGE_SET, descriptors: [progress(1)], bestBlock: blockAt(1) },
    { ...EMPTY_CHANGE_SET, descriptors: [progress(2)] },
  );
  expect(merged).toEqual({ ...EMPTY_CHANGE_SET, descriptors: [progress(2)], bestBlock: blockAt(1) });
});

test("empty or not", () => {
  expect(isEmptyChangeSet(EMPTY_CHANGE_SET)).toBe(true);
  expect(isEmptyChangeSet({ ...EMPTY_CHANGE_SET, bestBlock: blockAt(1) })).toBe(false);
  expect(isEmptyChangeSet({ ...EMPTY_CHANGE_SET, removedAddresses: [hashOf(1)] })).toBe(false);
});

test("keys of scripts tell all of them apart, the longest too", () => {
  const scripts = [[], [0], [0, 0], [255], [0x51, 0], [0x51]].map((bytes) => Uint8Array.from(bytes));
  expect(new Set([...scripts, new Uint8Array(10_000)].map(scriptKey)).size).toBe(7);
});

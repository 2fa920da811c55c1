import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import { describe, expect, test } from "vitest";
import { MINUTE_MS, NOBAN, OUTBOUND_MS, setUp, txOf, wtxItem } from "./announcement-test-kit.ts";

describe("who asks for a transaction gets it", () => {
  const ask = ({ txid }: Transaction) => ({ kind: InventoryType.TX, hash: txid });

  test("where it came before the peer's last round, whether it was told or not", () => {
    const { add, told, pool, module, announce } = setUp();
    const [early] = [txOf(1)];
    pool.add(early!);
    const peer = add();
    expect(module.findTransaction(peer, wtxItem(early!))).toBe(pool.get(early!.txid)!.tx);
    const [late] = announce(2);
    expect(module.findTransaction(peer, wtxItem(late!))).toBeUndefined();
    expect(told(peer)).toEqual([]);
    expect(module.findTransaction(peer, ask(late!))).toBeUndefined();
  });

  test("as soon as its round has come", () => {
    const { add, told, module, announce, clock } = setUp();
    const peer = add();
    const [tx] = announce(1);
    clock.advance(OUTBOUND_MS + 1);
    told(peer);
    expect(module.findTransaction(peer, wtxItem(tx!))!.wtxid).toEqual(tx!.wtxid);
    expect(module.findTransaction(peer, ask(tx!))!.txid).toEqual(tx!.txid);
  });

  test("where it is of the newest block", () => {
    const { add, module, recent } = setUp();
    const peer = add();
    recent.push(txOf(1));
    expect(module.findTransaction(peer, ask(txOf(1)))).toBe(recent[0]);
    expect(module.findTransaction(peer, ask(txOf(2)))).toBeUndefined();
  });
});

describe("our own transactions", () => {
  test("count as broadcast once a peer that was told asks for one", () => {
    const { add, told, pool, module, clock } = setUp();
    const peer = add();
    const tx = txOf(1);
    pool.add(tx);
    module.broadcast(tx);
    module.findTransaction(peer, wtxItem(tx));
    expect(pool.unbroadcast.txids()).toEqual([tx.txid]);
    clock.advance(OUTBOUND_MS + 1);
    expect(told(peer)).toHaveLength(1);
    module.findTransaction(peer, wtxItem(tx));
    expect(pool.unbroadcast.size).toBe(0);
  });

  test.each([
    [0, 10 * MINUTE_MS],
    [0.5, 12.5 * MINUTE_MS],
  ])("are told again to peers that come later, after ten to fifteen minutes (%f)", (unit, atMs) => {
    const { add, told, pool, module, clock, random } = setUp();
    random.units = [unit];
    module.start();
    pool.add(txOf(1));
    module.broadcast(txOf(1));
    const peer = add({}, { permissions: NOBAN });
    clock.advance(atMs - 1);
    expect(told(peer)).toEqual([]);
    clock.advance(1);
    expect(told(peer)).toHaveLength(1);
    module.stop();
    expect(clock.timerCount).toBe(0);
  });

  test("are forgotten when they are not in the mempool any more", () => {
    const { pool, module, clock, log } = setUp();
    module.start();
    const [gone, told] = [txOf(1), txOf(2)];
    for (const tx of [gone, told]) {
      pool.add(tx);
      module.broadcast(tx);
    }
    pool.remove(gone);
    clock.advance(15 * MINUTE_MS);
    expect(pool.unbroadcast.txids()).toEqual([told.txid]);
    expect(log.with(`Removed ${displayHash(gone.txid)} from set of unbroadcast txns`)).toHaveLength(1);
  });
});

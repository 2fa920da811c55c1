import { MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import { BloomFilter } from "@bitfleet/protocol/filters/bloom.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { describe, expect, test } from "vitest";
import { deliver, testPeer } from "../test-kit.ts";
import { INBOUND_MS, MINUTE_MS, NOBAN, OUTBOUND_MS, setUp, texts, txOf, wtxItem } from "./announcement-test-kit.ts";

describe("rounds", () => {
  test.each([
    ["outbound-full-relay", OUTBOUND_MS],
    ["manual", OUTBOUND_MS],
    ["inbound", INBOUND_MS],
  ] as const)("to %s come every %i ms on average", (connectionType, meanMs) => {
    const { clock, add, told, announce } = setUp();
    const peer = add({}, { connectionType });
    const [tx] = announce(1);
    clock.advance(meanMs);
    expect(told(peer)).toEqual([]);
    clock.advance(1);
    expect(texts(told(peer))).toEqual(texts([wtxItem(tx!)]));
    expect(told(peer)).toEqual([]);
  });

  test("differ from one outbound peer to the next", () => {
    const { clock, add, told, announce, random } = setUp();
    // Its filter's tweak, then its first wait.
    random.units = [0, 0.1, 0, 0.9];
    const [soon, late] = [add(), add()];
    announce(1);
    clock.advance(500);
    expect([told(soon).length, told(late).length]).toEqual([1, 0]);
  });

  test("are shared by the inbound peers of one network at one address of ours", () => {
    const { clock, add, told, announce, random } = setUp();
    const here = { connectionType: "inbound" } as const;
    random.usual = 0.99;
    const slow = add({}, here);
    random.usual = 0.01;
    const same = add({}, here);
    const onion = add({}, { ...here, network: "onion" });
    const elsewhere = add({}, { ...here, localEndpoint: undefined });
    announce(1);
    clock.advance(1000);
    expect([slow, same, onion, elsewhere].map((peer) => told(peer).length)).toEqual([0, 0, 1, 1]);
  });

  test("are at once for friends", () => {
    const { add, told, announce } = setUp();
    const peer = add({}, { permissions: NOBAN });
    announce(1);
    expect(told(peer)).toHaveLength(1);
  });

  test("are for nobody where the network is one's own: each peer hears with its next turn, of all there is", () => {
    for (const [isOwnNetwork, counts] of [
      [true, [100, 1, 0]],
      [false, [0, 0, 0]],
    ] as const) {
      for (const connectionType of ["inbound", "outbound-full-relay"] as const) {
        const { add, told, announce } = setUp({ isOwnNetwork });
        const peer = add({}, { connectionType });
        announce(...Array.from({ length: 100 }, (_, salt) => salt));
        const first = told(peer).length;
        announce(500);
        expect([first, told(peer).length, told(peer).length], connectionType).toEqual(counts);
      }
    }
  });

  test.each([
    [69, 69],
    [70, 70],
    [71, 70],
    [999, 70],
    [1000, 75],
    [1999, 75],
    [2000, 80],
  ])("of %i that wait tell %i", (waiting, count) => {
    const { add, told, announce } = setUp();
    const peer = add({}, { permissions: NOBAN });
    announce(...Array.from({ length: waiting }, (_, salt) => salt));
    expect(told(peer)).toHaveLength(count);
  });

  test("tell the best first", () => {
    const { add, told, pool, module } = setUp();
    const peer = add({}, { permissions: NOBAN });
    const fees = [500n, 3000n, 1000n];
    const transactions = fees.map((fee, salt) => {
      const tx = txOf(salt);
      pool.add(tx, fee);
      module.announce(tx);
      return tx;
    });
    const [worst, best, middle] = transactions.map(wtxItem);
    expect(texts(told(peer))).toEqual(texts([best!, middle!, worst!]));
  });

  test("do not begin before the peer's first turn", () => {
    const { module, peers, told, pool, clock } = setUp();
    const peer = testPeer({}, { permissions: NOBAN });
    peers.add(peer);
    pool.add(txOf(1));
    module.announce(txOf(1));
    clock.advance(MINUTE_MS);
    expect(told(peer)).toEqual([]);
  });
});

describe("a transaction is told", () => {
  test("by wtxid to who agreed on that, else by txid", () => {
    const { add, told, announce } = setUp();
    const [modern, old] = [add({}, { permissions: NOBAN }), add({ usesWtxidRelay: false }, { permissions: NOBAN })];
    const [tx] = announce(1);
    expect(told(modern)).toMatchObject([{ kind: InventoryType.WTX }]);
    expect(told(old)).toMatchObject([{ kind: InventoryType.TX }]);
    expect(displayHash(tx!.txid)).not.toBe(displayHash(tx!.wtxid));
  });

  test("once", () => {
    const { add, told, announce, module } = setUp();
    const peer = add({}, { permissions: NOBAN });
    const [tx] = announce(1);
    expect(told(peer)).toHaveLength(1);
    module.announce(tx!);
    expect(told(peer)).toEqual([]);
  });

  test("not to who told us, before it was queued or while it waits", () => {
    for (const isEarly of [true, false]) {
      const { add, told, pool, module, clock } = setUp();
      const [peer, old] = [add(), add({ usesWtxidRelay: false })];
      const tx = txOf(1);
      pool.add(tx);
      const note = () => {
        module.noteKnown(peer, tx.wtxid);
        module.noteKnown(old, tx.txid);
      };
      if (isEarly) note();
      module.announce(tx);
      expect(module.statistics(peer)!.queuedCount).toBe(isEarly ? 0 : 1);
      if (!isEarly) note();
      clock.advance(OUTBOUND_MS + 1);
      expect([told(peer), told(old)]).toEqual([[], []]);
    }
  });

  test("not once it has left the mempool", () => {
    const { add, told, announce, pool, module } = setUp();
    const peer = add({}, { permissions: NOBAN });
    const [tx] = announce(1);
    pool.remove(tx!);
    expect(told(peer)).toEqual([]);
    expect(module.statistics(peer)!.queuedCount).toBe(0);
  });

  test.each([
    ["inbound", true, 0n, true],
    ["inbound", false, 0n, false],
    // BIP37: a filter may come.
    ["inbound", false, ServiceFlag.BLOOM, true],
    ["block-relay-only", true, 0n, false],
    ["feeler", true, 0n, false],
  ] as const)(
    "of %s that wants them: %s, offered bloom filters %i: %s",
    (connectionType, wants, services, isRelayed) => {
      const { module, peers } = setUp();
      const peer = testPeer({ relaysTransactions: wants }, { connectionType, ourServices: services });
      peers.add(peer);
      expect(module.relaysTo(peer)).toBe(isRelayed);
      expect(module.statistics(peer) !== undefined).toBe(isRelayed);
    },
  );

  test("not to who may want it later; then from that time on", () => {
    const { add, told, announce } = setUp();
    const options = { permissions: NOBAN, ourServices: ServiceFlag.BLOOM };
    const peer = add({ relaysTransactions: false }, options);
    announce(1);
    expect(told(peer)).toEqual([]);
    peer.relaysTransactions = true;
    const [tx] = announce(2);
    expect(texts(told(peer))).toEqual(texts([wtxItem(tx!)]));
  });

  test("not to who has gone, of whom nothing is kept", () => {
    const { add, peers, module } = setUp();
    const peer = add();
    peers.disconnect(peer, "");
    expect(module.statistics(peer)).toBeUndefined();
  });
});

describe("who wants few", () => {
  const { virtualSize } = txOf(1);

  test.each([
    [0n, true],
    [1n, false],
  ])("by feefilter gets what pays that much: with %i sat less, %s", async (less, isTold) => {
    const { add, told, pool, module } = setUp();
    const peer = add({}, { permissions: NOBAN });
    await deliver(module, peer, { type: "feefilter", feerateSatPerKvb: 10_000n });
    const tx = txOf(1);
    pool.add(tx, 10n * BigInt(virtualSize) - less);
    module.announce(tx);
    expect(told(peer)).toHaveLength(isTold ? 1 : 0);
    // What was not told is not told later either.
    await deliver(module, peer, { type: "feefilter", feerateSatPerKvb: 0n });
    expect(told(peer)).toEqual([]);
  });

  test("is logged, and ignored where no fee can be so high", async () => {
    const { add, module, log } = setUp();
    const peer = add();
    await deliver(module, peer, { type: "feefilter", feerateSatPerKvb: MAX_MONEY });
    await deliver(module, peer, { type: "feefilter", feerateSatPerKvb: MAX_MONEY + 1n });
    await deliver(module, peer, { type: "feefilter", feerateSatPerKvb: -1n });
    expect(module.statistics(peer)!.feerateMin).toBe(MAX_MONEY);
    expect(log.lines).toEqual([`[net] received: feefilter of 21000000.00000000 BTC/kvB from peer=${peer.id}`]);
  });

  test("by a bloom filter gets what matches", () => {
    const { add, told, announce, filters } = setUp();
    const peer = add({}, { permissions: NOBAN });
    const filter = BloomFilter.sized(10, 0.000001, 0, 0);
    filter.insert(txOf(2).txid);
    filters.set(peer, filter);
    const [, wanted] = announce(1, 2);
    expect(texts(told(peer))).toEqual(texts([wtxItem(wanted!)]));
  });

  test("leaves the places of a round to others", async () => {
    const { add, told, announce, module, pool } = setUp();
    const peer = add({}, { permissions: NOBAN });
    await deliver(module, peer, { type: "feefilter", feerateSatPerKvb: 1000n });
    announce(...Array.from({ length: 70 }, (_, salt) => salt));
    for (let salt = 100; salt < 110; salt++) {
      pool.add(txOf(salt), 1n);
      module.announce(txOf(salt));
    }
    expect(told(peer)).toHaveLength(70);
    expect(module.statistics(peer)!.queuedCount).toBe(10);
  });
});

describe("everything at once (BIP35)", () => {
  test("is told in the next round, what waits with it and only once, without a limit", () => {
    const { add, told, pool, module, announce, clock } = setUp();
    for (let salt = 100; salt < 300; salt++) pool.add(txOf(salt));
    const peer = add();
    announce(1);
    module.requestMempool(peer);
    expect(told(peer)).toEqual([]);
    clock.advance(OUTBOUND_MS + 1);
    expect(told(peer)).toHaveLength(201);
    clock.advance(OUTBOUND_MS + 1);
    expect(told(peer)).toEqual([]);
  });

  test("is what pays enough and matches, in the order of mining", async () => {
    const { add, told, pool, module, filters } = setUp();
    const fees = [50n, 900n, 3000n, 2000n];
    fees.forEach((fee, salt) => {
      pool.add(txOf(salt), fee);
    });
    const peer = add({}, { permissions: NOBAN });
    await deliver(module, peer, { type: "feefilter", feerateSatPerKvb: 1000n });
    const filter = BloomFilter.sized(10, 0.000001, 0, 0);
    for (const salt of [0, 1, 2]) filter.insert(txOf(salt).txid);
    filters.set(peer, filter);
    module.requestMempool(peer);
    expect(texts(told(peer))).toEqual(texts([txOf(2), txOf(1)].map(wtxItem)));
  });

  test("is cut into messages of 50,000", () => {
    const { add, pool, module, tick } = setUp();
    pool.addHollow(50_001);
    const peer = add({}, { permissions: NOBAN });
    module.requestMempool(peer);
    tick(peer);
    expect(peer.connection.take("inv").map(({ items }) => items.length)).toEqual([50_000, 1]);
  });
});

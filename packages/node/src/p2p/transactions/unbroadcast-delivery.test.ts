import { describe, expect, test } from "vitest";
import { deliver, type TestPeer, testPeer } from "../test-kit.ts";
import { MINUTE_MS, OUTBOUND_MS, setUp, texts, txOf, wtxItem } from "./announcement-test-kit.ts";

/** What is told of a peer in its initial download. */
const HIGHEST_FEERATE = 9_170_997n;

/** A node whose users have sent transactions while nobody was connected. */
function withUnbroadcast(count: number, options: { readonly isOwnNetwork?: boolean } = {}) {
  const kit = setUp(options);
  const transactions = Array.from({ length: count }, (_, salt) => txOf(salt));
  for (const tx of transactions) {
    kit.pool.add(tx);
    kit.module.broadcast(tx);
  }
  const join = (peer = testPeer({}, { connectionType: "manual" })) => {
    kit.peers.add(peer);
    return peer;
  };
  const asksFor = (peer: TestPeer, tx: ReturnType<typeof txOf>) => kit.module.findTransaction(peer, wtxItem(tx));
  return { ...kit, transactions, join, asksFor };
}

describe("a peer that connects", () => {
  test("is told at once of everything, where the network is one's own", () => {
    const { join, told, transactions } = withUnbroadcast(3, { isOwnNetwork: true });
    const peer = join();
    expect(texts(told(peer)).toSorted()).toEqual(texts(transactions.map(wtxItem)).toSorted());
    expect(told(peer)).toEqual([]);
  });

  test("is told of all of it soon, however much that is", () => {
    const { join, told } = withUnbroadcast(1500, { isOwnNetwork: true });
    const peer = join();
    expect([told(peer).length, told(peer).length, told(peer).length]).toEqual([1000, 500, 0]);
  });

  test("is told of what another has asked for, too: it may have ended before it told anybody", () => {
    const { join, told, asksFor, transactions, pool, peers } = withUnbroadcast(2, { isOwnNetwork: true });
    const first = join();
    told(first);
    asksFor(first, transactions[0]!);
    peers.disconnect(first, "");
    // Somebody else's, which a peer has sent.
    const foreign = txOf(100);
    pool.add(foreign);
    const all = [...transactions, foreign];
    expect(texts(told(join())).toSorted()).toEqual(texts(all.map(wtxItem)).toSorted());
  });

  test("is told of no more at a time than it remembers, and of the rest when it has had time for those", () => {
    const { join, told, pool, clock, announce } = withUnbroadcast(0, { isOwnNetwork: true });
    for (let salt = 0; salt < 5_100; salt++) pool.add(txOf(salt));
    const peer = join();
    expect(Array.from({ length: 6 }, () => told(peer).length)).toEqual([1000, 1000, 1000, 1000, 1000, 0]);
    pool.remove(txOf(5_099));
    // What comes now is told as ever, and once.
    const [later] = announce(6_000);
    clock.advance(9_999);
    expect(texts(told(peer))).toEqual(texts([wtxItem(later!)]));
    clock.advance(1);
    expect(told(peer)).toHaveLength(99);
    clock.advance(MINUTE_MS);
    expect(told(peer)).toEqual([]);
  });

  test("before the mempool of the last run was read is told of it then; elsewhere it is not", () => {
    for (const isOwnNetwork of [true, false]) {
      const { join, told, pool, module } = withUnbroadcast(0, { isOwnNetwork });
      const peer = join();
      expect(told(peer)).toEqual([]);
      const tx = txOf(1);
      pool.add(tx);
      module.mempoolLoaded();
      expect(texts(told(peer))).toEqual(isOwnNetwork ? texts([wtxItem(tx)]) : []);
    }
  });

  test("elsewhere hears of it with the next time for all, as from Core", () => {
    const { join, told, clock, module } = withUnbroadcast(1);
    const peer = join();
    expect(told(peer)).toEqual([]);
    clock.advance(10 * OUTBOUND_MS);
    expect(told(peer)).toEqual([]);
    module.start();
    clock.advance(15 * MINUTE_MS);
    expect(told(peer)).toHaveLength(1);
  });

  test("is told once more when it has its blocks: until then it could use no transaction", async () => {
    const { join, told, module, transactions } = withUnbroadcast(1, { isOwnNetwork: true });
    const feeFilter = (feerateSatPerKvb: bigint) => deliver(module, peer, { type: "feefilter", feerateSatPerKvb });
    const peer = join();
    // It was told before it said so.
    expect(told(peer)).toHaveLength(1);
    await feeFilter(HIGHEST_FEERATE);
    expect(told(peer)).toEqual([]);
    await feeFilter(1000n);
    expect(texts(told(peer))).toEqual(texts([wtxItem(transactions[0]!)]));
    await feeFilter(1100n);
    expect(told(peer)).toEqual([]);
    // Nobody fetches its blocks twice: it would have us tell everything again and again.
    await feeFilter(HIGHEST_FEERATE);
    await feeFilter(1000n);
    expect(told(peer)).toEqual([]);
  });
});

describe("a node that is about to stop", () => {
  test("tells all peers at once of what nobody has asked for, though they were told before", () => {
    const { join, told, clock, module, transactions } = withUnbroadcast(2, { isOwnNetwork: true });
    const peers = [join(), join()];
    for (const peer of peers) expect(told(peer)).toHaveLength(2);
    clock.advance(1);
    module.hurry();
    for (const peer of peers) expect(texts(told(peer)).toSorted()).toEqual(texts(transactions.map(wtxItem)).toSorted());
    expect(told(peers[0]!)).toEqual([]);
  });

  test("tells of what comes then without waiting for a round, to who comes then too", () => {
    const { join, told, pool, module } = withUnbroadcast(0);
    const peer = join();
    told(peer);
    module.hurry();
    const tx = txOf(7);
    pool.add(tx);
    module.broadcast(tx);
    expect(texts(told(peer))).toEqual(texts([wtxItem(tx)]));
    expect(texts(told(join()))).toEqual(texts([wtxItem(tx)]));
  });

  test("knows what has not reached anybody", () => {
    const { join, told, asksFor, module, peers, transactions } = withUnbroadcast(3, { isOwnNetwork: true });
    const [asked, sent, left] = transactions;
    expect(module.hasListeners).toBe(false);
    expect(texts(module.undelivered().map((hash) => ({ hash })))).toEqual(
      texts(transactions.map(({ txid }) => ({ hash: txid }))),
    );
    const peer = join();
    told(peer);
    // That it was announced says nothing.
    expect(module.undelivered()).toHaveLength(3);
    asksFor(peer, asked!);
    // The same transaction came to another node as well, which has told the peer.
    module.noteKnown(peer, sent!.wtxid);
    expect(module.undelivered()).toEqual([left!.txid]);
    expect(module.hasListeners).toBe(true);
    peers.disconnect(peer, "");
    expect(module.hasListeners).toBe(false);
    expect(module.undelivered()).toEqual([left!.txid]);
  });
});

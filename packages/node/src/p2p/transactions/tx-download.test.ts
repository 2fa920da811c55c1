import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type HashKey, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import { describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import type { AcceptResult, TransactionReject } from "../../mempool/mempool.ts";
import { Orphanage } from "../../mempool/orphanage.ts";
import { deliver, TestClock, TestLog, type TestPeer, TestPeers, testPeer } from "../test-kit.ts";
import { TxDownload } from "./tx-download.ts";

const RELAY = 1 << 3;
const FORCE_RELAY = (1 << 2) | RELAY;

/** Spends output 0 of each parent; `witness` makes the wtxid another than the txid. */
function spend(parents: readonly Txid[], salt: number, witness = true): Transaction {
  return new Transaction({
    version: 2,
    inputs: parents.map((txid) => ({
      previousOutput: { txid, index: 0 },
      scriptSig: new Uint8Array(0),
      sequence: 0xffffffff,
      witness: witness ? [Uint8Array.of(salt)] : [],
    })),
    outputs: [{ value: 1000n, scriptPubKey: new Uint8Array(0) }],
    lockTime: salt,
  });
}

const CONFIRMED = new Uint8Array(32).fill(0xcc) as Txid;

/** Knows the confirmed coin and what it accepted; rejects what it is told to reject. */
class FakeMempool {
  readonly accepted = new Map<HashKey, Transaction>();
  readonly rejects = new Map<HashKey, TransactionReject["kind"]>();
  /** Of every call of `accept` and `acceptPackage`. */
  readonly tried: Transaction[][] = [];
  usageBytes = 0;

  get size(): number {
    return this.accepted.size;
  }

  has(txid: Txid): boolean {
    return this.accepted.has(hashKey(txid));
  }

  hasWtxid(wtxid: Uint8Array): boolean {
    return [...this.accepted.values()].some((tx) => hashKey(tx.wtxid) === hashKey(wtxid));
  }

  async accept(tx: Transaction): Promise<AcceptResult> {
    this.tried.push([tx]);
    return this.#judge(tx);
  }

  async acceptPackage(transactions: readonly [Transaction, Transaction]) {
    this.tried.push([...transactions]);
    for (const tx of transactions) this.rejects.delete(hashKey(tx.wtxid));
    return { results: transactions.map((tx) => this.#judge(tx)) };
  }

  #judge(tx: Transaction): AcceptResult {
    const isMissing = tx.inputs.some(
      ({ previousOutput: { txid } }) => hashKey(txid) !== hashKey(CONFIRMED) && !this.has(txid),
    );
    const kind = isMissing ? "missing-inputs" : this.rejects.get(hashKey(tx.wtxid));
    if (kind !== undefined)
      return { kind: "rejected", reject: { kind, reason: kind, detail: "" } as TransactionReject };
    this.accepted.set(hashKey(tx.txid), tx);
    return { kind: "accepted", entry: { tx }, replaced: [] } as unknown as AcceptResult;
  }
}

function setUp(options: { rejects?: boolean; syncing?: boolean; isOwnNetwork?: boolean } = {}) {
  const [clock, log, peers, mempool] = [new TestClock(), new TestLog(), new TestPeers(), new FakeMempool()];
  const orphanage = new Orphanage({}, { random: systemRandom, log });
  const announced: string[] = [];
  const known: string[] = [];
  const extra: Transaction[] = [];
  const module = new TxDownload(
    { rejectsTransactions: () => options.rejects ?? false, isOwnNetwork: options.isOwnNetwork ?? false },
    {
      chain: { isInitialBlockDownload: options.syncing ?? false },
      mempool: mempool as never,
      orphanage,
      announcements: {
        announce: ({ txid }) => void announced.push(displayHash(txid)),
        noteKnown: (_peer, hash) => void known.push(displayHash(hash)),
      },
      onExtraTransaction: (tx) => void extra.push(tx),
      isPreferred: (peer) => !peer.isInbound,
      peers,
      clock,
      random: systemRandom,
      log,
    },
  );
  peers.register(module);
  const outbound = () => {
    const peer = testPeer({}, { connectionType: "outbound-full-relay" });
    peers.add(peer);
    return peer;
  };
  const inbound = (permissions = 0) => {
    const peer = testPeer({}, { permissions });
    peers.add(peer);
    return peer;
  };
  const announce = (peer: TestPeer, ...hashes: Uint8Array[]) =>
    deliver(module, peer, { type: "inv", items: hashes.map((hash) => ({ kind: InventoryType.WTX, hash })) });
  const send = (peer: TestPeer, tx: Transaction) => deliver(module, peer, { type: "tx", tx });
  /** What the peer is asked for at its next turn. */
  const requests = (peer: TestPeer) => {
    module.tick(peer, clock.nowMs());
    return peer.connection.take("getdata").flatMap(({ items }) => items);
  };
  return {
    clock,
    log,
    peers,
    mempool,
    orphanage,
    announced,
    known,
    extra,
    module,
    outbound,
    inbound,
    announce,
    send,
    requests,
  };
}

describe("requests", () => {
  test("a peer that we chose is asked at once, one that came to us two seconds later, by wtxid", async () => {
    const { clock, outbound, inbound, announce, requests } = setUp();
    const [chosen, other] = [outbound(), inbound()];
    const [a, b] = [spend([CONFIRMED], 1), spend([CONFIRMED], 2)];
    await announce(chosen, a.wtxid);
    await announce(other, b.wtxid);
    expect(requests(chosen)).toEqual([{ kind: InventoryType.WTX, hash: a.wtxid }]);
    expect(requests(other)).toEqual([]);
    clock.advance(2000);
    expect(requests(other)).toEqual([{ kind: InventoryType.WTX, hash: b.wtxid }]);
  });

  test("where the network is one's own, one that came to us is asked at once too", async () => {
    const { inbound, announce, requests } = setUp({ isOwnNetwork: true });
    const [other, tx] = [inbound(), spend([CONFIRMED], 1)];
    await announce(other, tx.wtxid);
    expect(requests(other)).toEqual([{ kind: InventoryType.WTX, hash: tx.wtxid }]);
  });

  test("one peer at a time; after a minute, or a notfound, the next", async () => {
    const { clock, outbound, announce, requests, module, log } = setUp();
    const peers = [outbound(), outbound(), outbound()];
    const tx = spend([CONFIRMED], 1);
    for (const peer of peers) await announce(peer, tx.wtxid);
    const asked = () => peers.filter((peer) => requests(peer).length > 0);
    const [first] = asked();
    expect(asked()).toEqual([]);
    clock.advance(60_000);
    const [second, ...rest] = asked();
    expect(rest).toEqual([]);
    expect(second).not.toBe(first);
    expect(log.with(`timeout of inflight wtx ${displayHash(tx.wtxid)} from peer=${first!.id}`)).toHaveLength(1);
    await deliver(module, second!, { type: "notfound", items: [{ kind: InventoryType.WTX, hash: tx.wtxid }] });
    expect(asked()).toEqual(peers.filter((peer) => peer !== first && peer !== second));
  });

  test("peers that announce by txid wait while others announce by wtxid", async () => {
    const { clock, outbound, requests, module } = setUp();
    const [old] = [outbound(), outbound()];
    old.usesWtxidRelay = false;
    const tx = spend([CONFIRMED], 1);
    await deliver(module, old, { type: "inv", items: [{ kind: InventoryType.TX, hash: tx.txid }] });
    expect(requests(old)).toEqual([]);
    clock.advance(2000);
    expect(requests(old)).toEqual([{ kind: InventoryType.WITNESS_TX, hash: tx.txid }]);
  });

  test("the kind of hash that was not agreed on is ignored", async () => {
    const { outbound, requests, module } = setUp();
    const peer = outbound();
    await deliver(module, peer, { type: "inv", items: [{ kind: InventoryType.TX, hash: spend([CONFIRMED], 1).txid }] });
    expect(requests(peer)).toEqual([]);
  });

  test("5,000 announcements of a peer are kept, of one with the relay permission all", async () => {
    const { inbound, announce, requests, clock, peers } = setUp();
    const hashes = Array.from({ length: 5001 }, (_, index) => {
      const hash = new Uint8Array(32);
      new DataView(hash.buffer).setUint32(0, index + 1);
      return hash;
    });
    for (const [permissions, count] of [
      [0, 5000],
      [RELAY, 5001],
    ] as const) {
      const peer = inbound(permissions);
      await announce(peer, ...hashes);
      clock.advance(2000);
      expect(requests(peer)).toHaveLength(count);
      peers.disconnect(peer, "");
    }
  });

  test("none while blocks are missing", async () => {
    const { outbound, announce, requests, known } = setUp({ syncing: true });
    const peer = outbound();
    await announce(peer, spend([CONFIRMED], 1).wtxid);
    expect(requests(peer)).toEqual([]);
    expect(known).toHaveLength(1);
  });

  test("what we have, rejected or confirmed is not asked for; a new tip gives rejects another chance", async () => {
    const { outbound, announce, requests, send, mempool, module } = setUp();
    const peer = outbound();
    const [good, bad] = [spend([CONFIRMED], 1), spend([CONFIRMED], 2)];
    mempool.rejects.set(hashKey(bad.wtxid), "not-standard");
    for (const tx of [good, bad]) await send(peer, tx);
    await announce(peer, good.wtxid, bad.wtxid);
    expect(requests(peer)).toEqual([]);
    module.tipChanged();
    await announce(peer, good.wtxid, bad.wtxid);
    expect(requests(peer).map(({ hash }) => hash)).toEqual([bad.wtxid]);
  });
});

describe("transactions", () => {
  test("one that is good is announced to the others and counts for the peer", async () => {
    const { outbound, send, announced, clock, log } = setUp();
    const peer = outbound();
    const tx = spend([CONFIRMED], 1);
    await send(peer, tx);
    expect(announced).toEqual([displayHash(tx.txid)]);
    expect(peer.lastTransactionSeconds).toBe(Math.floor(clock.nowMs() / 1000));
    expect(log.with(`[mempool] AcceptToMemoryPool: peer=${peer.id}: accepted ${displayHash(tx.txid)}`)).toHaveLength(1);
  });

  test("from who may not send any, they end the connection", async () => {
    const { outbound, send, announce, peers } = setUp({ rejects: true });
    await send(outbound(), spend([CONFIRMED], 1));
    const hash = spend([CONFIRMED], 1).wtxid;
    await announce(outbound(), hash);
    expect(peers.disconnected.map(({ why }) => why)).toEqual([
      "transaction sent in violation of protocol",
      `transaction (${displayHash(hash)}) inv sent in violation of protocol`,
    ]);
  });

  test("without its witness nothing is held against the real one", async () => {
    const { outbound, send, announce, requests, mempool, extra } = setUp();
    const peer = outbound();
    const stripped = spend([CONFIRMED], 1, false);
    mempool.rejects.set(hashKey(stripped.wtxid), "witness-stripped");
    await send(peer, stripped);
    await announce(peer, spend([CONFIRMED], 1).wtxid);
    expect(requests(peer)).toHaveLength(1);
    expect(extra).toEqual([]);
  });

  test("rejected ones are kept for compact blocks", async () => {
    const { outbound, send, mempool, extra } = setUp();
    const tx = spend([CONFIRMED], 1);
    mempool.rejects.set(hashKey(tx.wtxid), "policy");
    await send(outbound(), tx);
    expect(extra).toEqual([tx]);
  });

  test("a peer with the forcerelay permission has even known ones passed on, if they are in the mempool", async () => {
    const { inbound, send, announced, log, mempool } = setUp();
    const peer = inbound(FORCE_RELAY);
    const [tx, bad] = [spend([CONFIRMED], 1), spend([CONFIRMED], 2)];
    mempool.rejects.set(hashKey(bad.wtxid), "policy");
    for (const one of [tx, tx, bad, bad]) await send(peer, one);
    expect(announced).toEqual([displayHash(tx.txid), displayHash(tx.txid)]);
    expect(log.with("Force relaying tx")).toHaveLength(1);
    expect(log.with("Not relaying non-mempool transaction")).toHaveLength(1);
  });
});

describe("orphans", () => {
  test("the peer is asked for the parents by txid, and the orphan is tried again when they came", async () => {
    const { outbound, send, requests, orphanage, mempool, announced, clock } = setUp();
    const peer = outbound();
    const parent = spend([CONFIRMED], 1);
    const child = spend([parent.txid], 2);
    await send(peer, child);
    expect(orphanage.has(child.wtxid)).toBe(true);
    clock.advance(2000);
    expect(requests(peer)).toEqual([{ kind: InventoryType.WITNESS_TX, hash: parent.txid }]);
    await send(peer, parent);
    expect(mempool.has(child.txid)).toBe(true);
    expect(orphanage.size).toBe(0);
    expect(announced).toEqual([parent, child].map(({ txid }) => displayHash(txid)));
  });

  test("another peer that announces an orphan is asked for its parents too", async () => {
    const { outbound, send, announce, requests, orphanage, clock } = setUp();
    const [first, second] = [outbound(), outbound()];
    const child = spend([spend([CONFIRMED], 1).txid], 2);
    await send(first, child);
    await announce(second, child.wtxid);
    expect(orphanage.isAnnouncedBy(child.wtxid, second.id)).toBe(true);
    clock.advance(2000);
    const asked = [first, second].filter((peer) => requests(peer).length > 0);
    expect(asked).toHaveLength(1);
    clock.advance(60_000);
    expect([first, second].filter((peer) => requests(peer).length > 0)).not.toEqual(asked);
  });

  test("with a parent that was rejected it is not kept", async () => {
    const { outbound, send, orphanage, mempool, log } = setUp();
    const peer = outbound();
    const parent = spend([CONFIRMED], 1, false);
    mempool.rejects.set(hashKey(parent.wtxid), "consensus");
    await send(peer, parent);
    const child = spend([parent.txid], 2);
    await send(peer, child);
    expect(orphanage.size).toBe(0);
    expect(log.with("[mempool] not keeping orphan with rejected parents")).toHaveLength(1);
  });

  test("a peer that leaves takes its orphans along", async () => {
    const { outbound, send, orphanage, peers } = setUp();
    const peer = outbound();
    await send(peer, spend([spend([CONFIRMED], 1).txid], 2));
    peers.disconnect(peer, "");
    expect(orphanage.size).toBe(0);
  });
});

describe("packages of a parent and a child", () => {
  test("a parent that pays too little is tried with the child that pays for both, whichever came first", async () => {
    for (const order of ["parent first", "child first"]) {
      const { outbound, send, mempool, orphanage, log } = setUp();
      const peer = outbound();
      const parent = spend([CONFIRMED], 1);
      const child = spend([parent.txid], 2);
      mempool.rejects.set(hashKey(parent.wtxid), "reconsiderable");
      if (order === "parent first") {
        await send(peer, parent);
        await send(peer, child);
        expect(mempool.size).toBe(0);
        expect(orphanage.has(child.wtxid)).toBe(true);
        // The parent is asked for again because of the orphan, and comes again.
        await send(peer, parent);
      } else {
        await send(peer, child);
        await send(peer, parent);
      }
      expect(mempool.tried.at(-1)).toEqual([parent, child]);
      expect(mempool.size).toBe(2);
      expect(orphanage.size).toBe(0);
      expect(log.with("package accepted")).toHaveLength(1);
      // The child was not put aside to be tried once more when its parent came in with it.
      expect(log.with("workset")).toEqual([]);
    }
  });

  test("a package that failed is not tried again", async () => {
    const { outbound, send, mempool } = setUp();
    const peer = outbound();
    const parent = spend([CONFIRMED], 1);
    const child = spend([parent.txid], 2);
    mempool.rejects.set(hashKey(parent.wtxid), "reconsiderable");
    mempool.acceptPackage = async (transactions) => {
      mempool.tried.push([...transactions]);
      const reject = { kind: "reconsiderable", reason: "low", detail: "" } as unknown as TransactionReject;
      return { results: transactions.map((): AcceptResult => ({ kind: "rejected", reject })) };
    };
    await send(peer, child);
    for (let times = 0; times < 3; times++) await send(peer, parent);
    expect(mempool.tried.filter(({ length }) => length === 2)).toHaveLength(1);
  });

  test("what is no package says nothing of its members", async () => {
    const { outbound, send, mempool, orphanage } = setUp();
    const peer = outbound();
    const parent = spend([CONFIRMED], 1);
    const child = spend([parent.txid], 2);
    mempool.rejects.set(hashKey(parent.wtxid), "reconsiderable");
    mempool.acceptPackage = async (transactions) => {
      mempool.tried.push([...transactions]);
      return { results: [] };
    };
    await send(peer, child);
    for (let times = 0; times < 2; times++) await send(peer, parent);
    expect(mempool.tried.filter(({ length }) => length === 2)).toHaveLength(1);
    expect(orphanage.has(child.wtxid)).toBe(true);
  });

  test("a child of another peer does not count", async () => {
    const { outbound, send, mempool } = setUp();
    const parent = spend([CONFIRMED], 1);
    mempool.rejects.set(hashKey(parent.wtxid), "reconsiderable");
    await send(outbound(), spend([parent.txid], 2));
    await send(outbound(), parent);
    expect(mempool.tried.every(({ length }) => length === 1)).toBe(true);
  });
});

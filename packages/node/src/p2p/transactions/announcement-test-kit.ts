import type { BloomFilter } from "@bitfleet/protocol/filters/bloom.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Hash256, hashKey, type Txid, type Wtxid } from "@bitfleet/protocol/primitives/types.ts";
import { InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import { KEY_SCRIPT } from "../../chain/test-kit.ts";
import { orderCluster } from "../../mempool/cluster-order.ts";
import { type Cluster, Entry } from "../../mempool/entry.ts";
import { UnbroadcastSet } from "../../mempool/unbroadcast.ts";
import { parseWhitelist } from "../addresses/permissions.ts";
import type { Peer, PeerOptions } from "../peer.ts";
import { TestClock, TestLog, type TestPeer, TestPeers, testPeer } from "../test-kit.ts";
import { TxAnnouncements } from "./tx-announcements.ts";

/** What tests of announcements share: peers without sockets, and a mempool of transactions that have nothing to do with one another. */

export const MINUTE_MS = 60_000;
export const NOBAN = permissionsOf("noban");
/** With these random numbers every wait is as long as its mean. */
export const MEAN = 1 - Math.exp(-1);
export const OUTBOUND_MS = 2000;
export const INBOUND_MS = 5000;

function permissionsOf(name: string): number {
  const entry = parseWhitelist(`${name}@127.0.0.1`);
  if ("error" in entry) throw new Error(entry.error);
  return entry.permissions;
}

/** Transactions that differ by a number. */
export function txOf(salt: number): Transaction {
  const txid = new Uint8Array(32) as Txid;
  new DataView(txid.buffer).setUint32(0, salt + 1);
  const input = { previousOutput: { txid, index: 0 }, scriptSig: new Uint8Array(0), sequence: 0 };
  return new Transaction({
    version: 2,
    inputs: [{ ...input, witness: [Uint8Array.of(1)] }],
    outputs: [{ value: 1n, scriptPubKey: KEY_SCRIPT }],
    lockTime: 0,
  });
}

/** A mempool of transactions that have nothing to do with one another. */
class Pool {
  sequence = 1;
  readonly unbroadcast: UnbroadcastSet;
  readonly #entries = new Map<string, Entry>();
  readonly #byWtxid = new Map<string, Entry>();

  constructor(log: TestLog) {
    this.unbroadcast = new UnbroadcastSet(log);
  }

  add(tx: Transaction, fee = 1000n): void {
    const fields = { tx, fee, feeDelta: 0n, sigopsCost: 0, timeSeconds: 0, height: 1, bytesPerSigop: 20 };
    const entry = new Entry({ ...fields, sequence: this.sequence++, spendsCoinbase: false });
    entry.cluster = orderCluster([entry]);
    this.#entries.set(hashKey(tx.txid), entry);
    this.#byWtxid.set(hashKey(tx.wtxid), entry);
  }

  /** Adds so many that have nothing but their hashes, where real ones would take long to make. */
  addHollow(count: number): void {
    for (let salt = 0; salt < count; salt++) {
      const hash = new Uint8Array(32);
      new DataView(hash.buffer).setUint32(0, salt);
      const entry = { tx: { txid: hash, wtxid: hash }, fee: 1000n, virtualSize: 100 } as unknown as Entry;
      const chunk = { entries: [entry], fee: 1000n, size: 400, equalsSize: 400, lastTxid: hash };
      entry.cluster = { entries: [entry], chunks: [chunk] } as unknown as Cluster;
      this.#entries.set(hashKey(hash as Txid), entry);
    }
  }

  remove(tx: Transaction): void {
    this.sequence++;
    this.#entries.delete(hashKey(tx.txid));
    this.#byWtxid.delete(hashKey(tx.wtxid));
  }

  get = (txid: Txid) => this.#entries.get(hashKey(txid));
  getByWtxid = (wtxid: Wtxid) => this.#byWtxid.get(hashKey(wtxid));
  entries = () => this.#entries.values();
  clusterOf = (txid: Txid) => this.#entries.get(hashKey(txid))?.cluster;
}

export function setUp({ isOwnNetwork = false } = {}) {
  const [clock, log, peers] = [new TestClock(), new TestLog(), new TestPeers()];
  const pool = new Pool(log);
  const filters = new Map<Peer, BloomFilter>();
  const recent: Transaction[] = [];
  const random = { units: [] as number[], usual: MEAN };
  const module = new TxAnnouncements(
    { isOwnNetwork },
    {
      mempool: pool,
      peers,
      recent: { transaction: (hash) => recent.find(({ txid }) => hashKey(txid) === hashKey(hash)) },
      bloomFilterOf: (peer) => filters.get(peer),
      clock,
      scheduler: clock,
      random: { bytes: (size) => new Uint8Array(size), unit: () => random.units.shift() ?? random.usual },
      log,
    },
  );
  peers.register(module);
  const tick = (peer: Peer) => module.tick(peer, clock.nowMs());
  /** A peer that had its first turn, from which its times are counted. */
  const add = (
    fields: Partial<Peer> = {},
    options: Partial<PeerOptions> = { connectionType: "outbound-full-relay" },
  ) => {
    const peer = testPeer(fields, options);
    peers.add(peer);
    tick(peer);
    return peer;
  };
  const told = (peer: TestPeer) => {
    tick(peer);
    return peer.connection.take("inv").flatMap(({ items }) => items);
  };
  const announce = (...salts: readonly number[]) =>
    salts.map((salt) => {
      const tx = txOf(salt);
      pool.add(tx);
      module.announce(tx);
      return tx;
    });
  return { clock, log, peers, pool, filters, recent, random, module, tick, add, told, announce };
}

export const wtxItem = ({ wtxid }: Transaction) => ({ kind: InventoryType.WTX, hash: wtxid });
export const texts = (items: readonly { readonly hash: Hash256 }[]) => items.map(({ hash }) => displayHash(hash));

import { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, type MerkleRoot, type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryLog } from "../chain/test-kit.ts";
import { Orphanage, type OrphanageOptions } from "./orphanage.ts";

function orphanage(options: OrphanageOptions = {}, unit = () => 0): Orphanage {
  return new Orphanage(options, { random: { unit }, log: new MemoryLog() });
}

/** A transaction that spends outputs of transactions numbered `parents`. */
function spending(parents: readonly number[], salt: number, size = 0): Transaction {
  return new Transaction({
    version: 2,
    inputs: parents.map((parent) => ({
      previousOutput: { txid: new Uint8Array(32).fill(parent) as Txid, index: 0 },
      scriptSig: new Uint8Array(0),
      sequence: 0xffffffff,
      witness: [],
    })),
    outputs: [{ value: BigInt(salt), scriptPubKey: new Uint8Array(size) }],
    lockTime: salt,
  });
}

function childOf(parent: Transaction, salt = 1, index = 0): Transaction {
  return new Transaction({
    version: 2,
    inputs: [{ previousOutput: { txid: parent.txid, index }, scriptSig: new Uint8Array(0), sequence: 0, witness: [] }],
    outputs: [{ value: BigInt(salt), scriptPubKey: new Uint8Array(0) }],
    lockTime: salt,
  });
}

function blockOf(...transactions: Transaction[]): Block {
  const fields = {
    version: 1,
    previousBlockHash: ZERO_HASH as BlockHash,
    merkleRoot: ZERO_HASH as MerkleRoot,
    time: 0,
    bits: 0,
    nonce: 0,
  };
  return new Block(new BlockHeader(fields), transactions);
}

describe("orphanage", () => {
  test("keeps an orphan as long as one of its announcers is there", () => {
    const orphans = orphanage();
    const tx = spending([1], 1);
    expect(orphans.add(tx, 1)).toBe(true);
    expect(orphans.add(tx, 1)).toBe(false);
    expect(orphans.add(tx, 2)).toBe(false);
    expect(orphans.addAnnouncer(tx.wtxid, 3)).toBe(true);
    expect(orphans.addAnnouncer(tx.wtxid, 3)).toBe(false);
    expect(orphans.addAnnouncer(spending([1], 2).wtxid, 3)).toBe(false);
    expect([...orphans.entries()].map(({ peers }) => peers)).toEqual([[1, 2, 3]]);
    expect(orphans.weight).toBe(tx.weight);
    for (const peer of [1, 2]) orphans.peerGone(peer);
    expect(orphans.has(tx.wtxid)).toBe(true);
    orphans.peerGone(3);
    expect(orphans.has(tx.wtxid)).toBe(false);
    expect(orphans.weight).toBe(0);
    expect(orphans.announcementCount).toBe(0);
  });

  test("takes 400,000 weight units and no more", () => {
    const orphans = orphanage();
    const base = spending([1], 1).weight;
    const size = (400_000 - base) / 4 - 4;
    expect(spending([1], 1, size).weight).toBe(400_000);
    expect(orphans.add(spending([1], 1, size + 1), 1)).toBe(false);
    expect(orphans.add(spending([1], 1, size), 1)).toBe(true);
  });

  test("a parent that arrives puts its children into the work set of one announcer each", () => {
    const orphans = orphanage({}, () => 0.99);
    const parent = spending([9], 1);
    const child = childOf(parent);
    orphans.add(child, 1);
    orphans.add(child, 2);
    orphans.add(childOf(parent, 2, 5), 1);
    orphans.parentArrived(parent);
    expect(orphans.hasWork(1)).toBe(false);
    expect(orphans.hasWork(2)).toBe(true);
    expect(orphans.takeWork(2)).toBe(child);
    expect(orphans.takeWork(2)).toBeUndefined();
    expect(orphans.has(child.wtxid)).toBe(true);
    orphans.parentArrived(parent);
    orphans.parentArrived(parent);
    expect(orphans.takeWork(2)).toBe(child);
    expect(orphans.takeWork(2)).toBeUndefined();
  });

  test("finds the children of one peer, those to be tried again first, then the newest", () => {
    const orphans = orphanage();
    const parent = spending([9], 1);
    const children = [1, 2, 3].map((salt) => childOf(parent, salt));
    for (const child of children) orphans.add(child, 1);
    orphans.add(childOf(parent, 4), 2);
    expect(orphans.childrenFromPeer(parent, 1)).toEqual([children[2], children[1], children[0]]);
    orphans.parentArrived(parent);
    orphans.takeWork(1);
    orphans.takeWork(1);
    expect(orphans.childrenFromPeer(parent, 1)).toEqual([children[2], children[1], children[0]]);
    orphans.parentArrived(parent);
    orphans.takeWork(1);
    expect(orphans.childrenFromPeer(parent, 1)[2]).toBe(children[0]);
    expect(orphans.childrenFromPeer(parent, 3)).toEqual([]);
  });

  test("a block takes along what it contains and what it conflicts with", () => {
    const orphans = orphanage();
    const [confirmed, conflicting, other] = [spending([1], 1), spending([1, 2], 2), spending([3], 3)];
    for (const tx of [confirmed, conflicting, other]) orphans.add(tx, 1);
    orphans.blockConnected(blockOf(confirmed));
    expect([...orphans.entries()].map(({ tx }) => tx)).toEqual([other]);
  });

  test("beyond the limit the peer that takes most loses its oldest, and nobody else any", () => {
    const weight = spending([1], 0).weight;
    const orphans = orphanage({ reservedWeightPerPeer: 4 * weight });
    const honest = [spending([1], 1), spending([2], 2)];
    for (const tx of honest) orphans.add(tx, 1);
    const spam = Array.from({ length: 30 }, (_, index) => spending([3], 100 + index));
    for (const tx of spam) orphans.add(tx, 2);
    expect(honest.every((tx) => orphans.has(tx.wtxid))).toBe(true);
    // Eight in all: two of the honest peer, six of the other.
    expect(orphans.size).toBe(8);
    expect(spam.map((tx) => orphans.has(tx.wtxid)).lastIndexOf(false)).toBe(23);
  });

  test("inputs count too, one for each ten", () => {
    const orphans = orphanage({ latencyScoreMax: 10 });
    const many = (salt: number) =>
      spending(
        Array.from({ length: 20 }, (_, index) => index),
        salt,
      );
    for (let salt = 0; salt < 3; salt++) orphans.add(many(salt), 1);
    expect(orphans.size).toBe(3);
    orphans.add(many(4), 1);
    expect(orphans.size).toBe(3);
    expect(orphans.has(many(0).wtxid)).toBe(false);
  });

  test("what is about to be tried again goes last", () => {
    const weight = spending([1], 0).weight;
    const orphans = orphanage({ reservedWeightPerPeer: 2 * weight });
    const parent = spending([9], 1);
    const child = childOf(parent);
    orphans.add(child, 1);
    orphans.parentArrived(parent);
    for (let salt = 0; salt < 10; salt++) orphans.add(spending([1], salt), 1);
    expect(orphans.has(child.wtxid)).toBe(true);
  });

  test("whatever is done, the sums are those of what is there, within the limits", () => {
    const step = fc.record({
      kind: fc.constantFrom("add", "remove", "gone", "block", "arrived", "take"),
      peer: fc.nat(3),
      salt: fc.nat(12),
    });
    const transactionOf = (salt: number) => spending([salt % 4, 4 + (salt % 3)], salt, 10 * salt);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const orphans = orphanage({ reservedWeightPerPeer: 2000, latencyScoreMax: 12 });
        for (const { kind, peer, salt } of steps) {
          const tx = transactionOf(salt);
          if (kind === "add") orphans.add(tx, peer);
          else if (kind === "remove") orphans.remove(tx.wtxid);
          else if (kind === "gone") orphans.peerGone(peer);
          else if (kind === "block") orphans.blockConnected(blockOf(tx));
          else if (kind === "arrived") orphans.parentArrived(tx);
          else orphans.takeWork(peer);
          const entries = [...orphans.entries()];
          const announcements = entries.flatMap(({ peers }) => peers);
          expect(orphans.size).toBe(entries.length);
          expect(orphans.announcementCount).toBe(announcements.length);
          expect(orphans.weight).toBe(entries.reduce((sum, entry) => sum + entry.tx.weight, 0));
          for (let one = 0; one < 4; one++) {
            const own = entries.filter(({ peers }) => peers.includes(one));
            expect(orphans.weightOf(one)).toBe(own.reduce((sum, entry) => sum + entry.tx.weight, 0));
          }
          expect(orphans.weight).toBeLessThanOrEqual(2000 * Math.max(new Set(announcements).size, 1));
          expect(announcements.length).toBeLessThanOrEqual(12);
        }
      }),
    );
  });
});

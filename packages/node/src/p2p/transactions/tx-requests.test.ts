import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TxRequestTracker } from "./tx-requests.ts";

const KEY = { k0: 1n, k1: 2n };
const hashOf = (number: number) => sha256d(Uint8Array.of(number));
const request = (number: number) => ({ hash: hashOf(number), isWtxid: true });

describe("TxRequestTracker", () => {
  test("asks when the time has come, and one peer at a time", () => {
    const tracker = new TxRequestTracker(KEY);
    tracker.receivedInventory(1, request(7), true, 1000);
    tracker.receivedInventory(2, request(7), false, 0);
    expect(tracker.requestable(1, 999)).toEqual([]);
    // Until the preferred peer's time comes the other is next.
    expect(tracker.requestable(2, 999)).toEqual([request(7)]);
    expect(tracker.requestable(1, 1000)).toEqual([request(7)]);
    expect(tracker.requestable(2, 1000)).toEqual([]);
    tracker.requested(1, hashOf(7), 2000);
    expect(tracker.requestable(1, 1500)).toEqual([]);
    expect(tracker.requestable(2, 1500)).toEqual([]);
    expect(tracker.countRequested(1)).toBe(1);
  });

  test("goes to the next peer when the first is overdue, has nothing, or is gone", () => {
    for (const end of ["overdue", "response", "gone"]) {
      const tracker = new TxRequestTracker(KEY);
      tracker.receivedInventory(1, request(7), true, 0);
      tracker.receivedInventory(2, request(7), false, 0);
      expect(tracker.requestable(1, 0)).toHaveLength(1);
      tracker.requested(1, hashOf(7), 100);
      if (end === "response") tracker.receivedResponse(1, hashOf(7));
      if (end === "gone") tracker.peerGone(1);
      const expired: number[] = [];
      expect(tracker.requestable(2, end === "overdue" ? 100 : 1, (peer) => expired.push(peer))).toEqual([request(7)]);
      expect(expired).toEqual(end === "overdue" ? [1] : []);
      // The one that failed is not asked again while others are there.
      tracker.receivedInventory(1, request(7), true, 0);
      expect(tracker.requestable(1, 200)).toEqual(end === "gone" ? [request(7)] : []);
    }
  });

  test("forgets a hash when its last peer has failed, so that it may announce it again", () => {
    const tracker = new TxRequestTracker(KEY);
    tracker.receivedInventory(1, request(7), true, 0);
    tracker.requestable(1, 0);
    tracker.requested(1, hashOf(7), 10);
    tracker.receivedResponse(1, hashOf(7));
    expect(tracker.size).toBe(0);
    tracker.receivedInventory(1, request(7), true, 0);
    expect(tracker.requestable(1, 0)).toEqual([request(7)]);
  });

  test("asks a peer for its announcements in their order", () => {
    const tracker = new TxRequestTracker(KEY);
    for (const number of [5, 3, 9, 1]) tracker.receivedInventory(1, request(number), true, 10 - number);
    expect(tracker.requestable(1, 100)).toEqual([5, 3, 9, 1].map(request));
  });

  test("a clock that goes back makes what was ready wait again", () => {
    const tracker = new TxRequestTracker(KEY);
    tracker.receivedInventory(1, request(7), true, 1000);
    expect(tracker.requestable(1, 1000)).toHaveLength(1);
    expect(tracker.requestable(1, 500)).toEqual([]);
    expect(tracker.requestable(1, 1000)).toHaveLength(1);
  });

  test("which of equal peers is asked depends on a secret", () => {
    const firstOf = (k0: bigint) => {
      const tracker = new TxRequestTracker({ k0, k1: 0n });
      for (let peer = 0; peer < 8; peer++) tracker.receivedInventory(peer, request(7), true, 0);
      return Array.from({ length: 8 }, (_, peer) => peer).find((peer) => tracker.requestable(peer, 0).length > 0);
    };
    const chosen = new Set(Array.from({ length: 64 }, (_, k) => firstOf(BigInt(k))));
    expect(chosen.size).toBeGreaterThan(4);
  });
});

/** The same rules, told by looking at everything each time. */
class NaiveTracker {
  announcements: { peer: number; number: number; preferred: boolean; timeMs: number; state: string }[] = [];

  add(peer: number, number: number, preferred: boolean, timeMs: number): void {
    if (this.announcements.some((one) => one.peer === peer && one.number === number)) return;
    this.announcements.push({ peer, number, preferred, timeMs, state: "candidate" });
  }

  advance(nowMs: number): void {
    for (const one of [...this.announcements]) {
      if (one.state === "requested" && one.timeMs <= nowMs) this.complete(one.peer, one.number);
    }
  }

  complete(peer: number, number: number): void {
    for (const one of this.announcements) if (one.peer === peer && one.number === number) one.state = "done";
    const rest = this.announcements.filter((one) => one.number === number);
    if (rest.every(({ state }) => state === "done")) this.forget(number);
  }

  forget(number: number): void {
    this.announcements = this.announcements.filter((one) => one.number !== number);
  }

  gone(peer: number): void {
    for (const one of this.announcements.filter((other) => other.peer === peer)) this.complete(peer, one.number);
    this.announcements = this.announcements.filter((one) => one.peer !== peer);
  }

  /** Peers of the best class among which the one to ask must be; none while one is asked. */
  candidates(number: number, nowMs: number): number[] {
    const all = this.announcements.filter((one) => one.number === number);
    if (all.some(({ state }) => state === "requested")) return [];
    const ready = all.filter(({ state, timeMs }) => state === "candidate" && timeMs <= nowMs);
    const preferred = ready.filter((one) => one.preferred);
    return (preferred.length > 0 ? preferred : ready).map(({ peer }) => peer);
  }
}

const PEERS = 4;
const HASHES = 3;

const step = fc.oneof(
  fc.record({
    kind: fc.constant("inventory" as const),
    peer: fc.nat(PEERS - 1),
    number: fc.nat(HASHES - 1),
    preferred: fc.boolean(),
    delayMs: fc.nat(20),
  }),
  fc.record({ kind: fc.constant("time" as const), byMs: fc.nat(15) }),
  fc.record({
    kind: fc.constant("request" as const),
    peer: fc.nat(PEERS - 1),
    expiryMs: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({ kind: fc.constant("response" as const), peer: fc.nat(PEERS - 1), number: fc.nat(HASHES - 1) }),
  fc.record({ kind: fc.constant("forget" as const), number: fc.nat(HASHES - 1) }),
  fc.record({ kind: fc.constant("gone" as const), peer: fc.nat(PEERS - 1) }),
);

describe("TxRequestTracker against a naive model", () => {
  test("whatever happens, the same are known, asked, and next to be asked", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tracker = new TxRequestTracker(KEY);
        const model = new NaiveTracker();
        let nowMs = 0;
        for (const one of steps) {
          if (one.kind === "inventory") {
            tracker.receivedInventory(one.peer, request(one.number), one.preferred, nowMs + one.delayMs);
            model.add(one.peer, one.number, one.preferred, nowMs + one.delayMs);
          } else if (one.kind === "time") nowMs += one.byMs;
          else if (one.kind === "response") {
            tracker.receivedResponse(one.peer, hashOf(one.number));
            model.complete(one.peer, one.number);
          } else if (one.kind === "forget") {
            tracker.forget(hashOf(one.number));
            model.forget(one.number);
          } else if (one.kind === "gone") {
            tracker.peerGone(one.peer);
            model.gone(one.peer);
          }
          model.advance(nowMs);
          const next = Array.from({ length: PEERS }, (_, peer) => tracker.requestable(peer, nowMs));
          if (one.kind === "request") {
            for (const { hash } of next[one.peer]!) {
              const number = [0, 1, 2].find((candidate) => hashOf(candidate).toString() === hash.toString())!;
              tracker.requested(one.peer, hash, nowMs + one.expiryMs);
              const announcement = model.announcements.find(
                (other) => other.peer === one.peer && other.number === number,
              )!;
              announcement.state = "requested";
              announcement.timeMs = nowMs + one.expiryMs;
            }
          } else {
            for (let number = 0; number < HASHES; number++) {
              const askable = next.flatMap((list, peer) =>
                list.some(({ hash }) => hash.toString() === hashOf(number).toString()) ? [peer] : [],
              );
              const expected = model.candidates(number, nowMs);
              expect(askable.length).toBe(Math.min(expected.length, 1));
              if (expected.length > 0) expect(expected).toContain(askable[0]);
            }
          }
          for (let peer = 0; peer < PEERS; peer++) {
            const own = model.announcements.filter((other) => other.peer === peer);
            expect(tracker.count(peer)).toBe(own.length);
            expect(tracker.countRequested(peer)).toBe(own.filter(({ state }) => state === "requested").length);
            expect(tracker.countCandidates(peer)).toBe(own.filter(({ state }) => state === "candidate").length);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

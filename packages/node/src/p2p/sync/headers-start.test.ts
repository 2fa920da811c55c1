import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { GENESIS, mineMany } from "../../chain/test-kit.ts";
import type { TestPeer } from "../test-kit.ts";
import { headersOf, invOf, NOBAN, OUTBOUND, withSync } from "./sync-test-kit.ts";

const MAIN = mineMany(GENESIS, 12);
const EMPTY = { type: "headers", headers: [] } as const;
const MANUAL = { connectionType: "manual" } as const;
const asked = (peer: TestPeer) => peer.connection.take("getheaders").length;
const random = (fill: number) => new Uint8Array(32).fill(fill) as BlockHash;

describe("start", () => {
  test("asks one peer as long as the headers are old", async () => {
    await withSync({}, async ({ connect, tick, log }) => {
      const [first, second] = [connect(), connect()];
      tick();
      tick();
      expect([asked(first), asked(second)]).toEqual([1, 0]);
      expect(log.lines).toContain(`[net] initial getheaders (0) to peer=${first.id}`);
    });
  });

  test("asks everybody when they are less than a day old", async () => {
    await withSync({ blocks: MAIN }, async ({ clock, chain, connect, tick }) => {
      const day = MAIN.at(-1)!.block.header.time + 24 * 3600;
      clock.seconds = day;
      const [first, second] = [connect(), connect()];
      tick();
      expect([asked(first), asked(second)]).toEqual([1, 0]);
      clock.seconds = day - 1;
      tick();
      const [request] = second.connection.take("getheaders");
      // From the block before the best, so that the answer is not empty.
      expect(displayHash(request!.locator[0]!)).toBe(displayHash(chain.tip.previous!.hash));
    });
  });

  test("prefers peers that we chose or trust, and asks others where there are none", async () => {
    await withSync({}, async ({ connect, tick, peers }) => {
      const [inbound, outbound, trusted] = [connect(), connect({}, OUTBOUND), connect({}, NOBAN)];
      tick(inbound);
      // Nothing is under way, so even an inbound peer will do.
      expect(asked(inbound)).toBe(1);
      peers.disconnect(inbound, "");
      tick();
      expect([asked(outbound), asked(trusted)]).toEqual([1, 0]);
      peers.disconnect(outbound, "");
      tick();
      expect(asked(trusted)).toBe(1);
    });
  });

  test("asks one that the operator named also behind those that connected to us, and no more than one", async () => {
    await withSync({}, async ({ connect, tick }) => {
      const inbound = connect();
      tick();
      const [chosen, named, another] = [connect({}, OUTBOUND), connect({}, MANUAL), connect({}, MANUAL)];
      tick();
      tick();
      expect([inbound, chosen, named, another].map(asked)).toEqual([1, 0, 1, 0]);
    });
  });

  test("asks nobody who has no blocks, nor who is there for addresses only", async () => {
    await withSync({}, async ({ connect, tick }) => {
      const light = connect({ services: 1n << 3n });
      const addresses = connect({}, { connectionType: "addr-fetch" });
      tick();
      expect([asked(light), asked(addresses)]).toEqual([0, 0]);
    });
  });
});

describe("announcements before it is a peer's turn", () => {
  test("bring one more peer for each block", async () => {
    await withSync({}, async ({ connect, tick, deliver }) => {
      const all = [connect(), connect(), connect(), connect()] as const;
      tick();
      expect(all.map(asked)).toEqual([1, 0, 0, 0]);
      await deliver(all[0], EMPTY);
      for (const peer of all) await deliver(peer, invOf(random(1)));
      expect(all.map(asked)).toEqual([1, 1, 0, 0]);
      for (const peer of all) await deliver(peer, EMPTY);
      for (const peer of all) await deliver(peer, invOf(random(2)));
      // The second was asked before its turn once, which is enough.
      expect(all.map(asked)).toEqual([1, 0, 1, 0]);
    });
  });
});

describe("timeout", () => {
  /** Fifteen minutes, and a millisecond for each header that may be missing. */
  const limitSeconds = (ageSeconds: number) => 15 * 60 + ageSeconds / 600 / 1000;

  test("ends the connection where another peer could be asked, not before", async () => {
    await withSync({}, async ({ clock, connect, tick, peers, log }) => {
      const [slow, other] = [connect({}, OUTBOUND), connect({}, OUTBOUND)];
      tick(slow);
      const limit = limitSeconds(clock.seconds - GENESIS.block.header.time);
      const start = clock.seconds;
      clock.seconds = start + Math.floor(limit);
      tick();
      expect(peers.disconnected).toEqual([]);
      clock.seconds = start + Math.ceil(limit);
      tick();
      expect(peers.disconnected.map(({ peer }) => peer)).toEqual([slow]);
      expect(log.lines).toContain(`Timeout downloading headers, disconnecting peer=${slow.id}`);
      tick();
      expect(asked(other)).toBe(1);
    });
  });

  test("not of the only peer, nor where only inbound ones are left", async () => {
    await withSync({}, async ({ clock, connect, tick, peers }) => {
      const [slow] = [connect({}, OUTBOUND), connect()];
      tick(slow);
      clock.seconds += 24 * 3600;
      tick();
      expect(peers.disconnected).toEqual([]);
    });
  });

  test("a trusted peer stays, and another is asked", async () => {
    await withSync({}, async ({ clock, connect, tick, peers, log }) => {
      const [slow, other] = [connect({}, NOBAN), connect({}, OUTBOUND)];
      tick();
      clock.seconds += 3600;
      tick(slow);
      expect(log.lines).toContain(`Timeout downloading headers from noban peer, not disconnecting peer=${slow.id}`);
      expect(peers.disconnected).toEqual([]);
      tick(other);
      expect(asked(other)).toBe(1);
    });
  });

  test("not once the headers are recent", async () => {
    await withSync({}, async ({ clock, connect, tick, deliver, log }) => {
      const [peer] = [connect({}, OUTBOUND), connect({}, OUTBOUND)];
      tick(peer);
      await deliver(peer, headersOf(MAIN));
      clock.seconds = MAIN.at(-1)!.block.header.time + 3600;
      tick(peer);
      clock.seconds += 30 * 24 * 3600;
      tick(peer);
      expect(log.with("Timeout downloading headers")).toEqual([]);
    });
  });
});

describe("sendheaders", () => {
  const minimumChainwork = 2n * 11n;

  test("goes out once, when the peer has shown more than the minimum of work", async () => {
    await withSync({ minimumChainwork }, async ({ connect, deliver, tick }) => {
      const peer = connect({}, NOBAN);
      await deliver(peer, headersOf(MAIN.slice(0, 10)));
      expect(peer.connection.take("sendheaders")).toEqual([]);
      await deliver(peer, headersOf(MAIN.slice(10, 11)));
      tick();
      expect(peer.connection.take("sendheaders")).toHaveLength(1);
      await deliver(peer, headersOf(MAIN.slice(11)));
      expect(peer.connection.take("sendheaders")).toEqual([]);
    });
  });

  test("not to peers from before BIP130", async () => {
    await withSync({}, async ({ connect, deliver }) => {
      const [old, recent] = [connect({ commonVersion: 70_011 }), connect({ commonVersion: 70_012 })];
      for (const peer of [old, recent]) await deliver(peer, headersOf(MAIN));
      expect(old.connection.take("sendheaders")).toEqual([]);
      expect(recent.connection.take("sendheaders")).toHaveLength(1);
    });
  });
});

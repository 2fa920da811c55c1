import { MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import { describe, expect, test } from "vitest";
import type { Chain } from "../../chain/chain.ts";
import { TestClock, type TestPeer, testPeer } from "../test-kit.ts";
import { FeeFilter, isSyncingFeerate } from "./fee-filter.ts";

const MINUTE_MS = 60_000;

function setUp(options: { ignoresTransactions?: boolean; isOwnNetwork?: boolean; unit?: number } = {}) {
  const clock = new TestClock();
  const state = { isInitialBlockDownload: false, minFeerate: 1000n, work: 9n, bestWork: 9n };
  const module = new FeeFilter(
    {
      ignoresTransactions: options.ignoresTransactions ?? false,
      isOwnNetwork: options.isOwnNetwork ?? false,
      minRelayFeerate: 100n,
    },
    {
      minFeerate: () => state.minFeerate,
      chain: {
        get isInitialBlockDownload() {
          return state.isInitialBlockDownload;
        },
        get tip() {
          return { chainwork: state.work } as Chain["tip"];
        },
        get bestHeader() {
          return { chainwork: state.bestWork } as Chain["tip"];
        },
      },
      random: { unit: () => options.unit ?? 0.5 },
    },
  );
  const told = (peer: TestPeer) => {
    module.tick(peer, clock.nowMs());
    return peer.connection.take("feefilter").map(({ feerateSatPerKvb }) => feerateSatPerKvb);
  };
  return { clock, state, told };
}

describe("feefilter", () => {
  test("tells a value near the mempool's minimum, and only once while that stays", () => {
    const { clock, told } = setUp();
    const peer = testPeer();
    const [first] = told(peer);
    expect(first! > 900n && first! <= 1000n).toBe(true);
    expect(told(peer)).toEqual([]);
    clock.advance(60 * MINUTE_MS);
    expect(told(peer)).toEqual([]);
  });

  test("never below the least relay fee", () => {
    const { state, told } = setUp();
    state.minFeerate = 0n;
    expect(told(testPeer())).toEqual([100n]);
  });

  test("asks for nothing while blocks are missing, and for all at once afterwards", () => {
    const { state, told } = setUp();
    const peer = testPeer();
    state.isInitialBlockDownload = true;
    const [highest] = told(peer);
    expect(highest! > 9_000_000n && highest! < MAX_MONEY).toBe(true);
    expect(isSyncingFeerate(highest!)).toBe(true);
    expect([0n, 100n, 8_000_000n].some(isSyncingFeerate)).toBe(false);
    expect(told(peer)).toEqual([]);
    state.isInitialBlockDownload = false;
    expect(told(peer)[0]! < 1100n).toBe(true);
  });

  test("nor in the middle of a young chain, where peers tell of all that they have when it is asked for", () => {
    for (const isOwnNetwork of [true, false]) {
      const { state, told } = setUp({ isOwnNetwork });
      const peer = testPeer();
      // Its first blocks are of today, and the initial download is over; headers of many more are here.
      state.work = 1n;
      expect(isSyncingFeerate(told(peer)[0]!)).toBe(isOwnNetwork);
      state.work = 8n;
      expect(told(peer)).toEqual([]);
      state.work = 9n;
      expect(told(peer)).toHaveLength(isOwnNetwork ? 1 : 0);
      // A block that has yet to come is nothing to wait for.
      state.bestWork = 10n;
      expect(told(peer)).toEqual([]);
      expect(isSyncingFeerate(told(testPeer())[0]!)).toBe(false);
    }
  });

  test("but not for ever, where somebody made the headers up", () => {
    const { clock, state, told } = setUp({ isOwnNetwork: true });
    const peer = testPeer();
    state.bestWork = 100n;
    expect(isSyncingFeerate(told(peer)[0]!)).toBe(true);
    clock.advance(5 * MINUTE_MS - 1);
    expect(told(peer)).toEqual([]);
    clock.advance(1);
    expect(told(peer)[0]! < 1100n).toBe(true);
  });

  test("a large change is told within five minutes, a small one at the usual time", () => {
    for (const [minFeerate, isSoon] of [
      [1200n, false],
      [2000n, true],
    ] as const) {
      // The next message would be due in some forty minutes.
      const { clock, state, told } = setUp({ unit: 0.98 });
      const peer = testPeer();
      told(peer);
      state.minFeerate = minFeerate;
      told(peer);
      clock.advance(5 * MINUTE_MS);
      expect(told(peer).length === 1).toBe(isSoon);
    }
  });

  test.each([
    ["who does not know it", testPeer({ commonVersion: 70_012 }), false],
    ["block-relay-only peers", testPeer({}, { connectionType: "block-relay-only" }), false],
    ["friends whose transactions are always relayed", testPeer({}, { permissions: (1 << 2) | (1 << 3) }), false],
    ["anybody with -blocksonly", testPeer(), true],
  ])("not to %s", (_who, peer, ignoresTransactions) => {
    expect(setUp({ ignoresTransactions }).told(peer)).toEqual([]);
  });
});

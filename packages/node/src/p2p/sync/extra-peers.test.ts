import { describe, expect, test } from "vitest";
import type { Peer, PeerOptions } from "../peer.ts";
import { TestLog, type TestPeer, TestPeers, testPeer } from "../test-kit.ts";
import { evictExtraBlockRelay, evictExtraFullRelay } from "./extra-peers.ts";

const NOW_MS = 1_700_000_000_000;
/** So long a peer is left alone. */
const GRACE_MS = 30_000;

function setUp() {
  const [log, peers] = [new TestLog(), new TestPeers()];
  const owing = new Set<Peer>();
  const safe = new Set<Peer>();
  const announced = new Map<Peer, number>();
  const deps = {
    peers,
    log,
    requests: { ofPeer: (peer: Peer) => (owing.has(peer) ? ([{}] as never) : []) },
    syncPeers: {
      isProtected: (peer: Peer) => safe.has(peer),
      announcedSeconds: (peer: Peer) => announced.get(peer) ?? 0,
    },
  };
  const add = (options: Partial<PeerOptions>, fields: Partial<Peer> = {}, ageMs = 2 * GRACE_MS): TestPeer => {
    const peer = testPeer(fields, { connectedMs: NOW_MS - ageMs, ...options });
    peers.add(peer);
    return peer;
  };
  const gone = () => peers.disconnected.map(({ peer }) => peer.id);
  return { log, deps, owing, safe, announced, add, gone };
}

describe("of the block-relay peers", () => {
  const TYPE = { connectionType: "block-relay-only" } as const;

  test("the newest goes, though it was as quick as the one before", () => {
    const { deps, add, gone, log } = setUp();
    add(TYPE, { lastBlockSeconds: 5 });
    const newest = add(TYPE, { lastBlockSeconds: 5 });
    add({ connectionType: "outbound-full-relay" });
    evictExtraBlockRelay(NOW_MS, deps);
    expect(gone()).toEqual([newest.id]);
    const line = `disconnecting extra block-relay-only peer=${newest.id} (last block received at time 5)`;
    expect(log.with(line)).toHaveLength(1);
  });

  test("the one before goes where the newest has brought a block since", () => {
    const { deps, add, gone } = setUp();
    add(TYPE, { lastBlockSeconds: 0 });
    const before = add(TYPE, { lastBlockSeconds: 5 });
    add(TYPE, { lastBlockSeconds: 6 });
    evictExtraBlockRelay(NOW_MS, deps);
    expect(gone()).toEqual([before.id]);
  });

  test.each([
    [GRACE_MS - 1, false],
    [GRACE_MS, true],
  ])("one connected for %i ms may go: %s", (ageMs, mayGo) => {
    const { deps, add, gone, log } = setUp();
    const peer = add(TYPE, {}, ageMs);
    evictExtraBlockRelay(NOW_MS, deps);
    expect(gone()).toEqual(mayGo ? [peer.id] : []);
    const line = `keeping block-relay-only peer=${peer.id} chosen for eviction (connect time: 1699999970, blocks_in_flight: 0)`;
    expect(log.with(line)).toHaveLength(mayGo ? 0 : 1);
  });

  test("one that owes us a block stays, and no other goes for it", () => {
    const { deps, add, gone, owing, log } = setUp();
    add(TYPE);
    owing.add(add(TYPE));
    evictExtraBlockRelay(NOW_MS, deps);
    expect(gone()).toEqual([]);
    expect(log.with("blocks_in_flight: 1")).toHaveLength(1);
  });

  test("none goes where there is none", () => {
    const { deps, gone } = setUp();
    evictExtraBlockRelay(NOW_MS, deps);
    expect(gone()).toEqual([]);
  });
});

describe("of the full-relay peers", () => {
  const TYPE = { connectionType: "outbound-full-relay" } as const;

  test("the one goes whose last news of a block is oldest", () => {
    const { deps, add, gone, announced, log } = setUp();
    const [a, b, c] = [add(TYPE), add(TYPE), add(TYPE)];
    announced.set(a, 5).set(b, 4).set(c, 6);
    expect(evictExtraFullRelay(NOW_MS, deps)).toBe(true);
    expect(gone()).toEqual([b.id]);
    const line = `disconnecting extra outbound peer=${b.id} (last block announcement received at time 4)`;
    expect(log.with(line)).toHaveLength(1);
  });

  test("of equals the newest goes", () => {
    const { deps, add, gone } = setUp();
    add(TYPE);
    const newest = add(TYPE);
    evictExtraFullRelay(NOW_MS, deps);
    expect(gone()).toEqual([newest.id]);
  });

  test("a protected one stays", () => {
    const { deps, add, gone, safe } = setUp();
    const other = add(TYPE);
    safe.add(add(TYPE));
    evictExtraFullRelay(NOW_MS, deps);
    expect(gone()).toEqual([other.id]);
  });

  test("the only way into a network stays, unless the operator named another", () => {
    for (const [type, isOnlyWay] of [
      ["block-relay-only", true],
      ["inbound", true],
      ["manual", false],
    ] as const) {
      const { deps, add, gone, announced } = setUp();
      const onion = add({ ...TYPE, network: "onion" });
      add({ connectionType: type, network: "onion" });
      const [a, b] = [add(TYPE), add(TYPE)];
      announced.set(a, 2).set(b, 3).set(onion, 1);
      evictExtraFullRelay(NOW_MS, deps);
      expect(gone()).toEqual([isOnlyWay ? a.id : onion.id]);
    }
  });

  test.each([
    [GRACE_MS, false],
    [GRACE_MS + 1, true],
  ])("one connected for %i ms may go: %s", (ageMs, mayGo) => {
    const { deps, add, gone, log } = setUp();
    add(TYPE);
    const peer = add(TYPE, {}, ageMs);
    expect(evictExtraFullRelay(NOW_MS, deps)).toBe(mayGo);
    expect(gone()).toEqual(mayGo ? [peer.id] : []);
    expect(log.with(`keeping outbound peer=${peer.id} chosen for eviction`)).toHaveLength(mayGo ? 0 : 1);
  });

  test("one that owes us a block stays, and no other goes for it", () => {
    const { deps, add, gone, owing } = setUp();
    add(TYPE);
    owing.add(add(TYPE));
    expect(evictExtraFullRelay(NOW_MS, deps)).toBe(false);
    expect(gone()).toEqual([]);
  });

  test("none goes where all are protected", () => {
    const { deps, add, gone, safe } = setUp();
    safe.add(add(TYPE)).add(add(TYPE));
    expect(evictExtraFullRelay(NOW_MS, deps)).toBe(false);
    expect(gone()).toEqual([]);
  });
});

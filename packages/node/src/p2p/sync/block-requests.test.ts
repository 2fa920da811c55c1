import { describe, expect, test } from "vitest";
import { BlockIndex, type BlockIndexEntry } from "../../chain/block-index.ts";
import { GENESIS, mineMany } from "../../chain/test-kit.ts";
import { TestClock, testPeer } from "../test-kit.ts";
import { BLOCKS_IN_TRANSIT_PER_PEER_MAX, BlockRequests } from "./block-requests.ts";

const index = new BlockIndex();
index.addHeader(GENESIS.block.header, undefined);
const ENTRIES: readonly BlockIndexEntry[] = mineMany(GENESIS, BLOCKS_IN_TRANSIT_PER_PEER_MAX + 1).map(({ block }) =>
  index.addHeader(block.header, index.find(block.header.previousBlockHash)),
);
const [FIRST, SECOND, THIRD] = ENTRIES as [BlockIndexEntry, BlockIndexEntry, BlockIndexEntry];

function setUp() {
  const clock = new TestClock();
  return { clock, requests: new BlockRequests({ clock }), a: testPeer(), b: testPeer() };
}

describe("BlockRequests", () => {
  test("keeps the order of requests, by block and by peer", () => {
    const { requests, a, b } = setUp();
    requests.add(b, SECOND);
    requests.add(a, FIRST);
    requests.add(a, SECOND);
    expect(requests.ofBlock(SECOND.hash).map(({ peer }) => peer)).toEqual([b, a]);
    expect(requests.ofPeer(a).map(({ entry }) => entry)).toEqual([FIRST, SECOND]);
    expect(requests.size).toBe(3);
    expect(requests.peerCount).toBe(2);
    expect(requests.isRequested(THIRD.hash)).toBe(false);
  });

  test("the same request twice is one", () => {
    const { requests, a } = setUp();
    const first = requests.add(a, FIRST);
    const second = requests.add(a, FIRST);
    expect([first.isNew, second.isNew]).toEqual([true, false]);
    expect(second.request).toBe(first.request);
    expect(requests.size).toBe(1);
  });

  test("room ends at sixteen", () => {
    const { requests, a } = setUp();
    for (const entry of ENTRIES.slice(0, BLOCKS_IN_TRANSIT_PER_PEER_MAX - 1)) requests.add(a, entry);
    expect(requests.roomOf(a)).toBe(1);
    requests.add(a, ENTRIES[15]!);
    expect(requests.roomOf(a)).toBe(0);
    requests.add(a, ENTRIES[16]!);
    expect(requests.roomOf(a)).toBe(0);
  });

  test("one peer's request is removed, or everybody's", () => {
    const { requests, a, b } = setUp();
    requests.add(a, FIRST);
    requests.add(b, FIRST);
    requests.add(b, SECOND);
    requests.remove(FIRST.hash, a);
    expect(requests.find(FIRST.hash, a)).toBeUndefined();
    expect(requests.isRequested(FIRST.hash)).toBe(true);
    requests.add(a, FIRST);
    requests.remove(FIRST.hash);
    expect(requests.isRequested(FIRST.hash)).toBe(false);
    expect(requests.ofPeer(b).map(({ entry }) => entry)).toEqual([SECOND]);
    requests.remove(THIRD.hash);
    expect(requests.size).toBe(1);
  });

  test("the time of a peer runs from its first request, anew when that one is gone", () => {
    const { requests, clock, a } = setUp();
    expect(requests.downloadingSinceMs(a)).toBeUndefined();
    const startMs = clock.nowMs();
    requests.add(a, FIRST);
    clock.advance(1000);
    requests.add(a, SECOND);
    requests.add(a, THIRD);
    expect(requests.downloadingSinceMs(a)).toBe(startMs);
    clock.advance(1000);
    requests.remove(THIRD.hash);
    expect(requests.downloadingSinceMs(a)).toBe(startMs);
    requests.remove(FIRST.hash);
    expect(requests.downloadingSinceMs(a)).toBe(startMs + 2000);
  });

  test("a peer stalls until it sends anything", () => {
    const { requests, clock, a } = setUp();
    expect(requests.markStalling(a, clock.nowMs())).toBe(false);
    requests.add(a, FIRST);
    requests.add(a, SECOND);
    const sinceMs = clock.nowMs();
    expect(requests.markStalling(a, sinceMs)).toBe(true);
    clock.advance(500);
    expect(requests.markStalling(a, clock.nowMs())).toBe(false);
    expect(requests.stallingSinceMs(a)).toBe(sinceMs);
    requests.remove(SECOND.hash);
    expect(requests.stallingSinceMs(a)).toBeUndefined();
  });

  test("a peer that is gone owes nothing", () => {
    const { requests, a, b } = setUp();
    for (const entry of [FIRST, SECOND, THIRD]) requests.add(a, entry);
    requests.add(b, SECOND);
    requests.forget(a);
    expect(requests.size).toBe(1);
    expect(requests.peerCount).toBe(1);
    expect(requests.isRequested(FIRST.hash)).toBe(false);
    expect(requests.isRequested(SECOND.hash)).toBe(true);
  });

  test("a block that is being looked at is under way, until all who look are done", async () => {
    const { requests } = setUp();
    const ends: (() => void)[] = [];
    const work = () => new Promise<void>((resolve) => void ends.push(resolve));
    const runs = [requests.whileProcessing(FIRST.hash, work), requests.whileProcessing(FIRST.hash, work)];
    expect(requests.isUnderWay(FIRST)).toBe(true);
    expect(requests.isRequested(FIRST.hash)).toBe(false);
    ends[0]!();
    await runs[0];
    expect(requests.isUnderWay(FIRST)).toBe(true);
    ends[1]!();
    await runs[1];
    expect(requests.isUnderWay(FIRST)).toBe(false);
  });

  test("and where looking at it fails", async () => {
    const { requests } = setUp();
    await expect(requests.whileProcessing(FIRST.hash, () => Promise.reject(new Error("disk")))).rejects.toThrow("disk");
    expect(requests.isUnderWay(FIRST)).toBe(false);
  });
});

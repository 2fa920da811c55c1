import { describe, expect, test } from "vitest";
import { deliver, type TestPeer, testPeer } from "../test-kit.ts";
import { CompactBlockPeers, HIGH_BANDWIDTH_PEERS_MAX } from "./compact-block-peers.ts";
import { OUTBOUND } from "./sync-test-kit.ts";

const offer = (version = 2n, highBandwidth = false) => ({ type: "sendcmpct", highBandwidth, version }) as const;

async function providers(compactPeers: CompactBlockPeers, count: number): Promise<TestPeer[]> {
  const peers = Array.from({ length: count }, () => testPeer());
  for (const peer of peers) await deliver(compactPeers, peer, offer());
  return peers;
}

const chosen = (peers: readonly TestPeer[]) => peers.map(({ highBandwidthTo }) => highBandwidthTo);

describe("sendcmpct", () => {
  test.each([
    [1n, false],
    [2n, true],
    [3n, false],
  ])("of version %d", async (version, isTaken) => {
    const compactPeers = new CompactBlockPeers({ ignoresTransactions: false });
    const peer = testPeer();
    await deliver(compactPeers, peer, offer(version, true));
    expect(compactPeers.provides(peer)).toBe(isTaken);
    expect(peer.highBandwidthFrom).toBe(isTaken);
  });

  test("the last one of our version counts", async () => {
    const compactPeers = new CompactBlockPeers({ ignoresTransactions: false });
    const peer = testPeer();
    for (const message of [offer(2n, true), offer(1n, false)]) await deliver(compactPeers, peer, message);
    expect(peer.highBandwidthFrom).toBe(true);
    await deliver(compactPeers, peer, offer(2n, false));
    expect(peer.highBandwidthFrom).toBe(false);
    expect(compactPeers.provides(peer)).toBe(true);
  });
});

describe("who may send blocks unasked", () => {
  test("the last three that brought one", async () => {
    const compactPeers = new CompactBlockPeers({ ignoresTransactions: false });
    const peers = await providers(compactPeers, HIGH_BANDWIDTH_PEERS_MAX + 1);
    for (const peer of peers.slice(0, 3)) compactPeers.choose(peer);
    expect(chosen(peers)).toEqual([true, true, true, false]);
    compactPeers.choose(peers[0]!);
    compactPeers.choose(peers[3]!);
    expect(chosen(peers)).toEqual([true, false, true, true]);
    expect(peers[0]!.connection.sent).toEqual([offer(2n, true)]);
    expect(peers[1]!.connection.sent).toEqual([offer(2n, true), offer(2n, false)]);
  });

  test("only who speaks our version", async () => {
    const compactPeers = new CompactBlockPeers({ ignoresTransactions: false });
    const peer = testPeer();
    compactPeers.choose(peer);
    expect(peer.connection.sent).toEqual([]);
  });

  test("nobody with -blocksonly", async () => {
    const compactPeers = new CompactBlockPeers({ ignoresTransactions: true });
    const [peer] = await providers(compactPeers, 1);
    compactPeers.choose(peer!);
    expect(peer!.connection.sent).toEqual([]);
  });

  test("the last outbound peer gives way to none that came to us", async () => {
    const compactPeers = new CompactBlockPeers({ ignoresTransactions: false });
    const outbound = testPeer({}, OUTBOUND);
    await deliver(compactPeers, outbound, offer());
    const [a, b, c] = (await providers(compactPeers, 3)) as [TestPeer, TestPeer, TestPeer];
    for (const peer of [outbound, a, b, c]) compactPeers.choose(peer);
    expect(chosen([outbound, a, b, c])).toEqual([true, false, true, true]);
    const second = testPeer({}, OUTBOUND);
    await deliver(compactPeers, second, offer());
    compactPeers.choose(second);
    expect(chosen([outbound, second, b, c])).toEqual([false, true, true, true]);
  });

  test("the first of two outbound peers gives way", async () => {
    const compactPeers = new CompactBlockPeers({ ignoresTransactions: false });
    const outbound = [testPeer({}, OUTBOUND), testPeer({}, OUTBOUND)];
    for (const peer of outbound) await deliver(compactPeers, peer, offer());
    const inbound = await providers(compactPeers, 2);
    for (const peer of [...outbound, ...inbound]) compactPeers.choose(peer);
    expect(chosen([...outbound, ...inbound])).toEqual([false, true, true, true]);
  });

  test("who leaves makes room", async () => {
    const compactPeers = new CompactBlockPeers({ ignoresTransactions: false });
    const peers = await providers(compactPeers, 4);
    for (const peer of peers.slice(0, 3)) compactPeers.choose(peer);
    compactPeers.peerGone(peers[1]!);
    compactPeers.choose(peers[3]!);
    expect(chosen(peers)).toEqual([true, true, true, true]);
    expect(peers[0]!.connection.sent).toHaveLength(1);
  });
});

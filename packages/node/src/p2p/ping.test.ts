import { describe, expect, test } from "vitest";
import { systemRandom } from "../clock.ts";
import { PingModule } from "./ping.ts";
import { deliver, TestClock, TestLog, TestPeers, testPeer } from "./test-kit.ts";

function setUp(peerTimeoutMs = 60_000) {
  const [clock, log, peers] = [new TestClock(), new TestLog(), new TestPeers()];
  const module = new PingModule({ peerTimeoutMs }, { clock, log, peers, random: systemRandom });
  peers.register(module);
  const peer = testPeer({}, { connectedMs: clock.nowMs() });
  peers.add(peer);
  const tick = () => module.tick(peer, clock.nowMs());
  const ping = () => {
    const [message] = peer.connection.take("ping");
    return message?.nonce;
  };
  return { clock, log, peers, module, peer, tick, ping };
}

describe("pings of ours", () => {
  test("one at once, then one two minutes after the last was answered", async () => {
    const { clock, peer, module, tick, ping } = setUp();
    tick();
    const nonce = ping()!;
    expect(nonce).not.toBe(0n);
    clock.advance(3000);
    expect(module.times(peer)).toEqual({ lastUs: undefined, minUs: undefined, waitUs: 3_000_000 });
    await deliver(module, peer, { type: "pong", nonce });
    expect(module.times(peer)).toEqual({ lastUs: 3_000_000, minUs: 3_000_000, waitUs: undefined });
    clock.advance(117_000);
    tick();
    expect(ping()).toBeUndefined();
    clock.advance(1);
    tick();
    expect(ping()).toBeDefined();
  });

  test("what is over in a fraction of a millisecond is told in microseconds", async () => {
    const { clock, peer, module, tick, ping } = setUp();
    tick();
    const nonce = ping()!;
    clock.advance(0.25);
    expect(module.times(peer).waitUs).toBe(250);
    await deliver(module, peer, { type: "pong", nonce });
    expect(module.times(peer)).toEqual({ lastUs: 250, minUs: 250, waitUs: undefined });
  });

  test.each([
    ["Short payload", undefined, true],
    ["Nonce zero", 0n, true],
    ["Nonce mismatch", 5n, false],
  ])("%s", async (problem, nonce, endsPing) => {
    const { log, peer, module, tick, ping } = setUp();
    tick();
    ping();
    await deliver(module, peer, { type: "pong", nonce });
    expect(log.with(`pong peer=${peer.id}: ${problem}, `)).toHaveLength(1);
    expect(module.times(peer).waitUs === undefined).toBe(endsPing);
    expect(peer.minPingUs).toBe(Number.POSITIVE_INFINITY);
  });

  test("a pong that nobody waits for", async () => {
    const { log, peer, module } = setUp();
    await deliver(module, peer, { type: "pong", nonce: 1n });
    expect(log.lines).toEqual([
      `[net] pong peer=${peer.id}: Unsolicited pong without ping, 0 expected, 1 received, 8 bytes`,
    ]);
  });

  test("no answer for more than twenty minutes ends the connection", () => {
    const { clock, peers, tick } = setUp();
    tick();
    clock.advance(20 * 60 * 1000);
    tick();
    expect(peers.disconnected).toEqual([]);
    clock.advance(1000);
    tick();
    expect(peers.disconnected.map(({ why }) => why)).toEqual(["ping timeout: 1201.000000s"]);
  });

  test("asked for, one more goes out at the next turn; its answer is behind all that was read before", async () => {
    const { peers, peer, module, tick, ping } = setUp();
    tick();
    const first = ping()!;
    module.pingAll();
    expect(peers.wakeCount).toBe(1);
    // The answer to an earlier one says nothing of what was sent behind it.
    await deliver(module, peer, { type: "pong", nonce: first });
    expect(module.isAnswered).toBe(false);
    tick();
    const second = ping()!;
    expect(module.isAnswered).toBe(false);
    await deliver(module, peer, { type: "pong", nonce: second });
    expect(module.isAnswered).toBe(true);
    module.pingAll();
    expect(module.isAnswered).toBe(false);
    module.peerGone(peer);
    expect(module.isAnswered).toBe(true);
  });
});

describe("pings of theirs", () => {
  test("are answered with their nonce; those from before BIP31 are not", async () => {
    const { peer, module } = setUp();
    await deliver(module, peer, { type: "ping", nonce: 7n });
    expect(peer.connection.take("pong")).toEqual([{ type: "pong", nonce: 7n }]);
    peer.commonVersion = 60_000;
    await deliver(module, peer, { type: "ping", nonce: undefined });
    expect(peer.connection.sent).toEqual([]);
  });
});

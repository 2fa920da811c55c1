import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { addressKey } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { parseWhitelist } from "./addresses/permissions.ts";
import { recordOf } from "./connections/connection-test-kit.ts";
import type { Peer, PeerOptions } from "./peer.ts";
import { PeerSet } from "./peer-set.ts";
import { TestClock, TestLog, testPeer } from "./test-kit.ts";

const NOBAN = permissionsOf("noban");

function permissionsOf(name: string): number {
  const entry = parseWhitelist(`${name}@127.0.0.1`);
  if ("error" in entry) throw new Error(entry.error);
  return entry.permissions;
}

function setUp() {
  const log = new TestLog();
  const discouraged: string[] = [];
  const gone: number[] = [];
  let wakes = 0;
  const peers = new PeerSet({
    bans: { discourage: (address) => void discouraged.push(addressKey(address)) },
    clock: new TestClock(),
    log,
  });
  peers.observe({ onGone: ({ peer }) => gone.push(peer.id), onWake: () => wakes++ });
  const add = (options: Partial<PeerOptions> = {}, fields: Partial<Peer> = {}) => {
    const peer = testPeer(fields, options);
    peers.add(recordOf(peer));
    return peer;
  };
  return { peers, log, discouraged, gone, add, wakes: () => wakes };
}

const at = (text: string) => ({ endpoint: parseEndpoint(text, 8333)! });

describe("the set", () => {
  test("knows everybody, and apart from that who has greeted, in the order of the greetings", () => {
    const { peers, add } = setUp();
    const [a, b, c] = [add({}, { isReady: false }), add({}, { isReady: false }), add({}, { isReady: false })];
    peers.markReady(c);
    peers.markReady(a);
    expect([...peers.all()]).toEqual([a, b, c]);
    expect([...peers.ready()]).toEqual([c, a]);
    expect([b.isReady, c.isReady]).toEqual([false, true]);
    expect(peers.find(b.id)).toBe(b);
    expect(peers.record(b.id)!.peer).toBe(b);
    expect([peers.size, peers.count((peer) => peer.isReady)]).toEqual([3, 2]);
  });

  test("forgets who goes, and says so once", () => {
    const { peers, add, gone, log } = setUp();
    const peer = add();
    peers.markReady(peer);
    const record = peers.record(peer.id)!;
    peers.forget(record, "socket closed");
    peers.forget(record, "socket closed");
    expect([peers.size, [...peers.ready()], gone]).toEqual([0, [], [peer.id]]);
    expect(log.lines).toEqual([`[net] socket closed, disconnecting peer=${peer.id}`]);
  });

  test("ends connections with the reason in the log, where there is one", () => {
    const { peers, add, gone, log } = setUp();
    const [a, b] = [add(), add()];
    peers.disconnect(a, "because");
    peers.disconnect(b, "");
    peers.disconnect(b, "again");
    expect([a, b].map((peer) => peer.connection.isOpen)).toEqual([false, false]);
    expect(gone).toEqual([a.id, b.id]);
    expect(log.lines).toEqual([
      `[net] because, disconnecting peer=${a.id}`,
      `[net] Resetting socket for peer=${a.id}`,
      `[net] Resetting socket for peer=${b.id}`,
    ]);
  });
});

describe("misbehaviour", () => {
  test("is noted at once and answered at the next turn, of which everybody is told", () => {
    const { peers, add, log, wakes } = setUp();
    const peer = add();
    expect(peers.punish(peer)).toBe(false);
    peers.misbehaved(peer, "too much of it");
    expect(log.lines).toEqual([`[net] Misbehaving: peer=${peer.id}: too much of it`]);
    expect([peer.connection.isOpen, wakes()]).toEqual([true, 1]);
    expect(peers.punish(peer)).toBe(true);
    expect([peer.connection.isOpen, peers.size]).toEqual([false, 0]);
    expect(log.with(`Disconnecting and discouraging peer ${peer.id}!`)).toHaveLength(1);
  });

  test("is answered to the address: every connection to it ends, whatever the port", () => {
    const { peers, add, discouraged } = setUp();
    const peer = add(at("1.2.3.4:1"));
    const same = add({ ...at("1.2.3.4:2"), connectionType: "manual", permissions: NOBAN });
    const other = add(at("1.2.3.5:1"));
    peers.misbehaved(peer, "");
    peers.punish(peer);
    expect([same, other].map(({ connection }) => connection.isOpen)).toEqual([false, true]);
    expect(discouraged).toEqual([addressKey(peer.options.endpoint!.address)]);
  });

  test.each([
    ["with the noban permission", { permissions: NOBAN }, "Not punishing noban peer"],
    ["that the operator named", { connectionType: "manual" } as const, "Not punishing manually connected peer"],
  ])("of a peer %s has no consequence, once", (_what, options, line) => {
    const { peers, add, discouraged, log } = setUp();
    const peer = add({ ...at("1.2.3.4:1"), ...options });
    peers.misbehaved(peer, "");
    expect([peers.punish(peer), peers.punish(peer)]).toEqual([false, false]);
    expect([peer.connection.isOpen, discouraged]).toEqual([true, []]);
    expect(log.with(`${line} ${peer.id}!`)).toHaveLength(1);
  });

  test.each([
    ["this machine", at("127.0.0.1:1"), "local"],
    ["behind Tor, which stands for all of them", { ...at("127.0.0.1:1"), isInboundOnion: true }, "inbound onion"],
    ["at an unknown address", { endpoint: undefined }, "local"],
  ])("of a peer on %s ends its connection alone", (_where, options, kind) => {
    const { peers, add, discouraged, log } = setUp();
    const [peer, other] = [add(options), add(options)];
    peers.misbehaved(peer, "");
    expect(peers.punish(peer)).toBe(true);
    expect([peer.connection.isOpen, other.connection.isOpen, discouraged]).toEqual([false, true, []]);
    expect(log.with(`Warning: disconnecting but not discouraging ${kind} peer ${peer.id}!`)).toHaveLength(1);
  });
});

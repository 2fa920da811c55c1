import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { GossipAddress } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { deliver, TestClock, TestLog, TestPeers, testPeer } from "../test-kit.ts";
import { AddressManager } from "./address-manager.ts";
import { AddressRelay } from "./address-relay.ts";
import { parseWhitelist } from "./permissions.ts";

const MINUTE_MS = 60_000;
const SERVICES = ServiceFlag.NETWORK | ServiceFlag.WITNESS;
const OWN = parseEndpoint("8.8.4.4:8333", 8333)!;

function setUp({ bannedText = "", own = false } = {}) {
  const [clock, log, peers] = [new TestClock(), new TestLog(), new TestPeers()];
  const addresses = new AddressManager({ clock, random: systemRandom, log });
  const isBanned = ({ bytes }: { readonly bytes: Uint8Array }) => bytes.join(".") === bannedText;
  const relay = new AddressRelay(
    { listens: own, discovers: false, port: 8333 },
    {
      peers: () => peers,
      chain: { isInitialBlockDownload: false },
      addresses,
      bans: { isBanned, isDiscouraged: () => false },
      networks: { isReachable: (network) => network === "ipv4" },
      localAddresses: { best: () => OWN, scoreOf: () => 0 },
      hasDesirableServices: () => false,
      clock,
      random: systemRandom,
      log,
    },
  );
  peers.register(relay);
  const connect = (...facts: Parameters<typeof testPeer>) => {
    const peer = testPeer(facts[0], { connectedMs: clock.nowMs(), ...facts[1] });
    peers.add(peer);
    return peer;
  };
  const tell = (peer: ReturnType<typeof connect>, list: readonly GossipAddress[]) =>
    deliver(relay, peer, { type: "addr", addresses: list, count: list.length });
  const address = (text: string, ageSeconds = 0, services: bigint = SERVICES): GossipAddress => ({
    ...parseEndpoint(text, 8333)!,
    services,
    timeSeconds: Math.floor(clock.nowMs() / 1000) - ageSeconds,
  });
  const many = (count: number, ageSeconds = 3600) =>
    Array.from({ length: count }, (_, index) => address(`1.${index >> 8}.${index & 0xff}.1`, ageSeconds));
  const tick = () => {
    for (const peer of peers.ready()) relay.tick(peer, clock.nowMs());
  };
  return { clock, log, peers, addresses, relay, connect, tell, address, many, tick };
}

describe("what peers tell", () => {
  test("one address at once, then one in ten seconds; a peer with the addr permission is not held back", async () => {
    const { clock, relay, connect, tell, many } = setUp();
    const peer = connect();
    await tell(peer, many(3));
    expect(relay.statistics(peer)).toEqual({ isEnabled: true, processedCount: 1, rateLimitedCount: 2 });
    clock.advance(9_999);
    await tell(peer, many(1));
    expect(relay.statistics(peer).processedCount).toBe(1);
    clock.advance(1);
    await tell(peer, many(1));
    expect(relay.statistics(peer)).toMatchObject({ processedCount: 2, rateLimitedCount: 3 });
    const entry = parseWhitelist("addr@127.0.0.1");
    if ("error" in entry) throw new Error(entry.error);
    const trusted = connect({}, { permissions: entry.permissions });
    await tell(trusted, many(30));
    expect(relay.statistics(trusted)).toMatchObject({ processedCount: 30, rateLimitedCount: 0 });
  });

  test("what may be told saves up from the connection on, not from the first message", async () => {
    const { clock, relay, connect, tell, many } = setUp();
    const peer = connect();
    clock.advance(20_000);
    await tell(peer, many(4));
    expect(relay.statistics(peer)).toMatchObject({ processedCount: 3, rateLimitedCount: 1 });
  });

  test("is kept where a proxy led us to a name, whose address we do not know", async () => {
    const { connect, tell, many, addresses } = setUp();
    await tell(connect({}, { connectionType: "addr-fetch", endpoint: undefined }), many(1));
    expect(addresses.size()).toBe(1);
  });

  test("whom we asked may answer with a thousand, and no more", async () => {
    const { relay, connect, tell, many } = setUp();
    const peer = connect({}, { connectionType: "outbound-full-relay" });
    relay.peerGreeted(peer);
    expect(peer.connection.take("getaddr")).toHaveLength(1);
    await tell(peer, many(1000));
    await tell(peer, many(2));
    expect(relay.statistics(peer)).toMatchObject({ processedCount: 1001, rateLimitedCount: 1 });
  });

  test("nothing from block-relay connections and feelers, which are asked for none either", async () => {
    const { log, relay, connect, tell, many, addresses } = setUp();
    for (const connectionType of ["block-relay-only", "feeler"] as const) {
      const peer = connect({}, { connectionType });
      relay.peerGreeted(peer);
      expect(peer.connection.sent).toEqual([]);
      await tell(peer, many(1));
      expect(relay.statistics(peer).isEnabled).toBe(false);
      expect(log.with(`ignoring addr message from ${connectionType} peer=${peer.id}`)).toHaveLength(1);
    }
    expect(addresses.size()).toBe(0);
  });

  test("nodes of use are kept; banned ones, those without blocks and of networks beyond our reach are not", async () => {
    const { clock, relay, connect, tell, address, addresses } = setUp({ bannedText: "9.9.9.9" });
    const peer = connect();
    const list = [address("1.1.1.1"), address("9.9.9.9"), address("2.2.2.2", 0, 0n), address("[2a00::1]")];
    for (const one of list) {
      clock.advance(10_000);
      await tell(peer, [one]);
    }
    expect(addresses.size()).toBe(1);
    expect(relay.statistics(peer)).toMatchObject({ processedCount: 2, rateLimitedCount: 0 });
  });
});

describe("passing on", () => {
  async function reached(text: string, ageSeconds: number, isTold: (index: number) => boolean = () => true) {
    const { clock, relay, connect, tell, address, tick } = setUp();
    const others = Array.from({ length: 6 }, () => connect());
    for (const other of others.filter((_, index) => isTold(index))) await deliver(relay, other, { type: "getaddr" });
    await tell(connect(), [address(text, ageSeconds)]);
    clock.advance(30 * MINUTE_MS);
    tick();
    return others.filter((other) => other.connection.take("addr").some(({ addresses }) => addresses.length > 0)).length;
  }

  test("news goes to two others, older addresses to none", async () => {
    expect(await reached("1.1.1.1", 599)).toBe(2);
    expect(await reached("1.1.1.1", 600)).toBe(0);
  });

  test("of networks beyond our reach to one or two", async () => {
    expect([1, 2]).toContain(await reached("[2a00:1450::1]", 0));
  });

  test("only to peers that take part", async () => {
    expect(await reached("1.1.1.1", 0, (index) => index === 3)).toBe(1);
    expect(await reached("1.1.1.1", 0, () => false)).toBe(0);
  });
});

describe("getaddr", () => {
  test("is answered once, and only to whom we did not choose", async () => {
    const { clock, log, relay, connect, addresses, many, tick } = setUp();
    addresses.add(many(400), many(1)[0]!.address);
    const inbound = connect();
    await deliver(relay, inbound, { type: "getaddr" });
    await deliver(relay, inbound, { type: "getaddr" });
    expect(log.with('Ignoring repeated "getaddr".')).toHaveLength(1);
    const outbound = connect({}, { connectionType: "outbound-full-relay" });
    await deliver(relay, outbound, { type: "getaddr" });
    clock.advance(1);
    tick();
    const [answer] = inbound.connection.take("addr");
    expect(answer!.addresses).toHaveLength(Math.floor(addresses.size() * 0.23));
    expect(outbound.connection.take("addr")).toEqual([]);
  });

  test("all who come the same way get the same answer for a day", async () => {
    const { clock, relay, connect, addresses, many, tick } = setUp();
    addresses.add(many(400), many(1)[0]!.address);
    const answer = async () => {
      const peer = connect();
      await deliver(relay, peer, { type: "getaddr" });
      clock.advance(1);
      tick();
      return peer.connection
        .take("addr")[0]!
        .addresses.map((one) => one.address.bytes.join("."))
        .sort();
    };
    const first = await answer();
    clock.advance(20 * 60 * MINUTE_MS);
    expect(await answer()).toEqual(first);
    clock.advance(8 * 60 * MINUTE_MS);
    expect(await answer()).not.toEqual(first);
  });
});

describe("our own address and connections for addresses", () => {
  test("our address goes out alone at first", async () => {
    const { clock, relay, connect, tick } = setUp({ own: true });
    const peer = connect();
    await deliver(relay, peer, { type: "getaddr" });
    clock.advance(1);
    tick();
    const sent = peer.connection.take("addr");
    expect(sent.map(({ addresses }) => addresses.map(({ port, address }) => [address.bytes.join("."), port]))).toEqual([
      [["8.8.4.4", 8333]],
    ]);
    clock.advance(1000);
    tick();
    expect(peer.connection.take("addr")).toEqual([]);
  });

  test("a connection for addresses ends with two of them, or after five minutes without", async () => {
    const { clock, peers, connect, tell, many, tick } = setUp();
    const [one, two] = [0, 1].map(() => connect({}, { connectionType: "addr-fetch" }));
    await tell(one!, many(1));
    expect(peers.disconnected).toEqual([]);
    await tell(one!, many(2));
    expect(peers.disconnected).toEqual([{ peer: one, why: "addrfetch connection completed" }]);
    clock.advance(5 * MINUTE_MS);
    tick();
    expect(peers.disconnected).toHaveLength(1);
    clock.advance(1);
    tick();
    expect(peers.disconnected[1]).toEqual({ peer: two, why: "addrfetch connection timeout" });
  });
});

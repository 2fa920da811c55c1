import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { NetworkFilter } from "../addresses/network-filter.ts";
import type { Peer, PeerOptions } from "../peer.ts";
import { PeerSet } from "../peer-set.ts";
import { TestClock, TestLog, type TestPeer, testPeer } from "../test-kit.ts";
import { AddedNodes } from "./added-nodes.ts";
import { recordOf } from "./connection-test-kit.ts";
import { Dialer } from "./dialer.ts";
import { SocketError } from "./sockets.ts";

/** How often the list is looked at. */
const CHECK_MS = 250;

function setUp({ connectionsMax = 8, unit = 0.5, isCjdnsReachable = false, isPrivate = false } = {}) {
  const [clock, log] = [new TestClock(), new TestLog()];
  const peers = new PeerSet({ bans: { discourage: () => {} }, clock, log });
  const networks = new NetworkFilter({ onlyNetworks: [], isCjdnsReachable, hasOnionProxy: false });
  const startMs = clock.nowMs();
  const dialled: string[] = [];
  const state = { unit, answer: async (_name: string): Promise<Peer | undefined> => undefined };
  const nodes = new AddedNodes(
    { defaultPort: 8333, connectionsMax, isPrivate },
    {
      dialer: {
        dial: ({ target, connectionType, useV2 }) => {
          dialled.push(`${target}`);
          expect([connectionType, useV2]).toEqual(["manual", true]);
          return state.answer(`${target}`);
        },
      },
      peers,
      networks,
      clock,
      random: { unit: () => state.unit },
    },
  );
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const advance = async (byMs: number) => {
    for (let leftMs = byMs; leftMs > 0; leftMs -= CHECK_MS) {
      clock.advance(Math.min(leftMs, CHECK_MS));
      await settle();
    }
  };
  const start = () => {
    nodes.start();
    return settle();
  };
  /** Milliseconds after the start at which there was a call, within the next `withinMs`. */
  const callsWithin = async (withinMs: number) => {
    const times: number[] = [];
    for (let leftMs = withinMs; leftMs > 0; leftMs -= CHECK_MS) {
      const before = dialled.length;
      await advance(CHECK_MS);
      if (dialled.length > before) times.push(clock.nowMs() - startMs);
    }
    return times;
  };
  const connect = (text: string, options: Partial<PeerOptions> = {}): TestPeer => {
    const endpoint = parseEndpoint(text, 8333);
    const peer = testPeer({}, { connectionType: "manual", name: text, endpoint, ...options });
    peers.add(recordOf(peer));
    return peer;
  };
  const add = (...names: readonly string[]) => names.map((name) => nodes.add({ name, useV2: true }));
  return { clock, peers, nodes, start, networks, dialled, state, advance, callsWithin, connect, add };
}

describe("a node that cannot be reached", () => {
  test("is called again after waits that double from half a second up to a minute", async () => {
    const { add, start, dialled, callsWithin } = setUp();
    add("1.1.1.1");
    await start();
    expect(dialled).toEqual(["1.1.1.1"]);
    const waitsMs = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
    const timesMs = waitsMs.map((_, index) => waitsMs.slice(0, index + 1).reduce((sum, ms) => sum + ms, 0));
    expect(await callsWithin(200_000)).toEqual(timesMs);
  });

  test("on a private network is called every five seconds in the end", async () => {
    const { add, start, callsWithin } = setUp({ isPrivate: true });
    add("1.1.1.1");
    await start();
    expect(await callsWithin(20_000)).toEqual([500, 1500, 3500, 7500, 12_500, 17_500]);
  });

  test.each([
    [0, 42_000],
    [0.5, 60_000],
    [1, 78_000],
  ])("waits between 0.7 and 1.3 times as long: with %f, %i ms", async (unit, waitMs) => {
    const { add, start, state, advance, callsWithin } = setUp();
    add("1.1.1.1");
    await start();
    // The last of the growing waits is over after 63.5 seconds; the draw is for those that follow.
    await advance(63_000);
    state.unit = unit;
    const [first, second] = await callsWithin(150_000);
    expect(second! - first!).toBe(waitMs);
  });

  test("does not keep others waiting, nor is called twice at a time", async () => {
    const { add, start, dialled, state, advance } = setUp();
    state.answer = () => new Promise(() => {});
    add("1.1.1.1", "2.2.2.2");
    await start();
    await advance(60_000);
    expect(dialled).toEqual(["1.1.1.1", "2.2.2.2"]);
  });
});

describe("a node that went away", () => {
  test.each([
    [4750, [1000]],
    [5000, [500]],
  ])("after a connection of %i ms is called again %j ms later", async (lastedMs, waits) => {
    const { add, start, peers, state, dialled, advance, callsWithin, clock, connect } = setUp();
    add("1.1.1.1");
    await start();
    // One failure: the next wait is twice as long.
    await advance(CHECK_MS);
    state.answer = async (name) => connect(name);
    await advance(CHECK_MS);
    expect([dialled.length, peers.size]).toEqual([2, 1]);
    state.answer = async () => undefined;
    // It is seen to be connected at the next look.
    await advance(CHECK_MS + lastedMs);
    expect(dialled).toHaveLength(2);
    const goneMs = clock.nowMs() + CHECK_MS - 1_700_000_000_000;
    peers.disconnect([...peers.all()][0]!, "");
    const [called] = await callsWithin(4000);
    expect([called! - goneMs]).toEqual(waits);
  });

  test("is not called while it is connected, whoever called whom", async () => {
    for (const connectionType of ["manual", "inbound", "outbound-full-relay"] as const) {
      const { add, start, dialled, connect, advance } = setUp();
      connect("1.1.1.1:8333", { connectionType, name: "other" });
      add("1.1.1.1");
      await start();
      await advance(120_000);
      expect(dialled).toEqual([]);
    }
  });
});

describe("at once", () => {
  const names = Array.from({ length: 10 }, (_, index) => `1.1.1.${index}:8333`);

  test("there are eight calls", async () => {
    const { add, start, dialled, state, advance } = setUp();
    add(...names);
    state.answer = () => new Promise(() => {});
    await start();
    await advance(10_000);
    expect(dialled).toEqual(names.slice(0, 8));
  });

  test("there are eight connections, and another when one ends", async () => {
    const { add, start, dialled, state, advance, peers, connect } = setUp();
    add(...names);
    state.answer = async (name) => connect(name);
    await start();
    await advance(10_000);
    expect([dialled.length, peers.size]).toEqual([8, 8]);
    peers.disconnect([...peers.all()][3]!, "");
    await advance(CHECK_MS);
    expect(dialled.slice(8)).toEqual([names[8]]);
  });

  test("those who called us take no place", async () => {
    const { add, start, state, dialled, connect, advance } = setUp({ connectionsMax: 1 });
    state.answer = () => new Promise(() => {});
    connect("1.1.1.1:8333", { connectionType: "inbound" });
    add("1.1.1.1", "2.2.2.2", "3.3.3.3");
    await start();
    await advance(CHECK_MS);
    expect(dialled).toEqual(["2.2.2.2"]);
  });
});

describe("the list", () => {
  test("has each node once, by name or by address", () => {
    const { add } = setUp();
    expect(add("1.1.1.1", "1.1.1.1:8333", "1.1.1.1:8334", "node", "node", "node:8333", "127.1", "127.0.0.1")).toEqual([
      true,
      false,
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
  });

  test("has room for a thousand", () => {
    const { add } = setUp();
    const added = add(...Array.from({ length: 1001 }, (_, index) => `node${index}`));
    expect(added.lastIndexOf(true)).toBe(999);
    expect(added[1000]).toBe(false);
  });

  test("knows addresses, and who is connected", () => {
    const { add, nodes, connect } = setUp();
    add("1.1.1.1", "node.example", "2.2.2.2");
    const peer = connect("1.1.1.1:8333");
    const named = connect("3.3.3.3:8333", { name: "node.example" });
    expect(nodes.has(parseEndpoint("1.1.1.1:8333", 0)!)).toBe(true);
    expect(nodes.has(parseEndpoint("1.1.1.1:8334", 0)!)).toBe(false);
    expect(nodes.states()).toEqual([
      { name: "1.1.1.1", peer },
      { name: "node.example", peer: named },
      { name: "2.2.2.2", peer: undefined },
    ]);
  });

  test("takes an address of CJDNS for one where that is within reach", () => {
    for (const isCjdnsReachable of [true, false]) {
      const { add, nodes, connect, networks } = setUp({ isCjdnsReachable });
      add("[fc00::1]:8333");
      const { address, port } = parseEndpoint("[fc00::1]:8333", 0)!;
      const endpoint = { address: networks.withCjdns(address), port };
      expect(endpoint.address.network).toBe(isCjdnsReachable ? "cjdns" : "ipv6");
      const peer = connect("x", { endpoint });
      expect([nodes.has(endpoint), nodes.states()[0]!.peer]).toEqual([true, peer]);
    }
  });

  test("calls nobody who was taken off it; the connection stays", async () => {
    const { add, nodes, start, dialled, connect, advance, peers } = setUp();
    const peer = connect("1.1.1.1:8333");
    add("1.1.1.1", "2.2.2.2");
    expect([nodes.remove("1.1.1.1"), nodes.remove("2.2.2.2"), nodes.remove("2.2.2.2")]).toEqual([true, true, false]);
    await start();
    await advance(60_000);
    expect([dialled, [...peers.all()]]).toEqual([[], [peer]]);
  });

  test("is at rest after the end", async () => {
    const { add, nodes, dialled, clock } = setUp();
    add("1.1.1.1");
    nodes.start();
    nodes.stop();
    clock.advance(60_000);
    expect([dialled.length, clock.timerCount]).toEqual([1, 0]);
  });
});

test("a name is resolved anew at every attempt, as nodes that restart elsewhere need it", async () => {
  const { clock, peers, networks } = setUp();
  const addresses = ["10.0.0.1", "10.0.0.2"];
  const tried: string[] = [];
  const dialer = new Dialer(
    { defaultPort: 8333, timeoutMs: 5000, proxies: {}, resolvesNames: true },
    {
      sockets: {
        connect: (target) => {
          if ("address" in target) tried.push(target.address.bytes.join("."));
          return Promise.reject(new SocketError("nobody answers"));
        },
        listen: () => Promise.reject(new SocketError("not here")),
        resolve: async () => [parseEndpoint(addresses.shift()!, 1)!.address],
      },
      connections: {
        isActive: true,
        adopt: () => {
          throw new Error("no socket was opened");
        },
      },
      peers,
      networks,
      addresses: { attempt: () => {} },
      isUnwanted: () => false,
      isOurs: () => false,
      clock,
      random: systemRandom,
      log: new TestLog(),
      signal: new AbortController().signal,
    },
  );
  const nodes = new AddedNodes(
    { defaultPort: 8333, connectionsMax: 8, isPrivate: false },
    { dialer, peers, networks, clock, random: { unit: () => 0.5 } },
  );
  nodes.add({ name: "node.example", useV2: false });
  nodes.start();
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(500);
  await new Promise((resolve) => setImmediate(resolve));
  expect(tried).toEqual(["10.0.0.1", "10.0.0.2"]);
});

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { afterEach, describe, expect, test } from "vitest";
import { SystemClock, systemRandom } from "../../clock.ts";
import { NetworkFilter } from "../addresses/network-filter.ts";
import { parseWhitebind, parseWhitelist, permissionNames, type WhitelistEntry } from "../addresses/permissions.ts";
import { MessagePump } from "../message-pump.ts";
import type { Peer } from "../peer.ts";
import { PeerSet } from "../peer-set.ts";
import { TestLog } from "../test-kit.ts";
import { ConnectionManager, type ConnectionManagerOptions, type ListenOption } from "./connection-manager.ts";
import { framed, MAGIC, TestSocket } from "./connection-test-kit.ts";
import { MessageTraffic } from "./message-traffic.ts";
import type { PeerSocket, SocketPort } from "./sockets.ts";
import { tcpSockets } from "./tcp-sockets.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

const permissionsOf = (names: string) => entry(`${names}@127.0.0.1`).permissions;
const NOBAN = permissionsOf("noban");

function entry(text: string): WhitelistEntry {
  const parsed = parseWhitelist(text);
  if ("error" in parsed) throw new Error(parsed.error);
  return parsed;
}

interface SetUpOptions extends Partial<ConnectionManagerOptions> {
  readonly isCjdnsReachable?: boolean;
  readonly sockets?: SocketPort;
}

function setUp({ isCjdnsReachable = false, sockets = tcpSockets(systemRandom), ...options }: SetUpOptions = {}) {
  const [clock, log] = [new SystemClock(), new TestLog()];
  const shutOut = { banned: false, discouraged: false };
  const greeted: number[] = [];
  const retried: number[] = [];
  const peers = new PeerSet({ bans: { discourage: () => {} }, clock, log });
  const pump: MessagePump = new MessagePump({
    peers,
    modules: [],
    clock,
    log,
    yield: () => new Promise((resolve) => setImmediate(resolve)),
    onFatal: (error) => {
      throw error;
    },
  });
  const manager = new ConnectionManager(
    {
      magic: MAGIC,
      ourServices: ServiceFlag.NETWORK,
      inboundCountMax: 10,
      receiveBufferSize: 5_000_000,
      sendBufferSize: 1_000_000,
      whitelist: { incoming: [], outgoing: [] },
      whitelistRelay: true,
      whitelistForceRelay: false,
      logsAddresses: false,
      ...options,
    },
    {
      sockets,
      peers,
      networks: new NetworkFilter({ onlyNetworks: [], isCjdnsReachable, hasOnionProxy: false }),
      pump: () => pump,
      bans: { isBanned: () => shutOut.banned, isDiscouraged: () => shutOut.discouraged },
      hasDesirableServices: (services) => (services & ServiceFlag.NETWORK) !== 0n,
      greet: (peer) => greeted.push(peer.id),
      retryWithV1: (peer) => retried.push(peer.id),
      onTraffic: () => {},
      messageTraffic: new MessageTraffic(),
      clock,
      random: systemRandom,
      log,
    },
  );
  undo.push(() => manager.close());
  /** Listens on loopback and answers how to knock there. */
  const listen = async (option: Partial<ListenOption> = {}) => {
    const endpoint = parseEndpoint("127.0.0.1:0", 0)!;
    const { port } = await manager.listen({ endpoint, permissions: 0, isOnion: false, ...option });
    return async () => {
      const decided = log.lines.length;
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      undo.push(() => socket.destroy());
      await once(socket, "connect");
      const isDecided = () => log.lines.slice(decided).some((line) => / (accepted|dropped)/.test(line));
      while (!isDecided()) await new Promise((resolve) => setImmediate(resolve));
      return socket;
    };
  };
  const newest = (): Peer => [...peers.all()].at(-1)!;
  return { manager, peers, log, shutOut, greeted, retried, listen, newest };
}

async function isClosed(socket: Socket): Promise<boolean> {
  if (!socket.destroyed) await once(socket.resume(), "close");
  return socket.destroyed;
}

describe("who knocks", () => {
  test("is an inbound peer under the address it comes from, and is not greeted first", async () => {
    const { listen, newest, log, greeted, manager } = setUp();
    const socket = await (await listen())();
    const peer = newest();
    const name = `127.0.0.1:${socket.localPort}`;
    expect([peer.isInbound, peer.options.name, peer.options.network]).toEqual([true, name, "ipv4"]);
    expect(peer.options.localEndpoint).toEqual(manager.listenEndpoints[0]);
    expect(log.with(`connection from ${name} accepted`)).toHaveLength(1);
    expect(log.with(`Added connection peer=${peer.id}`)).toHaveLength(1);
    expect(greeted).toEqual([]);
  });

  test("is counted no more once it has gone", async () => {
    const { listen, peers } = setUp();
    (await (await listen())()).destroy();
    while (peers.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(peers.size).toBe(0);
  });

  test.each([
    [ServiceFlag.P2P_V2, "detecting"],
    [0n, "v1"],
  ])("may speak v2 where we do (services %s)", async (services, transport) => {
    const { listen, newest } = setUp({ ourServices: ServiceFlag.NETWORK | services });
    await (await listen())();
    expect(newest().connection.transport).toBe(transport);
  });

  test("from 0xfc is of CJDNS where that is within reach", async () => {
    for (const isCjdnsReachable of [true, false]) {
      let onSocket: (socket: PeerSocket) => void = () => {};
      const listener = { endpoint: parseEndpoint("[fc00::1]:18444", 0)!, close: async () => {} };
      const sockets: SocketPort = {
        connect: () => Promise.reject(new Error("not here")),
        listen: async (_, accept) => {
          onSocket = accept;
          return listener;
        },
        resolve: async () => [],
      };
      const { manager, newest } = setUp({ sockets, isCjdnsReachable });
      await manager.listen({ endpoint: listener.endpoint, permissions: 0, isOnion: false });
      const end = (text: string) => parseEndpoint(text, 0)!;
      const kindsOf = ({ options }: Peer) =>
        [options.network, options.endpoint?.address.network, options.localEndpoint?.address.network] as const;
      const kind = isCjdnsReachable ? "cjdns" : "ipv6";
      onSocket(new TestSocket(end("[fc12::2]:4000"), end("[fc00::1]:18444")));
      expect(kindsOf(newest())).toEqual([kind, kind, kind]);
      manager.adopt(new TestSocket(end("[fc12::3]:4000"), end("[fc00::1]:4001")), {
        connectionType: "manual",
        useV2: false,
        name: "node",
      });
      expect(kindsOf(newest())).toEqual([kind, kind, kind]);
      onSocket(new TestSocket(end("[2a00::2]:4000"), end("[2a00::1]:18444")));
      expect(kindsOf(newest())).toEqual(["ipv6", "ipv6", "ipv6"]);
    }
  });
});

describe("who is refused", () => {
  test("the banned, unless they may", async () => {
    for (const [permissions, isTaken] of [
      [0, false],
      [NOBAN, true],
    ] as const) {
      const { listen, peers, shutOut, log } = setUp();
      shutOut.banned = true;
      const socket = await (await listen({ permissions }))();
      expect(peers.size === 1).toBe(isTaken);
      expect(log.with("dropped (banned)")).toHaveLength(isTaken ? 0 : 1);
      if (!isTaken) expect(await isClosed(socket)).toBe(true);
    }
  });

  test("the discouraged, once but one place is left; they are the first to go", async () => {
    const { listen, peers, newest, shutOut, log } = setUp({ inboundCountMax: 3 });
    const knock = await listen();
    shutOut.discouraged = true;
    await knock();
    await knock();
    expect([peers.size, newest().options.isPreferredForEviction]).toEqual([2, true]);
    await knock();
    expect(peers.size).toBe(2);
    expect(log.with("dropped (discouraged)")).toHaveLength(1);
    shutOut.discouraged = false;
    await knock();
    expect([peers.size, newest().options.isPreferredForEviction]).toEqual([3, false]);
  });

  test("everybody while the network is switched off, which ends all connections too", async () => {
    const { listen, peers, manager, log } = setUp();
    const knock = await listen();
    const before = await knock();
    manager.setActive(false);
    expect(peers.size).toBe(0);
    expect(await isClosed(before)).toBe(true);
    expect(log.with("Network not active, disconnecting peer=0")).toHaveLength(1);
    await knock();
    expect(log.with("dropped: not accepting new connections")).toHaveLength(1);
    manager.setActive(true);
    await knock();
    expect(peers.size).toBe(1);
    expect(log.with("SetNetworkActive")).toEqual(["SetNetworkActive: false", "SetNetworkActive: true"]);
  });

  test("the one beyond the last place where nobody is to go", async () => {
    const { listen, peers, log } = setUp({ inboundCountMax: 2 });
    const knock = await listen();
    await knock();
    await knock();
    expect(log.with("failed to find an eviction candidate")).toEqual([]);
    await knock();
    expect(peers.size).toBe(2);
    expect(log.with("failed to find an eviction candidate - connection dropped (full)")).toHaveLength(1);
  });

  test("outbound connections take no inbound place", async () => {
    const { listen, peers, manager } = setUp({ inboundCountMax: 1 });
    const knock = await listen();
    manager.adopt(new TestSocket(), { connectionType: "manual", useV2: false, name: "node" });
    await knock();
    expect(peers.size).toBe(2);
  });
});

// 4 by group, 8 by ping, 4 by transactions and 4 by blocks are kept; of the one that is left none by its age.
test.each([
  [20, false],
  [21, true],
])("with %i places taken one is freed for the next: %s", async (inboundCountMax, isFreed) => {
  const { listen, peers, log } = setUp({ inboundCountMax });
  const knock = await listen();
  for (let count = 0; count < inboundCountMax; count++) await knock();
  expect(peers.size).toBe(inboundCountMax);
  await knock();
  expect(peers.size).toBe(inboundCountMax);
  expect(peers.find(inboundCountMax) !== undefined).toBe(isFreed);
  expect(log.with("selected inbound connection for eviction, disconnecting peer=")).toHaveLength(isFreed ? 1 : 0);
});

describe("what a peer may do", () => {
  test("goes by the address it knocked at and the one it comes from", async () => {
    const { listen, newest } = setUp({ whitelist: { incoming: [entry("addr@127.0.0.0/8")], outgoing: [] } });
    await (await listen({ permissions: permissionsOf("mempool") }))();
    expect(permissionNames(newest().options.permissions)).toEqual(["mempool", "addr"]);
  });

  test("without names is what -whitelistrelay and -whitelistforcerelay say", async () => {
    const whitebind = parseWhitebind("127.0.0.1:1");
    if ("error" in whitebind) throw new Error(whitebind.error);
    for (const [whitelistRelay, whitelistForceRelay, names] of [
      [false, false, ["noban", "mempool", "download"]],
      [true, false, ["noban", "relay", "mempool", "download"]],
      [true, true, ["noban", "forcerelay", "relay", "mempool", "download"]],
    ] as const) {
      const { listen, newest } = setUp({ whitelistRelay, whitelistForceRelay });
      await (await listen({ permissions: whitebind.permissions }))();
      expect(new Set(permissionNames(newest().options.permissions))).toEqual(new Set(names));
    }
  });

  test("through Tor does not go by the address, which is Tor's", async () => {
    const { listen, newest } = setUp({ whitelist: { incoming: [entry("noban@127.0.0.1")], outgoing: [] } });
    await (await listen({ isOnion: true }))();
    const { permissions, network, isInboundOnion } = newest().options;
    expect([permissions, network, isInboundOnion]).toEqual([0, "onion", true]);
  });

  test("with bloom filters is told by the services that we show (BIP111)", async () => {
    for (const names of ["bloomfilter", "relay"]) {
      const { listen, newest } = setUp();
      await (await listen({ permissions: permissionsOf(names) }))();
      expect((newest().options.ourServices & ServiceFlag.BLOOM) !== 0n).toBe(names === "bloomfilter");
    }
  });
});

describe("whom we called", () => {
  const remote = parseEndpoint("10.1.2.3:18444", 0)!;
  const outgoing = [entry("out,noban@10.0.0.0/8")];

  test.each([
    ["manual", ["noban", "download"]],
    ["outbound-full-relay", []],
    ["block-relay-only", []],
    ["feeler", []],
    ["addr-fetch", []],
  ] as const)("is greeted at once; %s has the permissions %j", (connectionType, names) => {
    const { manager, greeted } = setUp({ whitelist: { incoming: [entry("addr@10.0.0.0/8")], outgoing } });
    const peer = manager.adopt(new TestSocket(remote), { connectionType, useV2: false, name: "10.1.2.3:18444" });
    expect(greeted).toEqual([peer.id]);
    expect(permissionNames(peer.options.permissions)).toEqual(names);
    expect(peer.connection.transport).toBe("v1");
  });

  test("by name through a proxy has no address", () => {
    const { manager } = setUp();
    const peer = manager.adopt(new TestSocket(), { connectionType: "manual", useV2: false, name: "node.example" });
    expect([peer.options.endpoint, peer.options.name]).toEqual([undefined, "node.example"]);
  });

  /** A real node that hangs up as soon as something comes. */
  async function hangUp(): Promise<NetworkEndpoint> {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    undo.push(() => server.close());
    return parseEndpoint(`127.0.0.1:${(server.address() as { port: number }).port}`, 0)!;
  }

  test.each([
    ["that hangs up on v2 is tried with v1", true, true, true],
    ["that hangs up on v1 is not", false, true, false],
    ["is not tried again once the network is switched off", true, false, false],
  ])("%s", async (_what, useV2, isActive, isRetried) => {
    const { manager, peers, retried } = setUp();
    const signal = new AbortController().signal;
    const socket = await tcpSockets(systemRandom).connect(await hangUp(), { timeoutMs: 5000, signal });
    const peer = manager.adopt(socket, { connectionType: "manual", useV2, name: "node" });
    if (!useV2) peer.send({ type: "verack" });
    if (!isActive) manager.setActive(false);
    while (peers.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(retried).toEqual(isRetried ? [peer.id] : []);
  });
});

test("what is against the rules of the transport is said, and ends the connection", async () => {
  const { listen, peers, log } = setUp();
  const socket = await (await listen())();
  socket.write(Buffer.alloc(24));
  expect(await isClosed(socket)).toBe(true);
  expect(peers.size).toBe(0);
  expect(log.with("Header error: Wrong MessageStart 00000000 received, peer=0")).toHaveLength(1);
});

test("messages go to the pump as they come", async () => {
  const { listen, log } = setUp();
  const socket = await (await listen())();
  socket.write(framed({ type: "verack" }));
  while (log.with("received: verack (0 bytes) peer=0").length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(log.with("non-version message before version handshake")).toHaveLength(1);
});

test("with -logips the log calls peers by their address too", async () => {
  const { listen, newest } = setUp({ logsAddresses: true });
  await (await listen())();
  expect(`${newest()}`).toBe(`peer=0, peeraddr=${newest().options.name}`);
});

test("the end is the end of every connection, and of listening", async () => {
  const { listen, peers, manager } = setUp();
  const knock = await listen();
  const socket = await knock();
  const { port } = manager.listenEndpoints[0]!;
  await manager.close();
  expect(peers.size).toBe(0);
  expect(await isClosed(socket)).toBe(true);
  const late = connect(port, "127.0.0.1");
  const [error] = await once(late, "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});

import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { formatEndpoint, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { describe, expect, test } from "vitest";
import { inTemporaryDirectory, NETWORK, openTestChain } from "../chain/test-kit.ts";
import { SystemClock, systemRandom } from "../clock.ts";
import { readConfig } from "../config/config.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import { parseSubnet } from "./addresses/subnet.ts";
import { tcpSockets } from "./connections/tcp-sockets.ts";
import { P2pNode } from "./p2p-node.ts";
import type { P2pConfig } from "./p2p-options.ts";
import { TestLog } from "./test-kit.ts";

interface Rig {
  readonly path: string;
  readonly log: TestLog;
  /** A node with these arguments, on real sockets and a real chain; it listens to nobody unless told. */
  load(...args: readonly string[]): Promise<P2pNode>;
  /** One that listens on loopback, at a port that the system chooses, and connects to nobody. */
  listen(...args: readonly string[]): Promise<{ readonly node: P2pNode; readonly address: string }>;
}

/** Runs `work` with a folder of its own and ends the nodes that it loaded. */
function withNodes(work: (rig: Rig) => Promise<void>): Promise<void> {
  return inTemporaryDirectory(async (path) => {
    const { chain, log: chainLog } = await openTestChain(join(path, "chain"));
    const [clock, log] = [new SystemClock(), new TestLog()];
    const mempool = openTestMempool(chain, clock, chainLog);
    const nodes: P2pNode[] = [];
    const loadWith = async (args: readonly string[], changes: Partial<P2pConfig>) => {
      const all = ["-regtest", `-datadir=${path}`, "-dnsseed=0", "-fixedseeds=0", ...args];
      const outcome = readConfig(all, { defaultDataDir: path, workingDir: path }, "test");
      if (!("config" in outcome)) throw new Error("the configuration was not read");
      const { config } = outcome;
      const node = await P2pNode.load(
        {
          ...config.p2p,
          ...changes,
          network: NETWORK,
          networkDir: config.networkDir,
          userAgent: "/Test/",
          minimumChainwork: 0n,
          minRelayFeerate: 100n,
          isOwnNetwork: false,
        },
        {
          chain,
          mempool,
          filterIndex: undefined,
          sockets: tcpSockets(systemRandom),
          clock,
          scheduler: clock.scheduler,
          random: systemRandom,
          log,
          yield: () => new Promise((resolve) => setImmediate(resolve)),
          onFatal: (error) => {
            throw error;
          },
        },
      );
      nodes.push(node);
      return node;
    };
    const load = (...args: readonly string[]) => loadWith(args, {});
    const listen = async (...args: readonly string[]) => {
      const endpoint = parseEndpoint("127.0.0.1:0", 0)!;
      const node = await loadWith(["-noconnect", ...args], { listen: [{ endpoint, permissions: 0, isOnion: false }] });
      await node.start();
      return { node, address: formatEndpoint(node.connections.listenEndpoints[0]!) };
    };
    try {
      await work({ path, log, load, listen });
    } finally {
      for (const node of nodes) await node.stop();
      mempool.close();
      await chain.close();
    }
  });
}

const CLOSED = "-listen=0";

/** Waits for what other event loops' turns bring about. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("-maxconnections", () => {
  test.each([
    [0, { fullRelayMax: 0, blockRelayMax: 0, outboundMax: 0, inboundMax: 0 }],
    [1, { fullRelayMax: 1, blockRelayMax: 0, outboundMax: 1, inboundMax: 0 }],
    [8, { fullRelayMax: 8, blockRelayMax: 0, outboundMax: 8, inboundMax: 0 }],
    [9, { fullRelayMax: 8, blockRelayMax: 1, outboundMax: 9, inboundMax: 0 }],
    [10, { fullRelayMax: 8, blockRelayMax: 2, outboundMax: 10, inboundMax: 0 }],
    [11, { fullRelayMax: 8, blockRelayMax: 2, outboundMax: 11, inboundMax: 0 }],
    [12, { fullRelayMax: 8, blockRelayMax: 2, outboundMax: 11, inboundMax: 1 }],
    [125, { fullRelayMax: 8, blockRelayMax: 2, outboundMax: 11, inboundMax: 114 }],
  ])("of %i is shared out as %j", (count, limits) =>
    withNodes(async ({ load }) => {
      expect((await load(CLOSED, `-maxconnections=${count}`)).limits).toEqual(limits);
    }),
  );
});

test("what is offered to others is told by the services", () =>
  withNodes(async ({ load }) => {
    const { NETWORK: FULL, WITNESS, NETWORK_LIMITED, P2P_V2, BLOOM } = ServiceFlag;
    const usual = FULL | WITNESS | NETWORK_LIMITED;
    expect((await load(CLOSED)).ourServices).toBe(usual | P2P_V2);
    expect((await load(CLOSED, "-v2transport=0", "-peerbloomfilters")).ourServices).toBe(usual | BLOOM);
  }));

describe("-connect", () => {
  test("is connected to, and nobody else is", () =>
    withNodes(async (rig) => {
      const { node: other, address } = await rig.listen();
      const node = await rig.load(CLOSED, `-connect=${address}`);
      await node.start();
      await until(() => [...node.network.peers.ready()].length === 1);
      const [peer] = [...node.network.peers.all()];
      expect([peer!.isManual, peer!.connection.transport]).toEqual([true, "v2"]);
      expect(other.network.peers.count((one) => one.isInbound)).toBe(1);
      expect(rig.log.with("anchors will be tried")).toEqual([]);
    }));

  test("leaves DNS to be asked where the operator wants it, but leads to nobody else", () =>
    withNodes(async (rig) => {
      for (const dnsSeed of [0, 1]) {
        const node = await rig.load(CLOSED, "-connect=0", "-dns=0", `-dnsseed=${dnsSeed}`);
        await node.start();
        if (dnsSeed === 1) await until(() => rig.log.with("addresses found from DNS seeds").length === 1);
        expect(rig.log.with("DNS seeding disabled")).toHaveLength(1);
        expect(rig.log.with("Loading addresses from DNS seed")).toHaveLength(dnsSeed);
        expect(rig.log.with("trying ")).toEqual([]);
      }
    }));

  test("is tried again after a failure, also where the other side comes later", () =>
    withNodes(async (rig) => {
      const probe = createServer();
      probe.listen(0, "127.0.0.1");
      await once(probe, "listening");
      const { port } = probe.address() as { port: number };
      await new Promise((resolve) => probe.close(resolve));
      const node = await rig.load(CLOSED, `-connect=127.0.0.1:${port}`);
      await node.start();
      await until(() => rig.log.with("ECONNREFUSED").length > 0);
      const other = await rig.load(`-bind=127.0.0.1:${port}`, "-noconnect");
      await other.start();
      await until(() => [...node.network.peers.ready()].length === 1);
      expect(other.network.peers.size).toBe(1);
    }));
});

test("a node that finds itself at the other end hangs up", () =>
  withNodes(async (rig) => {
    const { node, address } = await rig.listen();
    await node.dialer.dial({ target: address, connectionType: "manual", useV2: false });
    await until(() => rig.log.with("connected to self at 127.0.0.1").length === 1 && node.network.peers.size === 0);
    expect(node.network.peers.size).toBe(0);
  }));

test("who speaks only v1 is tried again with v1", () =>
  withNodes(async (rig) => {
    const { address } = await rig.listen("-v2transport=0");
    const node = await rig.load(CLOSED, "-noconnect");
    await node.start();
    await node.dialer.dial({ target: address, connectionType: "manual", useV2: true });
    await until(() => [...node.network.peers.ready()].length === 1);
    expect([...node.network.peers.all()][0]!.connection.transport).toBe("v1");
    expect(rig.log.with("retrying with v1 transport protocol for peer=0")).toHaveLength(1);
  }));

describe("connections for tests", () => {
  test("are as many of each kind as there are places", () =>
    withNodes(async (rig) => {
      const targets = await Promise.all([1, 2, 3, 4].map(() => rig.listen()));
      const node = await rig.load(CLOSED, "-noconnect", "-maxconnections=9");
      await node.start();
      const add = (index: number, type: Parameters<P2pNode["addConnection"]>[1]) =>
        node.addConnection(targets[index]!.address, type, false);
      expect(await add(0, "block-relay-only")).toBe(true);
      expect(await add(1, "block-relay-only")).toBe(false);
      expect(await add(1, "outbound-full-relay")).toBe(true);
      // Also where it does not come about.
      expect(await add(1, "addr-fetch")).toBe(true);
      expect(node.network.peers.size).toBe(2);
    }));

  test("are none where no place is left", () =>
    withNodes(async (rig) => {
      const { address } = await rig.listen();
      const node = await rig.load(CLOSED, "-noconnect", "-maxconnections=0");
      await node.start();
      expect(await node.addConnection(address, "addr-fetch", false)).toBe(false);
      expect(node.network.peers.size).toBe(0);
    }));
});

test("addresses are fetched from -seednode only where a connection is free", () =>
  withNodes(async (rig) => {
    for (const [count, isFetched] of [
      [0, false],
      [1, true],
    ] as const) {
      const { node: seed, address } = await rig.listen();
      const node = await rig.load(CLOSED, `-seednode=${address}`, `-maxconnections=${count}`, "-connect=0");
      const free = await rig.load(CLOSED, `-seednode=${address}`, `-maxconnections=${count}`);
      await node.start();
      await free.start();
      if (isFetched) await until(() => seed.network.peers.size === 1);
      expect([node.network.peers.size, free.network.peers.size]).toEqual([0, isFetched ? 1 : 0]);
      expect(free.network.peers.count((peer) => peer.isAddressFetch)).toBe(isFetched ? 1 : 0);
    }
  }));

test("connections end by name, by number and by range", () =>
  withNodes(async (rig) => {
    const { address } = await rig.listen();
    const node = await rig.load(CLOSED, "-noconnect");
    await node.start();
    const connect = async () => {
      await node.dialer.dial({ target: address, connectionType: "manual", useV2: false });
      return [...node.network.peers.all()][0]!;
    };
    await connect();
    expect([node.disconnectByName("127.0.0.1:1"), node.disconnectByName(address)]).toEqual([false, true]);
    const { id } = await connect();
    expect([node.disconnectById(id + 1), node.disconnectById(id), node.disconnectById(id)]).toEqual([
      false,
      true,
      false,
    ]);
    await connect();
    expect(node.disconnectSubnet(parseSubnet("127.0.1.0/24")!)).toBe(false);
    expect(node.disconnectSubnet(parseSubnet("127.0.0.0/8")!)).toBe(true);
    expect(rig.log.with("disconnect by ").map((line) => line.replace(/peer=\d+/, "peer=N"))).toEqual(
      ["address", "id", "subnet"].map(
        (what) => `[net] disconnect by ${what}${what === "id" ? "" : " match"}, disconnecting peer=N`,
      ),
    );
  }));

describe("the disk", () => {
  test("keeps block-relay peers as anchors for the next start, once", () =>
    withNodes(async (rig) => {
      const { address } = await rig.listen();
      const node = await rig.load(CLOSED);
      await node.start();
      await node.addConnection(address, "block-relay-only", false);
      await until(() => [...node.network.peers.ready()].length === 1);
      const file = join(node.options.networkDir, "anchors.dat");
      await node.stop();
      expect(existsSync(file)).toBe(true);
      const next = await rig.load(CLOSED);
      await next.start();
      expect(rig.log.with("1 block-relay-only anchors will be tried for connections.")).toHaveLength(1);
      expect(existsSync(file)).toBe(false);
    }));

  test("with damaged addresses stops the start, with a damaged ban list does not", () =>
    withNodes(async ({ load, log }) => {
      const { networkDir } = (await load(CLOSED)).options;
      await writeFile(join(networkDir, "banlist.json"), "{");
      await load(CLOSED);
      expect(log.with("Recreating the banlist database").length).toBeGreaterThan(0);
      expect(await readFile(join(networkDir, "banlist.json"), "utf8")).toContain('"banned_nets": []');
      await writeFile(join(networkDir, "peers.dat"), "no addresses");
      await expect(load(CLOSED)).rejects.toThrow("peers.dat");
    }));
});

describe("an address to listen on", () => {
  test("that is taken stops the start", () =>
    withNodes(async (rig) => {
      const { address } = await rig.listen();
      const second = await rig.load(`-bind=${address}`, "-noconnect");
      await expect(second.start()).rejects.toThrow(
        `Unable to bind to ${address} on this computer. Bitfleet is probably already running.`,
      );
    }));

  test("that this machine does not have does too", () =>
    withNodes(async ({ load }) => {
      const node = await load("-bind=192.0.2.1:7", "-noconnect");
      await expect(node.start()).rejects.toThrow(
        "Unable to bind to 192.0.2.1:7 on this computer (bind returned error Cannot assign requested address (99))",
      );
    }));
});

test("-externalip that no name server knows, or that is the address of nobody, stops the start", () =>
  withNodes(async ({ load }) => {
    const node = await load(CLOSED, "-noconnect", "-externalip=no-such-host.invalid");
    await expect(node.start()).rejects.toThrow("Cannot resolve -externalip address: 'no-such-host.invalid'");
    for (const unspecified of ["0.0.0.0", "[::]:7"]) {
      const nowhere = await load(CLOSED, "-noconnect", `-externalip=${unspecified}`);
      await expect(nowhere.start()).rejects.toThrow(`Cannot resolve -externalip address: '${unspecified}'`);
    }
    const numeric = await load(CLOSED, "-noconnect", "-externalip=8.8.8.8");
    await numeric.start();
    expect(numeric.localAddresses.has(parseEndpoint("8.8.8.8:18444", 0)!)).toBe(true);
  }));

test("a banned address is not let in, and is let in again afterwards", () =>
  withNodes(async (rig) => {
    const { node, address } = await rig.listen();
    const subnet = parseSubnet("127.0.0.0/8")!;
    node.bans.ban(subnet);
    const other = await rig.load(CLOSED, "-noconnect");
    await other.start();
    const dial = () => other.dialer.dial({ target: address, connectionType: "manual", useV2: false });
    await dial();
    await until(() => other.network.peers.size === 0);
    expect(rig.log.with("dropped (banned)")).toHaveLength(1);
    node.bans.unban(subnet);
    await dial();
    await until(() => [...node.network.peers.ready()].length === 1);
    expect(node.network.peers.size).toBe(1);
  }));

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildChain } from "./interop-chain.ts";
import {
  agreeOnCoins,
  agreeOnTip,
  connect,
  disconnectAll,
  InteropNode,
  OURS,
  type PeerInfo,
  reaches,
  type StartOptions,
} from "./interop-node.ts";
import { describeRestarts } from "./interop-restarts.ts";
import { describePair, hasNetworkCalls, startWithChain } from "./interop-scenarios.ts";
import { ADDRESS } from "./test-node.ts";

/** Our own nodes as peers of each other: in pairs and in threes, with what an operator does to connections. */

const chain = buildChain({
  blockCount: 300,
  fanOutWidth: (height) => (height % 50 === 0 ? 60 : 6),
  spareCount: 120,
});

const onlyV1 = ["-v2transport=0"];
const pairs = [
  { title: "two nodes over v1", serverArgs: [], clientArgs: [], asks: "v1", transport: "v1" },
  { title: "two nodes over v2", serverArgs: [], clientArgs: [], asks: "v2", transport: "v2" },
  { title: "one that knows v1 only calls another", serverArgs: [], clientArgs: onlyV1, asks: "v1", transport: "v1" },
  { title: "one that knows v1 only is called", serverArgs: onlyV1, clientArgs: [], asks: "v2", transport: "v1" },
] as const;

for (const { title, serverArgs, clientArgs, asks, transport } of pairs) {
  describePair(title, {
    chain,
    server: { program: OURS, args: serverArgs },
    client: { program: OURS, args: clientArgs },
    asks,
    transport,
    deepReorgBlocks: 20,
  });
}

describeRestarts("two nodes", { chain, server: OURS, client: OURS });

const start = (options?: StartOptions) => InteropNode.start(OURS, options);
const peerCount = (node: InteropNode) => async () => (await node.peers()).length;

async function stopAll(...nodes: readonly InteropNode[]): Promise<void> {
  for (const node of nodes) expect(await node.stop()).toMatchObject({ code: 0, signal: null, stderr: "" });
}

describe.skipIf(!hasNetworkCalls)("three nodes in a row", () => {
  test("blocks pass through the one in the middle, and after a partition the longer branch wins", async () => {
    const left = await startWithChain({ program: OURS }, chain);
    const middle = await start();
    const right = await start();
    await connect(middle, left, "v2");
    await connect(right, middle, "v1");
    await agreeOnCoins(left, middle, right);
    await right.call("generatetoaddress", 3, ADDRESS);
    await agreeOnCoins(right, middle, left);

    await disconnectAll(middle, left, right);
    await left.call("generatetoaddress", 4, ADDRESS);
    await right.call("generatetoaddress", 6, ADDRESS);
    await connect(left, middle, "v2");
    await agreeOnTip(left, middle);
    await connect(middle, right, "v2");
    await agreeOnCoins(right, middle, left);
    expect(await left.height()).toBe(309);
    await stopAll(left, middle, right);
  });
});

describe.skipIf(!hasNetworkCalls)("the list of added nodes", () => {
  test("is tried again after the other side was away", async () => {
    const stays = await start();
    const returns = await start();
    await stays.call("addnode", returns.endpoint, "add");
    await reaches("they are connected", [1, 1], async () => [await peerCount(stays)(), await peerCount(returns)()]);
    await expect(stays.call("addnode", returns.endpoint, "add")).rejects.toThrow("Node already added");
    await stopAll(returns);
    await reaches("the connection is gone", 0, peerCount(stays));
    expect(await addedNodes(stays)).toEqual([{ addednode: returns.endpoint, connected: false, addresses: [] }]);

    await returns.startAgain();
    await reaches("they are connected again", [1, 1], async () => {
      return [await peerCount(stays)(), await peerCount(returns)()];
    });
    const addresses = [{ address: returns.endpoint, connected: "outbound" }];
    expect(await addedNodes(stays)).toEqual([{ addednode: returns.endpoint, connected: true, addresses }]);
    await returns.call("generatetoaddress", 2, ADDRESS);
    await agreeOnTip(returns, stays);
    await stays.call("addnode", returns.endpoint, "remove");
    await expect(stays.call("addnode", returns.endpoint, "remove")).rejects.toThrow("could not be removed");
    await stopAll(stays, returns);
  });

  test("takes names of hosts", async () => {
    const named = await start();
    const caller = await start({ args: [`-addnode=localhost:${named.port}`] });
    await reaches("they are connected", [1, 1], async () => [await peerCount(named)(), await peerCount(caller)()]);
    await named.call("generatetoaddress", 2, ADDRESS);
    await agreeOnTip(named, caller);
    await stopAll(named, caller);
  });

  const addedNodes = (node: InteropNode) => node.call("getaddednodeinfo");
});

test.skipIf(!hasNetworkCalls)("-connect stays connected to its node alone", async () => {
  const target = await start();
  const caller = await start({ args: [`-connect=${target.endpoint}`] });
  await reaches("they are connected", ["manual"], () => connectionTypes(caller));
  await target.call("generatetoaddress", 2, ADDRESS);
  await agreeOnTip(target, caller);
  await stopAll(caller, target);
});

async function connectionTypes(node: InteropNode): Promise<string[]> {
  return (await node.peers()).map(({ connection_type }: PeerInfo) => connection_type);
}

describe.skipIf(!hasNetworkCalls)("an operator", () => {
  test("ends a connection by its number or its address", async () => {
    const [one, other] = [await start(), await start()];
    await connect(one, other, "v2");
    const { id } = (await one.peers())[0]!;
    await expect(one.call("disconnectnode", "", id + 1000)).rejects.toThrow("Node not found in connected nodes");
    await expect(one.call("disconnectnode", "127.0.0.1:1")).rejects.toThrow("Node not found in connected nodes");
    await one.call("disconnectnode", "", id);
    await reaches("both are alone", [0, 0], async () => [await peerCount(one)(), await peerCount(other)()]);
    await connect(one, other, "v2");
    expect((await one.peers())[0]!.id).toBeGreaterThan(id);
    await one.call("disconnectnode", other.endpoint);
    await reaches("both are alone", [0, 0], async () => [await peerCount(one)(), await peerCount(other)()]);
    await stopAll(one, other);
  });

  test("cuts the node off and lets it connect again", async () => {
    const target = await start();
    const node = await start({ args: [`-addnode=${target.endpoint}`] });
    await reaches("they are connected", 1, peerCount(node));
    expect(await node.call("setnetworkactive", false)).toBe(false);
    await reaches("both are alone", [0, 0], async () => [await peerCount(node)(), await peerCount(target)()]);
    expect(await node.call("getnetworkinfo")).toMatchObject({ networkactive: false, connections: 0 });
    // Nobody gets in either: the other side sees its connection closed.
    await target.call("addnode", node.endpoint, "onetry");
    await reaches("the call is refused", 0, peerCount(target));
    expect(await peerCount(node)()).toBe(0);

    await target.call("generatetoaddress", 2, ADDRESS);
    expect(await node.height()).toBe(0);
    expect(await node.call("setnetworkactive", true)).toBe(true);
    await agreeOnTip(target, node);
    await stopAll(node, target);
  });

  test("bans an address, for longer than one run", async () => {
    const guard = await start({ isStrict: true, args: ["-debug=net"] });
    const stranger = await start({ isStrict: true, args: ["-debug=net"] });
    await connect(stranger, guard, "v2");
    await guard.call("setban", "127.0.0.1", "add");
    await reaches("the banned are out", [0, 0], async () => [await peerCount(guard)(), await peerCount(stranger)()]);
    await expect(guard.call("setban", "127.0.0.1", "add")).rejects.toThrow("IP/Subnet already banned");
    await expectRefused(stranger, guard);
    expect(await bannedAt(guard)).toEqual(["127.0.0.1/32"]);

    await stopAll(guard);
    expect(storedBans(guard)).toEqual(["127.0.0.1/32"]);
    await guard.startAgain();
    expect(await bannedAt(guard)).toEqual(["127.0.0.1/32"]);
    await expectRefused(stranger, guard);
    await guard.call("setban", "127.0.0.1", "remove");
    await expect(guard.call("setban", "127.0.0.1", "remove")).rejects.toThrow("Unban failed");
    await connect(stranger, guard, "v2");
    await stopAll(guard, stranger);
    expect(storedBans(guard)).toEqual([]);
  });

  async function expectRefused(stranger: InteropNode, guard: InteropNode): Promise<void> {
    const refusals = () => guard.process.log.split("dropped (banned)").length - 1;
    const before = refusals();
    await stranger.call("addnode", guard.endpoint, "onetry");
    await reaches("the call is refused", 0, peerCount(stranger));
    await reaches("the log says so", true, async () => refusals() > before);
    expect(await peerCount(guard)()).toBe(0);
  }

  async function bannedAt(node: InteropNode): Promise<string[]> {
    return (await node.call<{ address: string }[]>("listbanned")).map(({ address }) => address);
  }

  function storedBans(node: InteropNode): string[] {
    const text = readFileSync(join(node.networkDir, "banlist.json"), "utf8");
    return (JSON.parse(text) as { banned_nets: { address: string }[] }).banned_nets.map(({ address }) => address);
  }
});

describe.skipIf(!hasNetworkCalls)("what a node remembers of the network", () => {
  test("is on disk after an end: addresses, and the block-relay-only peer for the next start", async () => {
    const target = await start();
    const node = await start({ isFree: true });
    const anchors = join(node.networkDir, "anchors.dat");
    await node.call("addconnection", target.endpoint, "block-relay-only", true);
    await reaches("they are connected", ["block-relay-only"], () => connectionTypes(node));
    expect(existsSync(anchors)).toBe(false);
    await stopAll(node);
    expect(existsSync(join(node.networkDir, "peers.dat"))).toBe(true);
    const portBytes = Buffer.from([target.port >> 8, target.port & 0xff]);
    expect(readFileSync(anchors).includes(portBytes), "anchors.dat names the peer").toBe(true);

    await node.startAgain();
    const said = "1 block-relay-only anchors will be tried for connections.";
    await reaches("the log says so", true, async () => node.process.log.includes(said));
    await reaches("a crash does not call the same peers again", false, async () => existsSync(anchors));
    await stopAll(node, target);
  });
});

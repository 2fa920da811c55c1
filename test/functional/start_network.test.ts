import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BitfleetNetwork, startNetwork } from "../../packages/node/src/network/start-network.ts";
import { eventually, temporaryFolder } from "./test-node.ts";

describe.each(["in-process", "processes"] as const)("startNetwork, %s", (mode) => {
  let network: BitfleetNetwork;
  beforeAll(async () => {
    network = await startNetwork({ miners: 2, webservers: 1, mode });
  });
  afterAll(() => network.stop());

  const heightOf = (name: string) => network.node(name).rpc<number>("getblockcount");
  const heights = () => Promise.all(network.nodes.map(({ name }) => heightOf(name)));

  test("has the nodes that were asked for", async () => {
    expect(network.mode).toBe(mode);
    expect(network.nodes.map(({ name, role, state }) => `${name} ${role} ${state}`)).toEqual([
      "miner-0 miner running",
      "miner-1 miner running",
      "webserver-0 webserver running",
    ]);
    expect(() => network.node("x")).toThrow("There is no node 'x'; there are miner-0, miner-1, webserver-0.");
    const page = await fetch(`${network.node("webserver-0").webUrl}/health/live`);
    expect(page.status).toBe(200);
  });

  test("mines, partitions and heals", async () => {
    expect(await network.mine(3)).toHaveLength(3);
    expect(await heights()).toEqual([3, 3, 3]);
    await network.partition("miner-0 | miner-1");
    await network.mine(1);
    await network.mine(3, "miner-1");
    await network.waitForSync();
    expect(await heights()).toEqual([4, 6, 3]);
    await network.partition([["miner-1", "webserver-0"]]);
    await network.waitForSync();
    expect(await heights()).toEqual([4, 6, 6]);
    await network.heal();
    expect(await heights()).toEqual([6, 6, 6]);
  });

  test("partitions that are none", async () => {
    await expect(network.partition([["miner-0"], ["x"]])).rejects.toThrow("There is no node 'x' in the network");
    await expect(network.partition("miner-0 | miner-0")).rejects.toThrow("miner-0 is named twice");
    await expect(network.partition("miner-0,miner-1,webserver-0")).rejects.toThrow("All nodes are in one group");
    await network.mine(1);
    expect(await heights()).toEqual([7, 7, 7]);
  });

  test("reorganises from a depth of one to the whole chain, and no further", async () => {
    for (const [depth, after] of [
      [1, 8],
      [8, 9],
    ] as const) {
      const old = await network.node("miner-1").rpc("getbestblockhash");
      const hashes = await network.reorg(depth);
      expect(hashes).toHaveLength(depth + 1);
      expect(await heights()).toEqual([after, after, after]);
      expect(await network.node("miner-1").rpc("getbestblockhash")).toBe(hashes.at(-1));
      expect(hashes).not.toContain(old);
    }
    for (const depth of [0, 10, -1, 1.5]) {
      await expect(network.reorg(depth)).rejects.toThrow(`A depth from 1 to 9 is expected, not ${depth}.`);
    }
    expect(await heights()).toEqual([9, 9, 9]);
  });

  test("calls by place and by name, and refusals with Core's number", async () => {
    const node = network.node("miner-0");
    const hash = await node.rpc<string>("getblockhash", 9);
    expect(await node.call("getblockhash", { height: 9 })).toBe(hash);
    expect(await node.call<{ height: number }>("getblock", [hash, 1])).toMatchObject({ height: 9, hash });
    await expect(node.rpc("nosuch")).rejects.toMatchObject({ message: "miner-0: Method not found", code: -32601 });
    await expect(node.rpc("getblockhash", 10)).rejects.toMatchObject({ code: -8 });
  });

  test("a node that restarts is itself again, also under a partition", async () => {
    await network.restart("miner-1");
    expect(await heightOf("miner-1")).toBe(9);
    await network.mine(1);
    await network.partition("webserver-0");
    await network.node("webserver-0").restart();
    await network.mine(1);
    expect(await heights()).toEqual([11, 11, 10]);
    await network.heal();
    expect(await heights()).toEqual([11, 11, 11]);
  });

  test("a node that is asked to stop, or that crashes, comes back", async () => {
    // Each run of a node has a cookie of its own.
    const { cookieFile } = network.node("miner-1");
    const cookie = () => (existsSync(cookieFile) ? readFileSync(cookieFile, "utf8") : "");
    const isAnother = (before: string) => () => (["", before].includes(cookie()) ? undefined : true);
    const first = cookie();
    await network.node("miner-1").rpc("stop");
    await eventually(isAnother(first));
    await network.mine(1);
    if (mode === "processes") {
      const second = cookie();
      network.node("miner-1").kill();
      await eventually(isAnother(second));
      await network.mine(1);
    } else {
      expect(() => network.node("miner-1").kill()).toThrow('start the network with mode: "processes"');
    }
    await network.waitForSync();
    expect(new Set(await heights()).size).toBe(1);
  });

  test("time that is mocked is one node's alone", async () => {
    const [first, second] = network.nodes;
    const { time } = await first!.call<{ time: number }>("getblockheader", [await first!.rpc("getbestblockhash")]);
    await first!.rpc("setmocktime", time + 5000);
    await network.mine(1, "miner-1");
    const of = await second!.call<{ time: number }>("getblockheader", [await second!.rpc("getbestblockhash")]);
    expect(of.time).toBeLessThan(time + 5000);
    await first!.rpc("setmocktime", 0);
  });
});

describe("the life of a network", () => {
  test("goes on in a folder of one's own, and takes a temporary one away", async () => {
    const dataDir = temporaryFolder();
    {
      await using network = await startNetwork({ dataDir });
      await network.mine(2);
    }
    const again = await startNetwork({ dataDir, miners: 2 });
    expect(await again.node("miner-1").rpc("getblockcount")).toBeGreaterThanOrEqual(0);
    await again.waitForSync();
    expect(await again.node("miner-1").rpc("getblockcount")).toBe(2);
    await Promise.all([again.stop(), again.stop()]);
    expect(readdirSync(dataDir)).toContain("miner-0");
    await expect(again.mine(1)).rejects.toThrow("The network has been stopped.");
    await expect(again.node("miner-0").rpc("getblockcount")).rejects.toThrow("The network has been stopped.");

    const passing = await startNetwork();
    const { dataDir: folder } = passing.node("miner-0");
    await passing.stop();
    expect(existsSync(folder)).toBe(false);
  });

  test.each(["in-process", "processes"] as const)("two on one folder are refused, %s", async (mode) => {
    const dataDir = temporaryFolder();
    await using first = await startNetwork({ dataDir });
    await expect(startNetwork({ dataDir, mode })).rejects.toThrow(
      /^miner-0 did not start: Cannot obtain a lock on directory .*\nIts log is .*debug\.log$/s,
    );
    expect(await first.mine(1)).toHaveLength(1);
  });

  test("refuses what makes no network", async () => {
    await expect(startNetwork({ miners: 0 })).rejects.toThrow("A network needs a miner at least.");
    await expect(startNetwork({ miners: 1.5 })).rejects.toThrow("A whole number of miners is expected, not 1.5.");
    await expect(startNetwork({ webservers: 50 })).rejects.toThrow("At most 50 nodes run on one machine, not 51.");
    await expect(startNetwork({ interval: 0 })).rejects.toThrow("interval is a number of seconds above zero, not 0.");
    await expect(startNetwork({ mode: "threads" as never })).rejects.toThrow(
      'mode is "in-process" or "processes", not "threads".',
    );
    await expect(startNetwork({ interval: 1, miningAddress: "nowhere" })).rejects.toThrow(
      "miningAddress is an address of regtest (bcrt1…), not 'nowhere'",
    );
  });

  test("mines by itself where an interval is given", async () => {
    await using network = await startNetwork({ interval: 0.05 });
    await eventually(async () => ((await network.node("miner-0").rpc<number>("getblockcount")) > 2 ? true : undefined));
  });

  test("twenty nodes agree", async () => {
    await using network = await startNetwork({ miners: 10, webservers: 10 });
    await network.mine(5, "miner-9");
    expect(new Set(await Promise.all(network.nodes.map((node) => node.rpc("getbestblockhash")))).size).toBe(1);
  });
});

test("nothing of a network is left in the process: no handle, no listener, and it ends by itself", async () => {
  const program = `
    import { startNetwork } from ${JSON.stringify(resolve(import.meta.dirname, "../../packages/node/bin/network.cjs"))};
    const listeners = () => process.eventNames().map((name) => String(name) + process.listenerCount(name)).sort().join();
    const before = { listeners: listeners(), title: process.title, umask: process.umask() };
    const network = await startNetwork({ miners: 12, webservers: 1 });
    const during = listeners();
    await network.mine(3);
    await network.stop();
    // What was closed is gone when the loop has turned.
    const handles = () => process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|FS|Timeout)/.test(name));
    for (let turn = 0; turn < 1000 && handles().length > 0; turn++) await new Promise((resume) => setTimeout(resume, 1));
    const after = { listeners: listeners(), title: process.title, umask: process.umask() };
    console.log(JSON.stringify({ before, during, after, handles: handles() }));
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  expect(stderr).toBe("");
  const { before, during, after, handles } = JSON.parse(stdout);
  expect(during).toBe(before.listeners);
  expect(after).toEqual(before);
  expect(handles).toEqual([]);
});

test("plain Node imports the package from its own folder", async () => {
  const program = [
    'import { startNetwork } from "bitfleet";',
    'const network = await startNetwork({ miners: 2, mode: "processes" });',
    'console.log((await network.mine(2)).length, await network.node("miner-1").rpc("getblockcount"));',
    "await network.stop();",
  ].join("\n");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    cwd: resolve(import.meta.dirname, "../.."),
  });
  expect([stdout, stderr]).toEqual(["2 2\n", ""]);
});

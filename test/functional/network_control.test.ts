import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@bitfleet/api/client.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, freePorts } from "../../packages/node/src/network/free-port.ts";
import { type BitfleetNetwork, startNetwork } from "../../packages/node/src/network/start-network.ts";
import { BITFLEET, eventually, run, TestProcess, temporaryFolder } from "./test-node.ts";

const NOBODY = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const ADMIN_KEY = "the-key-of-the-test";

describe("the faucet", () => {
  let network: BitfleetNetwork;
  beforeAll(async () => {
    network = await startNetwork({ miners: 2 });
  });
  afterAll(() => network.stop());

  const received = async () => {
    const { total_amount: total } = await network
      .node("miner-1")
      .rpc<{ total_amount: number }>("scantxoutset", "start", [`addr(${NOBODY})`]);
    return Math.round(total * 1e8);
  };

  test("has nothing before the first coins are old enough, and says so", async () => {
    await expect(network.faucet(NOBODY, 5_000)).rejects.toThrow(
      /^The faucet has 0 BTC to give, not 0.00005 BTC and the fee; mine a block first/,
    );
    await network.mine(100);
    await expect(network.faucet(NOBODY, 5_000)).rejects.toThrow("5000 BTC more can be spent when blocks have come");
    await network.mine(1);
  });

  test("pays many times between two blocks, from one coin, and all of it is confirmed by the next", async () => {
    for (let count = 1; count <= 25; count++) await network.faucet(NOBODY, 10_000_000n);
    expect(await network.node("miner-0").rpc<string[]>("getrawmempool")).toHaveLength(25);
    await network.mine(1);
    expect(await received()).toBe(25 * 10_000_000);
    expect(await network.node("miner-0").rpc<string[]>("getrawmempool")).toHaveLength(0);
  });

  test("pays those who ask at the same time one after the other", async () => {
    const before = await received();
    const paid = await Promise.all(Array.from({ length: 8 }, () => network.faucet(NOBODY, 20_000_000)));
    expect(new Set(paid.map(({ txid }) => txid)).size).toBe(8);
    await network.mine(1);
    expect((await received()) - before).toBe(8 * 20_000_000);
  });

  test("takes several coins together, confirms at once, and pays a fee that is right", async () => {
    await network.mine(10);
    const before = await received();
    const { txid, feeSats, blocks } = await network.faucet(NOBODY, 120n * 100_000_000n, { mine: 2, node: "miner-1" });
    expect(blocks).toHaveLength(2);
    expect((await received()) - before).toBe(120 * 100_000_000);
    const tx = await network
      .node("miner-0")
      .call<{ vsize: number; vin: unknown[] }>("getrawtransaction", { txid, verbosity: 1, blockhash: blocks[0] });
    expect(tx.vin.length).toBeGreaterThan(2);
    expect(Number(feeSats) / tx.vsize).toBeGreaterThanOrEqual(2);
    expect(Number(feeSats) / tx.vsize).toBeLessThan(2.2);
  });

  test("refuses what it cannot give, and what is no address or amount", async () => {
    await expect(network.faucet(NOBODY, 900n * 100_000_000n)).rejects.toThrow(
      /^The faucet has [0-9.]+ BTC to give, not 900 BTC/,
    );
    await expect(network.faucet("nowhere", 5_000)).rejects.toThrow("'nowhere' is no address of this network.");
    for (const sats of [0, 999, 100_000_000_001])
      await expect(network.faucet(NOBODY, sats)).rejects.toThrow("at a time, not");
    await expect(network.faucet(NOBODY, 1.5)).rejects.toThrow("A whole number of satoshis is expected, not 1.5.");
    await expect(network.faucet(NOBODY, 5_000, { node: "x" })).rejects.toThrow("There is no node 'x'");
  });

  test("says when so many payments wait that no more can follow, and goes on behind a block", async () => {
    await using small = await startNetwork();
    await small.mine(101);
    let count = 0;
    const refused = await (async () => {
      for (; ; count++) await small.faucet(NOBODY, 1_000_000n);
    })().catch((error: Error) => error.message);
    expect(refused).toBe('So many payments wait that no more can follow them; mine a block first ("bitfleet mine 1").');
    expect(count).toBe(25);
    await small.mine(1);
    await small.faucet(NOBODY, 1_000_000n);
  });
});

describe("the network over HTTP", () => {
  let network: BitfleetNetwork;
  let url: string;
  beforeAll(async () => {
    network = await startNetwork({ miners: 2, webservers: 2, mode: "processes", adminKey: ADMIN_KEY });
    url = network.node("webserver-0").webUrl!;
    await network.mine(101);
  });
  afterAll(() => network.stop());

  const client = (at = url) => createClient({ baseUrl: at, apiKey: ADMIN_KEY, timeoutMs: 60_000 });
  const heights = () => Promise.all(network.nodes.map((node) => node.rpc<number>("getblockcount")));
  const post = async (path: string, body: object, key = ADMIN_KEY) => {
    const headers = { "content-type": "application/json", "x-api-key": key };
    const answer = await fetch(`${url}/api/admin/network/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, ...((await answer.json()) as { data: never; error: string }) };
  };

  test("anybody sees the nodes and where they stand, and no paths", async () => {
    const response = await fetch(`${url}/api/v1/network`);
    const text = await response.text();
    expect(text).not.toContain(network.node("miner-0").dataDir);
    const { data } = JSON.parse(text);
    expect(data).toMatchObject({ chain: "regtest", self: "webserver-0", partition: [] });
    expect(data.nodes.map((node: { name: string; height: number }) => [node.name, node.height])).toEqual([
      ["miner-0", 101],
      ["miner-1", 101],
      ["webserver-0", 101],
      ["webserver-1", 101],
    ]);
    expect(data.nodes[1]).toMatchObject({ role: "miner", state: "running", connects_to: ["miner-0"], web_url: null });
    expect(data.nodes[2]).toMatchObject({ p2p_port: network.node("webserver-0").p2pPort });
  });

  test("nobody changes it without the key", async () => {
    for (const path of ["partition", "heal", "reorg", "mine", "restart", "faucet", "snapshots", "revert"]) {
      expect((await post(path, {}, "another")).status).toBe(401);
    }
    expect(await heights()).toEqual([101, 101, 101, 101]);
  });

  test("partition, mine on both sides, heal, reorg", async () => {
    const api = client();
    const parted = await api.partitionNetwork({ groups: [["miner-0", "webserver-0"]] });
    expect(parted).toEqual({
      partition: [
        ["miner-0", "webserver-0"],
        ["miner-1", "webserver-1"],
      ],
      absent: [],
    });
    expect((await api.mineNetwork({ blocks: 1 })).node).toBe("miner-0");
    await client(network.node("webserver-1").webUrl).mineNetwork({ blocks: 3, node: "miner-1", address: NOBODY });
    await network.waitForSync();
    expect(await heights()).toEqual([102, 104, 102, 104]);
    expect(await api.healNetwork()).toMatchObject({ height: 104, nodes: 4, absent: [] });
    const { hashes, height } = await api.reorgNetwork({ depth: 2 });
    expect([hashes.length, height]).toEqual([3, 105]);
    expect(await heights()).toEqual([105, 105, 105, 105]);
  });

  test("faucet, snapshot and revert, from one web server and the other", async () => {
    const [api, other] = [client(), client(network.node("webserver-1").webUrl)];
    const paid = await api.faucet({ address: NOBODY, sats: 100_000_000, mine: 1 });
    expect(paid).toMatchObject({ address: NOBODY, sats: 100_000_000, blocks: [expect.any(String)] });
    const taken = await other.takeSnapshot({ name: "here" });
    expect(taken).toMatchObject({ name: "here", height: 106, transactions: 0 });
    await api.mineNetwork({ blocks: 12 });
    expect(await api.revertNetwork({ name: "here" })).toMatchObject({
      hash: taken.hash,
      nodes: ["miner-0", "miner-1", "webserver-0", "webserver-1"],
      absent: [],
    });
    expect(await heights()).toEqual([106, 106, 106, 106]);
    expect(await other.snapshots()).toEqual([taken]);
    expect(await other.removeSnapshot({ name: "here" })).toEqual({ name: "here" });
    expect((await post("revert", { name: "here" })).status).toBe(404);
  });

  test("many at once take turns, whichever web server they ask", async () => {
    const before = (await heights())[0]!;
    const servers = [client(), client(network.node("webserver-1").webUrl)];
    await Promise.all(Array.from({ length: 10 }, (_, index) => servers[index % 2]!.mineNetwork({ blocks: 1 })));
    await network.waitForSync();
    expect(await heights()).toEqual(Array(4).fill(before + 10));
  });

  test("restart, of another node and of the one that answers; logs", async () => {
    const api = client();
    expect(await api.restartNetworkNode({ node: "miner-1" })).toMatchObject({ node: "miner-1" });
    const { lines } = await api.networkLog({ node: "miner-1", lines: 3 });
    expect(lines).toHaveLength(3);
    const cookieText = () => readFileSync(network.node("webserver-0").cookieFile, "utf8");
    const cookie = cookieText();
    expect(await api.restartNetworkNode({ node: "webserver-0" })).toEqual({ node: "webserver-0", height: null });
    // Each run has one of its own.
    await eventually(
      () => (existsSync(network.node("webserver-0").cookieFile) && cookieText() !== cookie) || undefined,
    );
    await eventually(async () => {
      const alive = await fetch(`${url}/health/ready`).catch(() => undefined);
      return alive?.status === 200 ? true : undefined;
    });
    await network.waitForSync();
  });

  test("what is wrong is said with a status that tells what kind of wrong it is", async () => {
    expect(await post("partition", { groups: [["miner-0", "miner-7"]] })).toMatchObject({
      status: 400,
      error: "There is no node 'miner-7' in the network; there are miner-0, miner-1, webserver-0, webserver-1.",
    });
    expect(await post("mine", { blocks: 1, node: "miner-7" })).toMatchObject({ status: 404 });
    expect(await post("mine", { blocks: 0 })).toMatchObject({ status: 400 });
    expect(await post("reorg", { depth: 900 })).toMatchObject({
      status: 400,
      error: expect.stringMatching(/^A depth from 1 to \d+ is expected, not 900\.$/),
    });
    expect(await post("faucet", { address: NOBODY, sats: 90_000_000_000 })).toMatchObject({ status: 409 });
    expect(await post("faucet", { address: "x", sats: 5_000 })).toMatchObject({
      status: 400,
      error: "'x' is no address of this network.",
    });
    expect(await post("revert", { name: "nothing" })).toMatchObject({
      status: 404,
      error: "There is no snapshot 'nothing'; none was taken yet.",
    });
  });

  test("a reorganisation behind a heal replaces what it says, whatever branches were left", async () => {
    const api = client();
    const miner = network.node("miner-0");
    const before = await miner.rpc<number>("getblockcount");
    // Beside the chain there is one branch that is nearly as long from further back, and one from the very block.
    await api.partitionNetwork({ groups: [["miner-0", "webserver-0", "webserver-1"]] });
    await api.mineNetwork({ blocks: 5, node: "miner-1" });
    await api.mineNetwork({ blocks: 6, node: "miner-0" });
    await api.healNetwork();
    await api.reorgNetwork({ depth: 3, node: "miner-0" });
    const base = await miner.rpc<string>("getblockhash", before + 3);
    const { hashes, height } = await api.reorgNetwork({ depth: 4, node: "miner-0" });
    expect([hashes.length, height]).toEqual([5, before + 8]);
    expect(await miner.rpc<string>("getblockhash", before + 3)).toBe(base);
    expect(await miner.rpc<string>("getblockhash", before + 4)).toBe(hashes[0]);
    expect(new Set(await heights()).size).toBe(1);
  });

  test("a heal of groups with the same work says that the next block decides", async () => {
    const api = client();
    await api.partitionNetwork({ groups: [["miner-0", "webserver-0"]] });
    const [one, other] = [
      await api.mineNetwork({ blocks: 1, node: "miner-0" }),
      await api.mineNetwork({ blocks: 1, node: "miner-1" }),
    ];
    await network.waitForSync();
    const healed = await api.healNetwork();
    expect(healed).toMatchObject({ height: one.height, nodes: 2 });
    expect(healed.tied.toSorted()).toEqual([one.hash, other.hash].toSorted());
    expect((await api.network()).partition).toEqual([]);
    await api.mineNetwork({ blocks: 1, node: "miner-1" });
    await network.waitForSync();
    expect(await network.node("miner-0").rpc<string>("getblockhash", other.height)).toBe(other.hash);
    // A miner at work decides it: then the heal waits for that.
    await network.partition([["miner-0", "webserver-0"]]);
    await Promise.all([
      network.node("miner-0").rpc("generatetoaddress", 1, NOBODY),
      network.node("miner-1").rpc("generatetoaddress", 1, NOBODY),
    ]);
    await expect(network.heal()).rejects.toThrow("the groups have the same work: the next block decides; mine one.");
    await network.node("miner-0").rpc("setminer", "interval", 1);
    expect((await api.healNetwork()).tied).toEqual([]);
    await network.node("miner-0").rpc("setminer", "off");
  });
});

test("another time for all nodes, also for one that starts again, and the real one again", async () => {
  await using network = await startNetwork({ miners: 2 });
  const minedBy = async (name: string) => {
    const [hash] = await network.mine(1, name);
    return (await network.node("miner-0").rpc<{ time: number }>("getblockheader", hash!)).time;
  };
  const mocked = (await network.setTime({ offsetSeconds: 3600 }))!;
  expect(Math.abs(mocked - 3600 - Date.now() / 1000)).toBeLessThan(60);
  expect(await minedBy("miner-0")).toBe(mocked);
  await network.restart("miner-1");
  expect(await network.setTime({ offsetSeconds: 0 })).toBe(mocked);
  await network.restart("miner-1");
  const time = await minedBy("miner-1");
  expect(time).toBeGreaterThanOrEqual(mocked);
  expect(time).toBeLessThanOrEqual(mocked + 1);
  expect(await network.setTime("real")).toBeUndefined();
  await network.restart("miner-1");
  await network.reorg(2, "miner-1");
  expect(await minedBy("miner-1")).toBeLessThan(mocked - 3000);
  await expect(network.setTime({ seconds: 0 })).rejects.toThrow(/^A time from 1 to 4294967295/);
});

describe("a node by itself", () => {
  test("has no network to show or to change", async () => {
    const [webPort, rpcPort] = await freePorts(2);
    const words = [
      `-datadir=${temporaryFolder()}`,
      "-regtest",
      `-rpcport=${rpcPort}`,
      "-listen=0",
      `-webport=${webPort}`,
    ];
    const node = new TestProcess(BITFLEET, ["node", ...words, `-webadminkey=${ADMIN_KEY}`, "-printtoconsole=0"]);
    const url = `http://127.0.0.1:${webPort}`;
    await eventually(async () => ((await fetch(`${url}/health/live`).catch(() => undefined))?.ok ? true : undefined));
    const shown = await fetch(`${url}/api/v1/network`);
    expect([shown.status, ((await shown.json()) as { error: string }).error]).toEqual([
      404,
      "This node is not part of a network that bitfleet runs on this machine.",
    ]);
    const headers = { "x-api-key": ADMIN_KEY };
    expect((await fetch(`${url}/api/admin/network/heal`, { method: "POST", headers })).status).toBe(404);
    node.child.kill("SIGTERM");
    await node.exit();
  });
});

describe("bitfleet faucet, snapshot and revert", () => {
  const folder = temporaryFolder();
  let up: TestProcess;
  const bitfleet = (command: string, ...words: string[]) => run(BITFLEET, [command, `--data=${folder}`, ...words]);

  beforeAll(async () => {
    const ports = [`--port=${await freePort()}`, `--rpc-port=${await freePort()}`];
    up = new TestProcess(BITFLEET, ["up", `--data=${folder}`, ...ports, "--no-mining"]);
    await eventually(async () => {
      const { stdout } = await bitfleet("status", "--json");
      return JSON.parse(stdout)?.nodes?.[0]?.height === 101 ? true : undefined;
    });
  });
  afterAll(async () => {
    up.child.kill("SIGTERM");
    await up.exit();
  });

  test("of a network of one process", async () => {
    expect((await bitfleet("faucet", NOBODY, "0.5")).stdout).toMatch(
      /^Sent 0\.5 BTC to bcrt1\w+, fee \d+ sat: [0-9a-f]{64}\nIt waits for a block: "bitfleet mine 1", or --mine 1 with it\.\n$/,
    );
    expect((await bitfleet("snapshot", "base")).stdout).toBe(
      'Snapshot base: height 101, 1 transaction waiting. "bitfleet revert base" goes back to it.\n',
    );
    expect((await bitfleet("faucet", NOBODY, "--mine", "1")).stdout).toMatch(
      /^Sent 1 BTC .*\nIn block [0-9a-f]{64}\.\n$/,
    );
    expect((await bitfleet("revert", "base")).stdout).toMatch(
      /^Reverted to base: 1 node at height 101, tip [0-9a-f]{64}, 1 transaction waiting\n$/,
    );
    expect((await bitfleet("snapshots")).stdout).toMatch(/^base +height 101 {2}[0-9a-f]{16}… {2}1 transaction {2}20/);
    expect(JSON.parse((await bitfleet("snapshots", "--json")).stdout)).toMatchObject([{ name: "base", height: 101 }]);
  });

  test("what goes wrong is one sentence", async () => {
    for (const [words, message] of [
      [["revert", "nothing"], "There is no snapshot 'nothing'; there are base."],
      [
        ["snapshot", "a/b"],
        "'a/b' is no name for a snapshot: letters, digits, '.', '_' and '-', 64 at most, a letter or digit first.",
      ],
      [["faucet", "nowhere"], "'nowhere' is no address of this network."],
      [["faucet", NOBODY, "much"], "An amount in BTC is expected, such as 0.5, not 'much'."],
      [["faucet", NOBODY, "5000"], "The faucet gives 0.00001 BTC to 1000 BTC at a time, not 5000 BTC."],
      [["snapshots", "--remove=x"], "There is no snapshot 'x'; there are base."],
    ] as const) {
      const [command, ...rest] = words;
      expect(await bitfleet(command, ...rest)).toMatchObject({ code: 1, stderr: `Error: ${message}\n` });
    }
    const none = await run(BITFLEET, ["snapshot", `--data=${temporaryFolder()}`]);
    expect(none.stderr).toMatch(/^Error: No network is running in /);
  });

  test("a change that another process died in the middle of is nobody's hindrance; one that is under way is waited for", async () => {
    const stranger = new TestProcess(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const lock = join(folder, "operation.lock");
    const hold = (pid: number) => writeFileSync(lock, JSON.stringify({ pid, what: "revert", token: "x" }));
    hold(stranger.child.pid!);
    const waiting = bitfleet("mine", "1");
    await new Promise((resume) => setTimeout(resume, 300));
    expect(readFileSync(lock, "utf8")).toContain('"token":"x"');
    stranger.child.kill("SIGKILL");
    await stranger.exit();
    expect((await waiting).stdout).toMatch(/^miner-0 mined 1 block; height 102/);
    expect(existsSync(lock)).toBe(false);
  });
});

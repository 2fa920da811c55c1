import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, freePorts } from "../../packages/node/src/network/free-port.ts";
import { BITFLEET, eventually, run, TestProcess, temporaryFolder } from "./test-node.ts";

interface StatusNode {
  readonly name: string;
  readonly state: string;
  readonly pid: number;
  readonly height: number;
  readonly tip: string;
  readonly peers: number;
  readonly rpc: string;
}

describe("bitfleet up with several nodes", () => {
  const folder = temporaryFolder();
  let up: TestProcess;

  const bitfleet = (command: string, ...words: string[]) => run(BITFLEET, [command, `--data=${folder}`, ...words]);
  const status = async () =>
    JSON.parse((await bitfleet("status", "--json")).stdout) as { readonly nodes: readonly StatusNode[] };
  const nodeNamed = async (name: string) => (await status()).nodes.find((node) => node.name === name)!;
  const heights = async () => (await status()).nodes.map(({ height }) => height);
  const allAt = (height: number) =>
    eventually(async () => ((await heights()).every((one) => one === height) ? true : undefined));

  let ports: readonly string[] = [];
  const start = async () => {
    ports = [`--port=${await freePort()}`, `--rpc-port=${await freeRange(3)}`];
    up = new TestProcess(BITFLEET, ["up", `--data=${folder}`, ...ports, "--miners=2", "--webservers=1", "--no-mining"]);
    await eventually(() => {
      if (up.child.exitCode !== null) throw new Error(`bitfleet up ended: ${up.stderr}`);
      return /^height \d+/m.test(up.stdout) ? true : undefined;
    });
  };

  beforeAll(start);
  afterAll(async () => {
    up.child.kill("SIGTERM");
    await up.exit();
  });

  test("the nodes agree on the first 101 blocks, and status shows each", async () => {
    await allAt(101);
    const { nodes } = await status();
    expect(nodes.map(({ name, state }) => [name, state])).toEqual([
      ["miner-0", "running"],
      ["miner-1", "running"],
      ["webserver-0", "running"],
    ]);
    expect(new Set(nodes.map(({ pid }) => pid)).size).toBe(3);
    const { stdout, code } = await bitfleet("status");
    expect(code).toBe(0);
    expect(stdout).toContain("All nodes agree.");
  });

  test("the start says of each node when it is ready", () => {
    const lines = up.stdout.match(/^\S+ ready: .*$/gm)!;
    expect(lines.map((line) => line.replace(/:\d+/g, ":N"))).toEqual([
      "miner-0 ready: JSON-RPC http://127.0.0.1:N, height 101",
      expect.stringMatching(
        /^miner-1 ready: JSON-RPC http:\/\/127.0.0.1:N, (height 101|syncing, at height \d+ of 101)$/,
      ),
      expect.stringMatching(
        /^webserver-0 ready: JSON-RPC http:\/\/127.0.0.1:N, page http:\/\/localhost:N, (height 101|syncing, at height \d+ of 101)$/,
      ),
    ]);
  });

  test("a partition lets each side go its way, and heal brings them together on the most work", async () => {
    expect((await bitfleet("partition", "miner-0,webserver-0|miner-1")).code).toBe(0);
    await bitfleet("mine", "1");
    await bitfleet("mine", "--node=miner-1", "2");
    await eventually(async () => (String(await heights()) === "102,103,102" ? true : undefined));
    expect((await bitfleet("status")).stdout).toContain("Partitioned: miner-0,webserver-0 | miner-1");
    expect((await bitfleet("heal")).stdout).toMatch(/^Healed: 3 nodes agree at height 103, tip [0-9a-f]{64}\n$/m);
    expect((await status()).nodes.every(({ peers }) => peers > 0)).toBe(true);
  });

  test("a node that starts again keeps to the partition", async () => {
    await bitfleet("partition", "miner-1");
    expect((await bitfleet("restart", "miner-1")).code).toBe(0);
    await bitfleet("mine", "1");
    await eventually(async () => (String(await heights()) === "104,103,104" ? true : undefined));
    expect((await nodeNamed("miner-1")).peers).toBe(0);
    await bitfleet("heal");
    await allAt(104);
  });

  test("reorg replaces blocks everywhere", async () => {
    const before = (await nodeNamed("webserver-0")).tip;
    expect((await bitfleet("reorg", "2")).stdout).toMatch(/^miner-0 replaced 2 blocks by 3; height 105, /m);
    const { nodes } = await status();
    expect(new Set(nodes.map(({ tip }) => tip)).size).toBe(1);
    expect(nodes[0]!.tip).not.toBe(before);
  });

  test("reorg at the edges: the whole chain, and nothing", async () => {
    expect((await bitfleet("reorg", "105")).stdout).toMatch(/^miner-0 replaced 105 blocks by 106; height 106, /m);
    expect(await heights()).toEqual([106, 106, 106]);
    expect((await bitfleet("reorg", "0")).stderr).toContain("A whole number above zero is expected.");
    expect((await bitfleet("reorg", "107")).stderr).toBe("Error: A depth from 1 to 106 is expected, not 107.\n");
  });

  test("a node that is killed comes back, and learns from the others what it had not written down", async () => {
    const { pid, tip } = await nodeNamed("miner-1");
    process.kill(pid, "SIGKILL");
    const back = await eventually(async () => {
      const node = await nodeNamed("miner-1");
      return node.pid !== pid && node.state === "running" && node.height === 106 ? node : undefined;
    });
    expect(back.tip).toBe(tip);
  });

  test("wrong names and numbers are refused with what would do", async () => {
    const mine = await bitfleet("mine", "--node=nope", "1");
    expect([mine.code, mine.stderr]).toEqual([
      1,
      "Error: There is no node 'nope' in the network; there are miner-0, miner-1, webserver-0.\n",
    ]);
    expect((await bitfleet("partition", "miner-0|miner-0")).stderr).toContain("miner-0 is named twice");
    expect((await bitfleet("partition", "miner-0|nope")).stderr).toContain("There is no node 'nope'");
    expect((await bitfleet("partition", "miner-0,miner-1,webserver-0")).stderr).toContain("All nodes are in one group");
    for (const words of [["--miners=1"], []]) {
      const second = await run(BITFLEET, ["up", `--data=${folder}`, ...words]);
      expect(second.code).toBe(1);
      expect(second.stderr).toMatch(
        /^Error: The network in .* is running already, as process \d+\. Stop it with "bitfleet down /,
      );
    }
  });

  test("a node that was given up: status says why, and a partition does not wait for it", async () => {
    const other = temporaryFolder();
    const note = JSON.parse(readFileSync(join(folder, "running.json"), "utf8"));
    Object.assign(note.nodes[2], { state: "failed", lastError: "the disk is full", rpcPort: await freePort() });
    writeFileSync(join(other, "running.json"), JSON.stringify(note));
    const shown = await run(BITFLEET, ["status", `--data=${other}`]);
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(/^webserver-0 +failed /m);
    expect(shown.stdout).toContain("The 2 nodes that answer agree.\nwebserver-0 does not answer: the disk is full\n");
    const separated = await run(BITFLEET, ["partition", `--data=${other}`, "webserver-0"]);
    expect(separated).toMatchObject({ code: 0, stderr: "" });
    expect(separated.stdout).toMatch(
      /^webserver-0 does not answer; it has the new connections when it starts again\.\nPartitioned: /,
    );
    expect((await run(BITFLEET, ["heal", `--data=${other}`])).stdout).toMatch(/^Healed: 2 nodes agree /m);
    expect((await run(BITFLEET, ["restart", `--data=${other}`, "webserver-0"])).stderr).toContain(
      "webserver-0 was given up: the disk is full.",
    );
  });

  test("status does not wait for a node that hangs", async () => {
    const { pid, rpc } = await nodeNamed("miner-1");
    process.kill(pid, "SIGSTOP");
    const { stdout, code } = await bitfleet("status");
    process.kill(pid, "SIGCONT");
    expect(code).toBe(1);
    const asked = `miner-1 does not answer: no answer to getblockchaininfo at ${rpc.slice("http://".length)} within 5 s.`;
    expect(stdout).toContain(
      `The 2 nodes that answer agree.\n${asked} It is busy or hangs; its log, ${folder}/miner-1/`,
    );
    expect(stdout).toContain(`If it stays so, end it with "kill -9 ${pid}"; it is started again.\n`);
  });

  test("Ctrl-C ends all, and the next start goes on with the chain", async () => {
    const pids = (await status()).nodes.map(({ pid }) => pid);
    up.child.kill("SIGINT");
    expect(await up.exit()).toMatchObject({ code: 0, stderr: "" });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(join(folder, "running.json"))).toBe(false);
    await start();
    await allAt(106);
  });

  test("where the launcher is killed its nodes end too, and a start right behind it waits for them", async () => {
    const pids = (await status()).nodes.map(({ pid }) => pid);
    up.child.kill("SIGKILL");
    await up.exited;
    expect(existsSync(join(folder, "running.json"))).toBe(true);
    await start();
    expect(pids.filter(isAlive)).toEqual([]);
    await allAt(106);
  });

  test("a second network with the same ports is told before it starts anything, and one with others runs", async () => {
    const other = temporaryFolder();
    const same = await run(BITFLEET, ["up", `--data=${other}`, ...ports, "--miners=2"]);
    expect(same.code).toBe(1);
    expect(same.stderr).toMatch(
      /^Error: Port \d+, for the page of miner-0, is taken by another program\. Choose others with --port\.\n$/,
    );
    expect(existsSync(join(other, "miner-0"))).toBe(false);
    const otherPorts = [`--port=${await freePort()}`, `--rpc-port=${await freeRange(2)}`];
    const second = new TestProcess(BITFLEET, ["up", `--data=${other}`, ...otherPorts, "--miners=2", "--no-mining"]);
    await eventually(() => (/^height 101 .* 2 of 2 nodes/m.test(second.stdout) ? true : undefined));
    second.child.kill("SIGTERM");
    expect(await second.exit()).toMatchObject({ code: 0, stderr: "" });
    expect(await heights()).toEqual([106, 106, 106]);
  });

  test("networks that start at the same moment do not take each other's ports away", async () => {
    const starts = Array.from({ length: 3 }, async () => {
      const words = [`--data=${temporaryFolder()}`, `--port=${await freePort()}`, `--rpc-port=${await freeRange(1)}`];
      return new TestProcess(BITFLEET, ["up", ...words, "--miners=1", "--no-mining"]);
    });
    const networks = await Promise.all(starts);
    await Promise.all(
      networks.map((one) => eventually(() => (/^height 101 .* 1 of 1 nodes/m.test(one.stdout) ? true : undefined))),
    );
    const peerPorts = networks.map(({ stdout }) => /peers 127\.0\.0\.1:(\d+)/.exec(stdout)![1]);
    expect(new Set(peerPorts).size).toBe(3);
    for (const { child } of networks) child.kill("SIGTERM");
    const exits = await Promise.all(networks.map((one) => one.exit()));
    expect(exits.map(({ code, stderr }) => [code, stderr])).toEqual(Array(3).fill([0, ""]));
  });

  test("a note whose process number is another program's by now is nobody's: neither shown nor ended", async () => {
    const other = temporaryFolder();
    const note = JSON.parse(readFileSync(join(folder, "running.json"), "utf8"));
    const stranger = new TestProcess(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    writeFileSync(join(other, "running.json"), JSON.stringify({ ...note, pid: stranger.child.pid }));
    expect((await run(BITFLEET, ["status", `--data=${other}`])).stdout).toContain("No network is running");
    expect((await run(BITFLEET, ["down", `--data=${other}`])).stdout).toContain("No network is running");
    expect(stranger.child.exitCode ?? stranger.child.signalCode).toBeNull();
    stranger.child.kill();
  });

  test("a network that dies while it starts says why, and where to look", async () => {
    const other = temporaryFolder();
    const [port, rpcPort] = await freePorts(2);
    writeFileSync(join(other, "miner-0"), "no folder");
    const words = ["up", `--data=${other}`, `--port=${port}`, `--rpc-port=${rpcPort}`, "--miners=1"];
    const exit = await run(BITFLEET, words);
    expect(exit.code).toBe(1);
    expect(exit.stderr).toMatch(/^Error: .*miner-0/);
    expect((await run(BITFLEET, ["up", `--data=${other}`, "--miners=0"])).stderr).toContain("above zero is expected");
    expect((await run(BITFLEET, ["up", `--data=${other}`, "--miners=9", "--rpc-port=65530"])).stderr).toContain(
      "do not suffice for so many nodes",
    );
  });
});

/** Not where it has ended and nobody has asked how yet: whose parent was killed waits for the system to do so. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const file = `/proc/${pid}/stat`;
    return !existsSync(file) || !/\) Z /.test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
}

/** The first of `count` ports in a row that are free just now. */
async function freeRange(count: number): Promise<number> {
  for (;;) {
    const first = await freePort();
    const next = await Promise.all(Array.from({ length: count - 1 }, (_, index) => isFree(first + 1 + index)));
    if (next.every(Boolean)) return first;
  }
}

const isFree = async (port: number) => (await freePort(port)) === port;

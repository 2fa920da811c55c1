import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { type RunningTestNetwork, startNetwork } from "../../packages/node/src/network/start-network.ts";
import { BITFLEET, eventually, run, TestProcess, temporaryFolder } from "./test-node.ts";

interface StatusNode {
  readonly name: string;
  readonly state: string;
  readonly pid: number;
  readonly height: number;
  readonly tip: string;
  readonly peers: number;
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

  const start = async () => {
    const ports = [`--port=${await freePort()}`, `--rpc-port=${await freeRange(3)}`];
    up = new TestProcess(BITFLEET, ["up", `--data=${folder}`, ...ports, "--miners=2", "--webservers=1", "--no-mining"]);
    await eventually(() => {
      if (up.child.exitCode !== null) throw new Error(`bitfleet up ended: ${up.stderr}`);
      return /^height \d+/m.test(up.stdout) ? true : undefined;
    });
  };

  beforeAll(start, 60_000);
  afterAll(() => void up.child.kill("SIGKILL"));

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

  test("a partition lets each side go its way, and heal brings them together on the most work", async () => {
    expect((await bitfleet("partition", "miner-0,webserver-0|miner-1")).code).toBe(0);
    await bitfleet("mine", "1");
    await bitfleet("mine", "--node=miner-1", "2");
    await eventually(async () => (String(await heights()) === "102,103,102" ? true : undefined));
    expect((await bitfleet("status")).stdout).toContain("Partitioned: miner-0,webserver-0 | miner-1");
    expect((await bitfleet("heal")).stdout).toMatch(/^Healed: 3 nodes agree at height 103, tip [0-9a-f]{64}\n$/);
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
    expect((await bitfleet("reorg", "2")).stdout).toMatch(/^miner-0 replaced 2 blocks by 3; height 105, /);
    const { nodes } = await status();
    expect(new Set(nodes.map(({ tip }) => tip)).size).toBe(1);
    expect(nodes[0]!.tip).not.toBe(before);
  });

  test("a node that is killed comes back, and learns from the others what it had not written down", async () => {
    const { pid, tip } = await nodeNamed("miner-1");
    process.kill(pid, "SIGKILL");
    const back = await eventually(async () => {
      const node = await nodeNamed("miner-1");
      return node.pid !== pid && node.state === "running" && node.height === 105 ? node : undefined;
    });
    expect(back.tip).toBe(tip);
  });

  test("wrong names and numbers are refused with what would do", async () => {
    const mine = await bitfleet("mine", "--node=nope", "1");
    expect([mine.code, mine.stderr]).toEqual([
      1,
      "Error: There is no node 'nope' in the network; there are miner-0, miner-1, webserver-0.\n",
    ]);
    expect((await bitfleet("reorg", "1000")).stderr).toBe("Error: A depth from 1 to 105 is expected, not 1000.\n");
    expect((await bitfleet("partition", "miner-0|miner-0")).stderr).toContain("miner-0 is named twice");
    const second = await run(BITFLEET, ["up", `--data=${folder}`, "--miners=1"]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("is running already, as process");
  });

  test("Ctrl-C ends all, and the next start goes on; where the parent is killed its nodes end too", async () => {
    up.child.kill("SIGINT");
    expect(await up.exit()).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(join(folder, "running.json"))).toBe(false);
    await start();
    await allAt(105);
    const pids = (await status()).nodes.map(({ pid }) => pid);
    up.child.kill("SIGKILL");
    await up.exited;
    await eventually(() => (pids.some(isAlive) ? undefined : true));
  });
});

test("plain Node imports startNetwork from the package", async () => {
  const program = [
    'import { startNetwork } from "bitfleet";',
    "const network = await startNetwork({ miners: 2 });",
    'console.log((await network.mine(2)).length, await network.node("miner-1").rpc("getblockcount"));',
    "await network.stop();",
  ].join("\n");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    cwd: resolve(import.meta.dirname, "../.."),
  });
  expect([stdout, stderr]).toEqual(["2 2\n", ""]);
});

describe("startNetwork", () => {
  let network: RunningTestNetwork;
  beforeAll(async () => {
    network = await startNetwork({ miners: 2, webservers: 1 });
  }, 60_000);
  afterAll(() => network.stop());

  const height = (name: string) => network.node(name).rpc("getblockcount");

  test("mines, partitions, heals and reorganises from test code", async () => {
    expect(network.nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      "miner-0 miner",
      "miner-1 miner",
      "webserver-0 webserver",
    ]);
    expect(await network.mine(3)).toHaveLength(3);
    expect(await height("webserver-0")).toBe(3);
    await network.partition("miner-0 | miner-1");
    await network.mine(1);
    await network.mine(3, { node: "miner-1" });
    expect([await height("miner-0"), await height("miner-1"), await height("webserver-0")]).toEqual([4, 6, 3]);
    await network.heal();
    expect(await height("webserver-0")).toBe(6);
    await network.reorg(2);
    expect(await height("miner-1")).toBe(7);
  });

  test("a node that restarts is itself again, and its page answers", async () => {
    await network.node("miner-1").restart();
    expect(await height("miner-1")).toBe(7);
    const page = await fetch(`${network.node("webserver-0").webUrl}/health/live`);
    expect(page.status).toBe(200);
    await expect(network.node("miner-0").rpc("nosuch")).rejects.toThrow("miner-0: Method not found");
    expect(() => network.node("x")).toThrow("There is no node 'x'; there are miner-0, miner-1, webserver-0.");
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
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

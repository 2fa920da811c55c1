import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { BITFLEET, eventually, run, TestProcess, temporaryFolder } from "./test-node.ts";

interface Up {
  readonly up: TestProcess;
  readonly port: number;
}

async function startUp(folder: string, ...args: string[]): Promise<Up> {
  const port = await freePort();
  const rpcPort = await freePort();
  const up = new TestProcess(BITFLEET, ["up", `--data=${folder}`, `--port=${port}`, `--rpc-port=${rpcPort}`, ...args]);
  await eventually(() => {
    if (up.child.exitCode !== null) throw new Error(`bitfleet up ended: ${up.stderr}`);
    return /^height \d+/m.test(up.stdout) ? true : undefined;
  });
  return { up, port };
}

const rpc = async (folder: string, ...words: string[]) =>
  (await run(BITFLEET, ["rpc", `--data=${folder}`, ...words])).stdout;

describe("bitfleet up", () => {
  test("mines 101 blocks, serves the page, answers, stops cleanly and goes on with the same chain", async () => {
    const folder = temporaryFolder();
    const { up, port } = await startUp(folder, "--interval=100000");
    expect(up.stdout).toMatch(
      new RegExp(`Web page +http://localhost:${port}\\n +Wallet app +http://localhost:${port}/wallet-app/\\n`),
    );
    expect(await rpc(folder, "getblockcount")).toBe("101\n");
    const first = await rpc(folder, "getblockhash", "101");

    const live = await fetch(`http://127.0.0.1:${port}/health/live`);
    expect(live.status).toBe(200);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("<!doctype html");

    const status = await run(BITFLEET, ["status", `--data=${folder}`]);
    expect(status).toMatchObject({ code: 0, stderr: "" });
    expect(status.stdout).toContain("height 101");
    up.child.kill("SIGINT");
    expect(await up.exit()).toMatchObject({ code: 0, stderr: "" });

    const again = await startUp(folder, "--no-mining");
    expect(await rpc(folder, "getblockhash", "101")).toBe(first);
    expect(await run(BITFLEET, ["down", `--data=${folder}`])).toMatchObject({ code: 0, stdout: "Stopped.\n" });
    expect(await again.up.exit()).toMatchObject({ code: 0, stderr: "" });
    expect((await run(BITFLEET, ["status", `--data=${folder}`])).code).toBe(1);
  });

  test("mines on, to a wallet of its own, which /api/wallet and the commands have", async () => {
    const folder = temporaryFolder();
    const { up, port } = await startUp(folder, "--interval=0.2");
    await eventually(async () => (Number(await rpc(folder, "getblockcount")) > 103 ? true : undefined));
    const { address } = JSON.parse(await rpc(folder, "getminerinfo")) as { address: string };
    expect(JSON.parse(await rpc(folder, "getaddressinfo", address))).toMatchObject({
      ismine: true,
      labels: ["mining"],
    });
    const key = readFileSync(join(folder, "admin-key"), "utf8").trim();
    const info = await fetch(`http://localhost:${port}/api/wallet/info`, { headers: { "x-api-key": key } });
    expect(((await info.json()) as { data: object }).data).toMatchObject({ name: "miner", is_own: true });
    const made = await run(BITFLEET, ["createwallet", `--data=${folder}`]);
    const given = await run(BITFLEET, ["listaddresses", `--data=${folder}`]);
    expect(given.stdout).toContain(`${/bcrt1\w+/.exec(made.stdout)?.[0]}\n`);
    const block = JSON.parse(await rpc(folder, "getblock", (await rpc(folder, "getbestblockhash")).trim(), "2"));
    expect(block.tx[0].vout[0].scriptPubKey.address).toBe(address);
    up.child.kill("SIGTERM");
    expect(await up.exit()).toMatchObject({ code: 0, stderr: "" });
  });

  test("the miner is told otherwise from a terminal, and over HTTP with the key that was shown", async () => {
    const folder = temporaryFolder();
    const { up, port } = await startUp(folder, "--interval=100000");
    const miner = async (...words: string[]) => run(BITFLEET, ["miner", `--data=${folder}`, ...words]);
    expect((await miner()).stdout).toMatch(
      /^miner-0 +interval 100000 s \(1 miner\): 0 found, 0 stale, .*paid to bcrt1/,
    );
    expect((await miner("interval", "50000")).stdout).toMatch(/^miner-0 +interval 50000 s/);
    expect((await miner("off")).stdout).toMatch(/^miner-0 +off: 0 found/);
    expect(await miner("now")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Allowed choices are interval"),
    });
    expect(await miner("off", "3")).toMatchObject({
      code: 1,
      stderr: 'Error: Seconds go with interval: "bitfleet miner interval 3".\n',
    });
    expect((await miner("--node=miner-7")).stderr).toContain("There is no node 'miner-7'");

    for (const name of ["admin-key", "api-keys.json"]) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    const admin = readFileSync(join(folder, "admin-key"), "utf8").trim();
    expect(readFileSync(join(folder, "api-keys.json"), "utf8")).not.toContain(admin);
    expect(up.stdout).toContain(admin);
    const put = (key: string) =>
      fetch(`http://127.0.0.1:${port}/api/admin/mining`, {
        method: "PUT",
        headers: { "content-type": "application/json", "x-api-key": key },
        body: JSON.stringify({ pacing: "continuous" }),
      });
    expect((await put(`${admin}0`)).status).toBe(401);
    expect(await rpc(folder, "getblockcount")).toBe("101\n");
    expect((await put(admin)).status).toBe(200);
    await eventually(async () => (Number(await rpc(folder, "getblockcount")) > 103 ? true : undefined));
    expect(readFileSync(join(folder, "miner-0/regtest/debug.log"), "utf8")).not.toContain(admin);
    up.child.kill("SIGTERM");
    expect(await up.exit()).toMatchObject({ code: 0, stderr: "" });
  });

  test("a second one on the same folder is refused", async () => {
    const folder = temporaryFolder();
    const { up } = await startUp(folder);
    const args = [`--port=${await freePort()}`, `--rpc-port=${await freePort()}`];
    const second = await run(BITFLEET, ["up", `--data=${folder}`, ...args]);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      /^Error: The network in .* is running already, as process \d+\. Stop it with "bitfleet down --data=.*", or choose another folder with --data\.\n$/,
    );
    up.child.kill("SIGINT");
    await up.exit();
  });
});

describe("the command line", () => {
  test("help, versions and mistakes", async () => {
    const help = await run(BITFLEET, ["--help"]);
    expect(help.code).toBe(0);
    for (const command of ["up", "node", "rpc", "status", "down", "doctor"])
      expect(help.stdout).toContain(`\n  ${command}`);
    expect(help.stdout).toMatch(/^ {2}rpc \[options\] <method> \[parameters\.\.\.\] /m);
    const noMethod = await run(BITFLEET, ["rpc"]);
    expect(noMethod).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: missing required argument 'method'/i),
    });
    const noNetwork = await run(BITFLEET, ["rpc", `--data=${temporaryFolder()}`, "getblockcount"]);
    expect(noNetwork).toMatchObject({ code: 1, stdout: "" });
    expect(noNetwork.stderr).toMatch(/^Error: No network is running in .*\. Start one with "bitfleet up"/);
    expect((await run(BITFLEET, ["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const unknown = await run(BITFLEET, ["fly"]);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/^Error: unknown command 'fly'/);
    const bad = await run(BITFLEET, ["up", "--interval=soon"]);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/^Error: option '--interval <seconds>' argument 'soon' is invalid/);
    const [port, rpcPort] = [await freePort(), await freePort()];
    const nowhere = [
      "up",
      `--data=${temporaryFolder()}`,
      "--host=no-such-host.invalid",
      `--port=${port}`,
      `--rpc-port=${rpcPort}`,
    ];
    expect(await run(BITFLEET, nowhere)).toMatchObject({
      code: 1,
      stderr: `Error: cannot listen on no-such-host.invalid:${port}: the host name is not known. Choose another with --host.\n`,
    });
  });

  test("output that nobody reads any more is no error", async () => {
    const child = spawn("sh", [
      "-c",
      `"${BITFLEET}" --help | true; "${BITFLEET}" doctor --data="${temporaryFolder()}" | true`,
    ]);
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    await once(child, "exit");
    expect(stderr).toBe("");
  });

  test("doctor says which signature library is active", async () => {
    const doctor = await run(BITFLEET, ["doctor", `--data=${temporaryFolder()}`]);
    expect(doctor).toMatchObject({ code: 0, stderr: "" });
    expect(doctor.stdout).toMatch(/^ok {3}Signatures {2}(native|portable)/m);
    expect(doctor.stdout).toMatch(/^ok {3}LevelDB/m);
  });
});

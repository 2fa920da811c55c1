import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { BITCOIN_CLI, BITCOIND, eventually, run, TestProcess, temporaryFolder } from "./test-node.ts";

/** What a container sets, here for a process of this machine. */
async function variablesOf(folder: string, more: Readonly<Record<string, string>> = {}) {
  return {
    HOME: folder,
    NODE_NETWORK: "regtest",
    NODE_IS_MINER: "no",
    NODE_DATA_DIR: join(folder, "app/data"),
    NODE_WALLET_DIR: join(folder, "app/wallets"),
    NODE_ADDR: `127.0.0.1:${await freePort()}`,
    ...more,
  };
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("a node that has nothing but the variables of its container", () => {
  test("makes its directories, for their owner alone, and its client finds it without a word", async () => {
    const folder = temporaryFolder();
    const env = await variablesOf(folder, { NODE_INSTANCE_DIRS: "yes", POD_NAME: "wallet-1", WALLET_FILE: "treasury" });
    // Every node of this machine would have the same one.
    const port = `-rpcport=${await freePort()}`;
    const node = new TestProcess(BITCOIND, [port], { env });
    await eventually(() => {
      if (node.child.exitCode !== null) throw new Error(`the node ended while starting: ${node.stderr}`);
      return existsSync(join(folder, "app/data/wallet-1/regtest/.cookie")) || undefined;
    });
    const call = async (method: string) => {
      const exit = await run(BITCOIN_CLI, [port, "-rpcwait", "-rpcwaittimeout=60", method], { env });
      if (exit.code !== 0) throw new Error(`${method}: ${exit.stderr}${node.stderr}`);
      return exit;
    };
    expect(JSON.parse((await call("getblockchaininfo")).stdout)).toMatchObject({ chain: "regtest", blocks: 0 });
    expect(JSON.parse((await call("listwallets")).stdout)).toEqual(["treasury"]);
    for (const path of ["app", "app/data", "app/data/wallet-1", "app/wallets/wallet-1"]) {
      expect([path, modeOf(join(folder, path)).toString(8)]).toEqual([path, "700"]);
    }
    expect(existsSync(join(folder, "app/wallets/wallet-1/treasury/wallet.dat"))).toBe(true);
    expect(existsSync(join(folder, ".bitfleet"))).toBe(false);
    // A network of the command line is another one, and does not contradict the variable.
    expect((await run(BITCOIN_CLI, ["-testnet4", "getblockcount"], { env })).stderr).toMatch(/:48332 /);
    node.child.kill("SIGTERM");
    expect(await node.exit()).toMatchObject({ code: 0, stderr: "" });
  });

  test("waits for the one before, says so, and ends at once when it is asked to", async () => {
    const env = await variablesOf(temporaryFolder(), {
      NODE_IS_MINER: "yes",
      NODE_CONNECT_NODES: "local",
      POD_NAME: "miner-1",
      POD_NAMESPACE: "nowhere",
      CLUSTER_DOMAIN: "invalid",
      SEQUENTIAL_STARTUP: "yes",
      WEB_METRICS_BIND: "127.0.0.1:9332",
    });
    const node = new TestProcess(BITCOIND, [`-rpcport=${await freePort()}`], { env });
    await eventually(() => node.stdout.includes("\n") || undefined);
    expect(node.stdout).toMatch(
      /^\d{4}-\S+Z Waiting for miner-0 \(http:\/\/miner-0\.miner-headless\.nowhere\.svc\.invalid:9332\/health\/ready\), \d+ s so far: It cannot be reached/,
    );
    node.child.kill("SIGTERM");
    expect(await node.exit()).toMatchObject({ code: 0, signal: null, stderr: "" });
    expect(existsSync(join(env.NODE_DATA_DIR, "regtest/blocks"))).toBe(false);
  });

  test("says what contradicts itself, with the variable's name, and nothing else", async () => {
    const env = await variablesOf(temporaryFolder(), { NODE_INSTANCE_DIRS: "yes" });
    const text =
      "NODE_INSTANCE_DIRS=yes needs to know which instance this is: set NODE_SERVICE (Compose) or POD_NAME (Kubernetes).";
    expect(await run(BITCOIND, [], { env })).toMatchObject({ code: 1, stdout: "", stderr: `Error: ${text}\n` });
    expect(await run(BITCOIN_CLI, ["getblockcount"], { env })).toMatchObject({ code: 1, stderr: `Error: ${text}\n` });
    expect(existsSync(env.NODE_DATA_DIR)).toBe(false);
    // Who asks for the version is told it, whatever the rest may be.
    expect(await run(BITCOIND, ["-version"], { env })).toMatchObject({ code: 0, stderr: "" });
    expect(await run(BITCOIN_CLI, ["-version"], { env })).toMatchObject({ code: 0, stderr: "" });
  });
});

test("a signal that comes while the configuration is read still ends the node", async () => {
  const folder = temporaryFolder();
  const config = join(folder, "slow.conf");
  const port = await freePort();
  execFileSync("mkfifo", [config]);
  const node = new TestProcess(BITCOIND, ["-regtest", `-datadir=${folder}`, `-conf=${config}`, "-listen=0"], {});
  // Opens when the node has, which then waits for what it says.
  const writer = await open(config, "w");
  node.child.kill("SIGTERM");
  await writer.writeFile(`[regtest]\nrpcport=${port}\n`);
  await writer.close();
  expect(await node.exit()).toMatchObject({ code: 0, signal: null, stderr: "" });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { ADDRESS, BITCOIN_CLI, BITFLEET, eventually, run, TestProcess, temporaryFolder } from "./test-node.ts";

test("bitfleet startnode runs a miner, and bitfleet printchain prints what it has made, from the tip to the first block", async () => {
  const folder = temporaryFolder();
  const rpcPort = await freePort();
  const env = {
    HOME: folder,
    NODE_ADDR: `127.0.0.1:${await freePort()}`,
    MINING_FIRST_BLOCKS: "105",
    MINING_INTERVAL_SECONDS: "100000",
  };
  const options = [`-datadir=${folder}`, `-rpcport=${rpcPort}`];
  const node = new TestProcess(BITFLEET, ["startnode", "yes", "no", "local", ...options, "--", ADDRESS], { env });
  const call = async (...words: readonly string[]) => {
    const exit = await run(BITCOIN_CLI, ["-regtest", "-rpcclienttimeout=120", ...options, ...words]);
    if (exit.code !== 0) throw new Error(exit.stderr + node.stderr);
    return exit.stdout.trim();
  };
  await eventually(async () => {
    if (node.child.exitCode !== null) throw new Error(`the node ended while starting: ${node.stderr}`);
    return (await call("getblockcount").catch(() => "")) === "105" || undefined;
  }).catch(async (error) => {
    throw new Error(`${error}\n${node.stderr}\n${node.stdout}\n${await call("getblockchaininfo").catch(String)}`);
  });
  const tip = await call("getbestblockhash");

  const place = ["--data", folder, "--rpc-port", String(rpcPort)];
  const whole = await run(BITFLEET, ["printchain", ...place]);
  expect(whole).toMatchObject({ code: 0, stderr: "" });
  const heights = [...whole.stdout.matchAll(/^Block (\d+) {2}([0-9a-f]{64})$/gm)];
  expect(heights.map(([, height]) => Number(height))).toEqual(Array.from({ length: 106 }, (_, index) => 105 - index));
  expect(heights[0]![2]).toBe(tip);
  const [first] = whole.stdout.split("\n\n");
  expect(first).toMatch(
    new RegExp(
      `^Block 105 {2}${tip}\n {2}\\d{4}-\\S+Z, 1 tx, \\d+ bytes, bits 207fffff\n {2}[0-9a-f]{64}\n {4}in {2}new coins and fees\n {4}out 50\\.00000000 BTC {2}${ADDRESS}\n`,
    ),
  );
  expect(whole.stdout).toMatch(/Block 0 .*\n.*\n.*\n.*\n {4}out 50\.00000000 BTC {2}pubkey\n\n$/);
  const two = await run(BITFLEET, ["printchain", ...place, "--count", "2"]);
  expect([...two.stdout.matchAll(/^Block (\d+)/gm)].map(([, height]) => height)).toEqual(["105", "104"]);
  // In the node's container nothing has to be said but the port, which is another one on this machine.
  const inside = { NODE_IS_MINER: "yes", NODE_NETWORK: "regtest", NODE_DATA_DIR: folder, HOME: folder };
  const words = ["printchain", "--rpc-port", String(rpcPort), "--count", "2"];
  expect((await run(BITFLEET, words, { env: inside })).stdout).toBe(two.stdout);
  const rpc = ["rpc", `-rpcport=${rpcPort}`, "getbestblockhash"];
  expect((await run(BITFLEET, rpc, { env: inside })).stdout).toBe(`${tip}\n`);

  // Who has read enough goes away, and nothing is left behind.
  const reader = spawn("sh", ["-c", `"${BITFLEET}" printchain ${place.join(" ")} | head -1`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [output, errors] = ["", ""];
  reader.stdout.on("data", (text) => {
    output += text;
  });
  reader.stderr.on("data", (text) => {
    errors += text;
  });
  await once(reader, "close");
  expect([output, errors]).toEqual([`Block 105  ${tip}\n`, ""]);

  node.child.kill("SIGTERM");
  expect(await node.exit()).toMatchObject({ code: 0, stderr: "" });
  expect((await run(BITFLEET, ["printchain", "--data", join(folder, "nowhere")])).stderr).toMatch(
    /^Error: No network is running/,
  );
});

test("an input shows what it spends; a block that was pruned ends the print", async () => {
  const folder = temporaryFolder();
  const rpcPort = await freePort();
  const env = { HOME: folder, NODE_ADDR: `127.0.0.1:${await freePort()}`, WALLET_FILE: "own" };
  const options = [`-datadir=${folder}`, `-rpcport=${rpcPort}`];
  const node = new TestProcess(
    BITFLEET,
    ["startnode", "no", "no", "local", "-fastprune", "-prune=1", "-fallbackfee=0.0001", ...options],
    { env },
  );
  const call = async (...words: readonly string[]) => {
    const exit = await run(BITCOIN_CLI, ["-regtest", "-rpcclienttimeout=120", ...options, ...words]);
    if (exit.code !== 0) throw new Error(exit.stderr + node.stderr);
    return exit.stdout.trim();
  };
  await eventually(async () => {
    if (node.child.exitCode !== null) throw new Error(`the node ended while starting: ${node.stderr}`);
    return (await call("getblockcount").catch(() => "")) === "0" || undefined;
  });
  const own = await call("getnewaddress");
  await call("generatetoaddress", "101", own);
  await call("generatetoaddress", "700", ADDRESS);
  const txid = await call("sendtoaddress", ADDRESS, "7");
  await call("generatetoaddress", "300", ADDRESS);
  const pruned = Number(await call("pruneblockchain", "600"));
  expect(pruned).toBeGreaterThan(0);
  const { stdout, code } = await run(BITFLEET, ["printchain", "--data", folder, "--rpc-port", String(rpcPort)]);
  expect(code).toBe(0);
  const payment = stdout.slice(stdout.indexOf(`  ${txid}\n`)).split("\n\n")[0]!;
  expect(payment).toMatch(new RegExp(`^ {2}${txid}\n {4}in {2}50\\.00000000 BTC {2}${own} {2}[0-9a-f]{64}:0\n`));
  expect(payment).toContain(`out 7.00000000 BTC  ${ADDRESS}`);
  expect(stdout).toMatch(/\n\nThe blocks below are pruned\.\n$/);
  expect(stdout).toContain(`Block ${pruned + 1} `);
  expect(stdout).not.toContain(`Block ${pruned} `);
  node.child.kill("SIGTERM");
  expect(await node.exit()).toMatchObject({ code: 0, stderr: "" });
});

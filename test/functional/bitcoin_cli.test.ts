import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { ADDRESS, BITCOIN_CLI, BITCOIND, run, TestNode, TestProcess, temporaryFolder } from "./test-node.ts";

describe("bitcoin-cli", () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start();
  });
  afterAll(async () => {
    expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
  });
  const cli = (...args: string[]) => run(BITCOIN_CLI, [...node.cliArguments, ...args]);

  test("prints numbers and text plainly, objects with two spaces", async () => {
    expect(await cli("getblockcount")).toMatchObject({ code: 0, stdout: "0\n", stderr: "" });
    const hash = (await cli("getblockhash", "0")).stdout;
    expect(hash).toMatch(/^[0-9a-f]{64}\n$/);
    const header = (await cli("getblockheader", hash.trim())).stdout;
    expect(header).toMatch(/^\{\n {2}"hash": "[0-9a-f]{64}",\n {2}"confirmations": 1,\n/);
    expect((await cli("getblockheader", hash.trim(), "false")).stdout).toMatch(/^[0-9a-f]{160}\n$/);
  });

  test("shows the node at a glance", async () => {
    const info = await cli("-getinfo");
    expect(info).toMatchObject({ code: 0, stderr: "" });
    expect(info.stdout).toMatch(/^Chain: regtest\nBlocks: \d+\nHeaders: \d+\nVerification progress: /);
    expect(info.stdout).toMatch(/\n\nWarnings: \(none\)\n$/);
    expect((await cli("-getinfo", "-color=always")).stdout).toContain("\x1b[34mChain: regtest\x1b[0m\n");
    expect((await cli("-getinfo", "word")).stderr).toBe("error: -getinfo takes no arguments\n");
  });

  test("takes parameters by place and by name", async () => {
    const placed = JSON.parse((await cli("generatetoaddress", "2", ADDRESS)).stdout) as string[];
    expect(placed).toHaveLength(2);
    const named = await cli("-named", "generatetoaddress", "nblocks=1", `address=${ADDRESS}`);
    expect(JSON.parse(named.stdout)).toHaveLength(1);
    const mixed = await cli("-named", "generatetoaddress", "1", `address=${ADDRESS}`);
    expect(JSON.parse(mixed.stdout)).toHaveLength(1);
    expect((await cli("getblockcount")).stdout).toBe("4\n");
  });

  test("generates to a wallet, shows wallets at a glance, and reads a passphrase from standard input", async () => {
    expect((await cli("-generate")).code).toBe(18);
    await cli("createwallet", "first");
    const made = JSON.parse((await cli("-generate", "2")).stdout) as { address: string; blocks: string[] };
    expect(made.blocks).toHaveLength(2);
    expect(made.address).toMatch(/^bcrt1q/);
    expect((await cli("-generate", "0")).stderr).toContain("must be an integer value greater than zero");
    expect((await cli("-generate", "1", "2", "3")).stderr).toContain("too many arguments (maximum 2");
    expect((await cli("-getinfo")).stdout).toMatch(
      /\n\nWallet: first\nKeypool size: \d{4}\nBalance: 0.00000000\n\nWarnings/,
    );
    await cli("-named", "createwallet", "wallet_name=second one", "passphrase=secret words");
    const both = (await cli("-getinfo")).stdout;
    expect(both).toContain("\n\nBalances\n0.00000000 first\n0.00000000 second one\n\nWarnings");
    const second = [...node.cliArguments, "-rpcwallet=second one"];
    expect((await run(BITCOIN_CLI, [...second, "-getinfo"])).stdout).toContain("Unlocked until: 0\n");
    const unlock = [...second, "-stdinwalletpassphrase", "walletpassphrase", "60"];
    expect((await run(BITCOIN_CLI, unlock, { input: "wrong\n" })).code).toBe(14);
    expect(await run(BITCOIN_CLI, unlock, { input: "secret words\n" })).toMatchObject({ code: 0, stderr: "" });
    expect((await run(BITCOIN_CLI, unlock, { input: "" })).stderr).toContain("failed to read from standard input");
    const misused = await run(BITCOIN_CLI, [...second, "-stdinwalletpassphrase", "getbalance"], { input: "x\n" });
    expect(misused.stderr).toContain("only applicable for walletpassphrase(change)");
    for (const name of ["first", "second one"]) await cli("unloadwallet", name);
  });

  test.each([
    ["arguments", ["-stdin", "getblockhash"], "0\n"],
    ["the method too", ["-stdin"], "getblockhash\n0\n"],
    ["the method and named arguments", ["-named", "-stdin"], "getblockhash\nheight=0"],
  ])("reads %s from standard input", async (_what, args, input) => {
    const exit = await run(BITCOIN_CLI, [...node.cliArguments, ...args], { input });
    expect(exit.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(exit.code).toBe(0);
  });

  test("prints errors on stderr and ends with their number", async () => {
    expect(await cli("getblockhash", "99999")).toMatchObject({
      code: 8,
      stdout: "",
      stderr: "error code: -8\nerror message:\nBlock height out of range\n",
    });
    expect(await cli("nosuchmethod")).toMatchObject({
      code: 32601 % 256,
      stderr: "error code: -32601\nerror message:\nMethod not found\n",
    });
    expect(await cli("getblockhash", "x")).toMatchObject({ code: 1, stderr: "error: Error parsing JSON: x\n" });
    expect(await cli()).toMatchObject({ code: 1, stderr: "error: too few parameters (need at least command)\n" });
    expect((await cli("-foo", "getblockcount")).stderr).toBe(
      "Error: Error parsing command line arguments: Invalid parameter -foo\n",
    );
  });

  test("says where nobody answers, and what a wrong password is", async () => {
    const port = await freePort();
    const nobody = await run(BITCOIN_CLI, [
      "-regtest",
      `-datadir=${node.dataDir}`,
      `-rpcport=${port}`,
      "getblockcount",
    ]);
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain(`communicate with server 127.0.0.1:${port} (Could not connect to the server)`);
    const wrong = await cli("-rpcuser=me", "-rpcpassword=wrong", "getblockcount");
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("Incorrect rpcuser or rpcpassword") });
  });

  test.each([
    ["-rpccookiefile=nowhere", "Failed to read cookie file and no rpcpassword was specified."],
    ["-norpccookiefile", "Cookie file was disabled via -norpccookiefile and no rpcpassword was specified."],
    ["-rpccookiefile=debug.log", "Cookie file credentials were invalid and no rpcpassword was specified."],
  ])("says of %s what is wrong with the cookie", async (option, message) => {
    const refused = await cli(option, "getblockcount");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`Authorization failed: ${message}`) });
  });

  test("reads port and password from bitcoin.conf", async () => {
    const folder = temporaryFolder();
    const text = `regtest=1\n[regtest]\nrpcport=${await freePort()}\nrpcuser=me\nrpcpassword=pass\nlisten=0\n`;
    writeFileSync(join(folder, "bitcoin.conf"), text);
    const other = new TestProcess(BITCOIND, [`-datadir=${folder}`, "-printtoconsole=0"]);
    const waited = await run(BITCOIN_CLI, [`-datadir=${folder}`, "-rpcwait", "-rpcwaittimeout=90", "getblockcount"]);
    expect(waited).toMatchObject({ code: 0, stdout: "0\n" });
    expect((await run(BITCOIN_CLI, [`-datadir=${folder}`, "stop"])).stdout).toBe("Bitfleet stopping\n");
    expect(await other.exit()).toMatchObject({ code: 0, stderr: "" });
  });

  test("gives -rpcwait up in time", async () => {
    const exit = await run(BITCOIN_CLI, [
      "-regtest",
      `-datadir=${temporaryFolder()}`,
      `-rpcport=${await freePort()}`,
      "-rpcwait",
      "-rpcwaittimeout=1",
      "getblockcount",
    ]);
    expect(exit.stderr).toMatch(/^error: timeout on transient error: Error while attempting to communicate/);
    expect(exit.code).toBe(1);
  });
});

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { ContainerNode, type Variables } from "./container-node.ts";
import { BITFLEET, eventually, run, temporaryFolder } from "./test-node.ts";

/** Blocks that the first miner makes at once: the first reward can be spent then. */
const FIRST_BLOCKS = 101;
const REWARD = 50;

describe("a network of containers, from their variables alone", () => {
  const folder = temporaryFolder();
  const envFile = join(folder, ".env");
  const phraseFile = join(folder, "phrase");
  let secrets: Variables;
  beforeAll(async () => {
    const made = await run(BITFLEET, ["secrets", "--format", "env", "--out", envFile]);
    expect(made).toMatchObject({ code: 0, stdout: `Written to ${envFile}.\n` });
    expect(made.stderr).toMatch(/^TREASURY_MNEMONIC is the treasury: /);
    const lines = readFileSync(envFile, "utf8").trimEnd().split("\n");
    secrets = Object.fromEntries(lines.map((line) => /^(\w+)='(.*)'$/.exec(line)!.slice(1)));
    writeFileSync(phraseFile, secrets.TREASURY_MNEMONIC!);
  });

  test("secrets are their owner's alone, and are not overwritten", async () => {
    expect(statSync(envFile).mode & 0o777).toBe(0o600);
    const before = readFileSync(envFile, "utf8");
    expect(await run(BITFLEET, ["secrets", "--out", envFile])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: `Error: ${envFile} is there already, and is not overwritten: it may hold a treasury. Name another file with --out.\n`,
    });
    expect(readFileSync(envFile, "utf8")).toBe(before);
    const other = (...words: readonly string[]) => run(BITFLEET, ["secrets", ...words]);
    expect((await other()).stdout).toMatch(
      /^apiVersion: v1\nkind: Secret\n.*namespace: "blockchain".*MINER_ADDRESS: "bcrt1q/s,
    );
    expect((await other("--network", "main", "--namespace", "b2")).stdout).toMatch(/namespace: "b2".*"bc1q/s);
    expect((await other("--network", "moon")).code).toBe(1);
    expect((await other("--namespace", "Not_A_Name")).stderr).toContain("small letters, digits and dashes");
  });

  test("miners in a chain, a wallet from the phrase before and after the blocks, and its balance through a web server", async () => {
    const [peerPort, walletPort, pagePort] = [await freePort(), await freePort(), await freePort()];
    const treasury = {
      NODE_CONNECT_NODES: `127.0.0.1:${peerPort}`,
      WALLET_FILE: "treasury",
      WALLET_MNEMONIC_FILE: phraseFile,
      WALLET_API_BIND: `127.0.0.1:${walletPort}`,
      BITCOIN_API_WALLET_KEY: secrets.BITCOIN_API_WALLET_KEY!,
    };
    const mining = {
      NODE_IS_MINER: "yes",
      NODE_MINING_ADDRESS: secrets.MINER_ADDRESS!,
      // Nothing but the first blocks while the test looks.
      MINING_INTERVAL_SECONDS: "100000",
      MINING_FIRST_BLOCKS: String(FIRST_BLOCKS),
      POD_NAMESPACE: "blockchain",
    };
    const early = await ContainerNode.start(temporaryFolder(), treasury);
    await early.atHeight(0);
    const first = await ContainerNode.start(temporaryFolder(), {
      ...mining,
      POD_NAME: "miner-0",
      NODE_ADDR: `127.0.0.1:${peerPort}`,
    });
    await first.atHeight(FIRST_BLOCKS);
    // Each look waits a moment for the answer, and is repeated, as an engine for containers does it.
    const healthy = (...words: readonly string[]) =>
      eventually(async () => {
        const exit = await first.health(...words);
        return exit.code === 0 ? exit : undefined;
      });
    expect(await healthy()).toEqual({ code: 0, signal: null, stdout: "ready\n", stderr: "" });
    expect((await healthy("--live")).stdout).toBe("alive\n");

    const second = await ContainerNode.start(temporaryFolder(), {
      ...mining,
      POD_NAME: "miner-1",
      NODE_CONNECT_NODES: `127.0.0.1:${peerPort}`,
    });
    const late = await ContainerNode.start(temporaryFolder(), { ...treasury, WALLET_API_BIND: "" });
    const web = await ContainerNode.start(
      temporaryFolder(),
      {
        NODE_IS_WEB_SERVER: "yes",
        NODE_CONNECT_NODES: `127.0.0.1:${peerPort}`,
        BITCOIN_API_WALLET_KEY: secrets.BITCOIN_API_WALLET_KEY!,
        WALLET_NODE_URL: `http://127.0.0.1:${walletPort}`,
        WALLET_NODE_KEY: secrets.BITCOIN_API_WALLET_KEY!,
      },
      [`-webport=${pagePort}`],
    );
    for (const node of [early, second, late, web]) await node.atHeight(FIRST_BLOCKS);
    expect(await second.call("getblockcount")).toBe(FIRST_BLOCKS);

    const immature = (FIRST_BLOCKS - 1) * REWARD;
    for (const node of [early, late]) {
      const balances = await eventually(async () => {
        const { mine } = await node.call<{ mine: Record<string, number> }>("getbalances");
        return mine.immature === immature ? mine : undefined;
      });
      expect(balances).toMatchObject({ trusted: REWARD, immature, untrusted_pending: 0 });
      expect(await node.call("getaddressinfo", secrets.MINER_ADDRESS!)).toMatchObject({ ismine: true, solvable: true });
      // What the wallet itself would mine to.
      expect(await node.call("getaddressesbylabel", "mining")).toEqual({
        [secrets.MINER_ADDRESS!]: { purpose: "receive" },
      });
    }
    const through = async (key: string) => {
      const reply = await fetch(`http://127.0.0.1:${pagePort}/api/wallet/balance`, { headers: { "X-API-Key": key } });
      return { status: reply.status, body: (await reply.json()) as { data: Record<string, unknown> } };
    };
    expect(await through(secrets.BITCOIN_API_WALLET_KEY!)).toMatchObject({ status: 200, body: { success: true } });
    expect(JSON.stringify((await through(secrets.BITCOIN_API_WALLET_KEY!)).body.data)).toContain(String(REWARD * 1e8));
    expect((await through("0123456789abcdef0123")).status).toBe(401);
    for (const node of [web, late, second, first, early])
      expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
    for (const node of [web, late, second, first, early]) {
      expect(node.process.stdout).not.toContain(secrets.TREASURY_MNEMONIC!.split(" ").slice(0, 3).join(" "));
      expect(node.process.stdout).not.toContain(secrets.BITCOIN_API_WALLET_KEY!);
    }
  });
});

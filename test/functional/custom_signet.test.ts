import { expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { BITCOIN_CLI, BITCOIND, BITFLEET, eventually, run, TestProcess, temporaryFolder } from "./test-node.ts";

/** The key of these tests' signets, and of nothing else. */
const WIF = "cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA";
const ADDRESS = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";
const BLOCKS = 2;
/** A block is some millions of hashes, by chance many more, and the processor may have other work. */
const LUCK_MS = 300_000;

/** A signet node of either make, and how it is called. */
async function startSignet(program: string, args: readonly string[]) {
  const dataDir = temporaryFolder();
  const rpcPort = await freePort();
  const target = ["-signet", `-datadir=${dataDir}`, `-rpcport=${rpcPort}`];
  const quiet = ["-listen=0", "-dnsseed=0", "-fixedseeds=0", "-printtoconsole=0"];
  const node = new TestProcess(program, [...target, ...quiet, ...args]);
  const call = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await run(BITCOIN_CLI, [...target, ...words]);
    return code === 0 ? stdout.trim() : Promise.reject(new Error(stderr));
  };
  await eventually(() => call("getblockcount").catch(() => undefined));
  const stop = async () => {
    await call("stop");
    expect((await node.exit()).code).toBe(0);
  };
  return { call, stop };
}

test("a custom signet is mined in worker threads, its blocks signed, and every node with its challenge takes them", async () => {
  const miner = await startSignet(BITCOIND, [`-signetblockkey=multi(1,${WIF})`, "-miningthreads=2"]);
  const { signet_challenge: challenge } = JSON.parse(await miner.call("getmininginfo"));
  expect(challenge).toMatch(/^5121(02|03)[0-9a-f]{64}51ae$/);
  await miner.call("-named", "setminer", "pacing=continuous", `address=${ADDRESS}`);
  await eventually(async () => (Number(await miner.call("getblockcount")) >= BLOCKS ? true : undefined), LUCK_MS);
  await miner.call("setminer", "off");
  const { found, stale, hashespersec } = JSON.parse(await miner.call("getminerinfo"));
  expect(found).toBeGreaterThanOrEqual(BLOCKS);
  expect(stale).toBe(0);
  expect(hashespersec).toBeGreaterThan(0);

  const core = process.env.CORE_BITCOIND;
  if (core === undefined) console.warn("custom_signet: Core does not look at the blocks, CORE_BITCOIND names none");
  const followers = await Promise.all(
    [BITCOIND, ...(core === undefined ? [] : [core])].map((program) =>
      startSignet(program, [`-signetchallenge=${challenge}`]),
    ),
  );
  // The same blocks break the rules of a signet with another key.
  const stranger = await startSignet(BITCOIND, [`-signetchallenge=5121${"02".repeat(33)}51ae`]);
  for (let height = 1; height <= BLOCKS; height++) {
    const block = await miner.call("getblock", await miner.call("getblockhash", `${height}`), "0");
    for (const follower of followers) expect(await follower.call("submitblock", block)).toBe("");
    if (height === 1) expect(await stranger.call("submitblock", block)).toBe("bad-signet-blksig");
  }
  for (const { call } of followers) expect(await call("getblockcount")).toBe(`${BLOCKS}`);
  for (const { stop } of [miner, ...followers, stranger]) await stop();
}, 600_000);

test("bitfleet up --signet begins one, goes on with it, and makes none of a regtest network", async () => {
  const folder = temporaryFolder();
  const [port, rpcPort] = [await freePort(), await freePort()];
  const args = ["up", `--data=${folder}`, `--port=${port}`, `--rpc-port=${rpcPort}`, "--interval=30"];
  const call = (...words: string[]) => run(BITFLEET, ["rpc", `--data=${folder}`, ...words]);
  const chainOf = async () => {
    const { code, stdout } = await call("getblockchaininfo");
    return code === 0 ? (JSON.parse(stdout) as { chain: string; signet_challenge: string; blocks: number }) : undefined;
  };
  const first = new TestProcess(BITFLEET, [...args, "--signet"]);
  const begun = await eventually(async () => {
    const info = await chainOf();
    return info !== undefined && info.blocks >= 1 ? info : undefined;
  }, LUCK_MS);
  expect(begun.chain).toBe("signet");
  first.child.kill("SIGTERM");
  expect(await first.exit()).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toContain("a private Bitcoin network (signet)");

  const second = new TestProcess(BITFLEET, args);
  const resumed = await eventually(chainOf);
  expect(resumed).toMatchObject({ chain: "signet", signet_challenge: begun.signet_challenge });
  expect(resumed.blocks).toBeGreaterThanOrEqual(begun.blocks);
  second.child.kill("SIGTERM");
  await second.exit();

  const regtest = temporaryFolder();
  const plain = ["up", `--data=${regtest}`, `--port=${port}`, `--rpc-port=${rpcPort}`, "--no-mining"];
  const third = new TestProcess(BITFLEET, plain);
  await eventually(async () => (third.stdout.includes("(regtest)") ? true : undefined));
  third.child.kill("SIGTERM");
  await third.exit();
  const refused = await run(BITFLEET, [...plain, "--signet"]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("holds a regtest network, which cannot become a signet");
}, 600_000);

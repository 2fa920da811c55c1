import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@bitfleet/api/client.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemRandom } from "../../packages/node/src/clock.ts";
import { loadMiningKey } from "../../packages/node/src/network/mining-key.ts";
import { chainOfFolder, prefixesOf } from "../../packages/node/src/network/private-chain.ts";
import { type BitfleetNetwork, startNetwork } from "../../packages/node/src/network/start-network.ts";
import { eventually, temporaryFolder } from "./test-node.ts";

/** A network mines to the wallet `miner` of its first miner: the faucet pays from it, and web servers lead to it. */

const NOBODY = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const COIN = 100_000_000;
const ADMIN_KEY = "an-admin-key-of-this-test-alone-0123456789";

interface Balances {
  readonly mine: { readonly trusted: number; readonly untrusted_pending: number; readonly immature: number };
}

const balancesOf = async (network: BitfleetNetwork) =>
  (await network.node("miner-0").rpc<Balances>("getbalances")).mine;

/** Less than it has by a coin at most, for the fee: it takes all coins. */
const allButSome = ({ trusted }: Balances["mine"]) => (Math.ceil(trusted) - 1) * COIN;

/** What the chain itself says that the wallet's addresses have, rewards that are too young included. */
async function coinsInChain(network: BitfleetNetwork): Promise<number> {
  const node = network.node("miner-0");
  const { descriptors } = await node.rpc<{ descriptors: { desc: string; range?: [number, number] }[] }>(
    "listdescriptors",
  );
  const objects = descriptors.map(({ desc, range }) => (range === undefined ? desc : { desc, range }));
  return (await node.rpc<{ total_amount: number }>("scantxoutset", "start", objects)).total_amount;
}

/** Everything is confirmed: the wallet has what the chain has. */
async function expectTruth(network: BitfleetNetwork): Promise<void> {
  const { trusted, untrusted_pending, immature } = await balancesOf(network);
  expect(untrusted_pending).toBe(0);
  expect(trusted + immature).toBeCloseTo(await coinsInChain(network), 8);
}

describe("over a web server", () => {
  let network: BitfleetNetwork;
  let api: ReturnType<typeof createClient>;
  beforeAll(async () => {
    network = await startNetwork({ miners: 2, webservers: 1, adminKey: ADMIN_KEY });
    api = createClient({ baseUrl: network.node("webserver-0").webUrl!, apiKey: ADMIN_KEY, timeoutMs: 60_000 });
    await network.mine(102);
  });
  afterAll(() => network.stop());

  test("the wallet of the first miner gives an address, tells what it has, and pays", async () => {
    expect(await api.walletInfo({})).toMatchObject({ name: "miner", is_own: true, block_height: 102 });
    const { address } = await api.newWalletAddress({ label: "rent" });
    expect(await network.node("miner-0").rpc("getaddressinfo", address)).toMatchObject({
      ismine: true,
      labels: ["rent"],
    });
    const before = await api.walletBalance({});
    expect(before).toMatchObject({ confirmed: 100 * COIN });
    const paid = await api.sendFromWallet({ to_address: NOBODY, amount: COIN, feerate: 2 });
    await network.waitForSync();
    await eventually(async () => ((await mempoolOf("miner-1")).includes(paid.txid!) ? true : undefined));
    // From the other miner: the wallet hears of it as of anything else.
    await network.mine(1, "miner-1");
    const after = await api.walletTransaction({ txid: paid.txid! });
    expect(after).toMatchObject({ confirmations: 1 });
    await expectTruth(network);
  });

  const mempoolOf = (name: string) => network.node(name).rpc<string[]>("getrawmempool");

  test("nobody gets there without a key, nor past the web server without the network's own", async () => {
    const url = network.node("webserver-0").webUrl!;
    for (const headers of [{}, { "x-api-key": "another" }]) {
      expect((await fetch(`${url}/api/wallet/info`, { headers })).status).toBe(401);
    }
    expect(network.node("miner-0").webUrl).toBeUndefined();
  });

  test("after a revert and after a reorganisation the wallet has what the chain has, and can spend it", async () => {
    await expectTruth(network);
    const before = await balancesOf(network);
    await network.snapshot("before");
    await network.faucet(NOBODY, 20n * BigInt(COIN));
    await network.mine(3);
    await network.faucet(NOBODY, 30n * BigInt(COIN));
    await network.revert("before");
    // The wallet follows the mempool in its own time.
    await expect.poll(() => balancesOf(network), { timeout: 60_000 }).toEqual(before);
    await expectTruth(network);
    // All coins are free again: the payments that are no more hold none.
    const { txid } = await network.faucet(NOBODY, allButSome(before), { mine: 1 });
    expect(await network.node("miner-0").rpc("gettransaction", txid)).toMatchObject({ confirmations: 1 });
    await expectTruth(network);

    await network.reorg(2);
    expect(await network.node("miner-1").rpc("gettxout", txid, 0)).not.toBeNull();
    // Most wallets' payments are locked to the height of their making, and wait once more.
    await network.mine(1);
    await expectTruth(network);
    expect(await network.node("miner-1").rpc("gettxout", txid, 0, false)).not.toBeNull();
  });

  test("a reorganisation loses no payment that is locked to the height of its making, as wallets' are, whether a block had it or not", async () => {
    const node = network.node("miner-0");
    const address = await node.rpc<string>("getnewaddress");
    const payLocked = async () => {
      const raw = await node.rpc<string>(
        "createrawtransaction",
        [],
        [{ [address]: 1 }],
        await node.rpc("getblockcount"),
      );
      const { hex } = await node.rpc<{ hex: string }>("fundrawtransaction", raw, { fee_rate: 2 });
      const signed = await node.rpc<{ hex: string }>("signrawtransactionwithwallet", hex);
      return node.rpc<string>("sendrawtransaction", signed.hex);
    };
    await network.mine(100);
    const confirmed = await payLocked();
    await network.mine(1);
    const waiting = await payLocked();
    await network.reorg(3);
    for (const name of ["miner-0", "webserver-0"])
      await expect
        .poll(() => mempoolOf(name), { timeout: 60_000 })
        .toEqual(expect.arrayContaining([confirmed, waiting]));
    await network.mine(1);
    await network.waitForSync();
    for (const txid of [confirmed, waiting])
      expect(await node.rpc("gettransaction", txid)).toMatchObject({ confirmations: 1 });
    await expectTruth(network);
  });

  test("the faucet under a partition pays on its side, and says so on the other", async () => {
    await network.mine(5);
    await network.partition("miner-0 | miner-1,webserver-0");
    await network.faucet(NOBODY, COIN, { mine: 1 });
    await expect(network.faucet(NOBODY, COIN, { node: "miner-1" })).rejects.toThrow(
      "miner-1 is parted from miner-0, which pays; heal the network first.",
    );
    const asked = api.faucet({ address: NOBODY, sats: COIN, node: "webserver-0" });
    await expect(asked).rejects.toMatchObject({ status: 409 });
    await network.heal();
    await network.faucet(NOBODY, COIN, { node: "miner-1", mine: 1 });
    await expectTruth(network);
  });
});

test("a network of an earlier version mines on to its key, whose coins come into the wallet", async () => {
  const folder = temporaryFolder();
  const elsewhere = temporaryFolder();
  const chain = chainOfFolder(elsewhere, { isSignet: false, blockTimeSeconds: 1, isBegun: false }, systemRandom);
  const key = loadMiningKey(elsewhere, prefixesOf(chain), systemRandom);
  const at = { dataDir: folder, miners: 2 };
  {
    await using network = await startNetwork({ ...at, miningAddress: key.address });
    await network.mine(110);
    await expect(network.faucet(NOBODY, COIN)).rejects.toThrow(
      `The network mines to ${key.address}, which is no address of its wallet: the faucet has nothing to pay from.`,
    );
    expect(await balancesOf(network)).toMatchObject({ trusted: 0, immature: 0 });
  }
  // As it was left: a key, and no wallet.
  rmSync(join(folder, "miner-0", "regtest", "wallets"), { recursive: true });
  writeFileSync(join(folder, "mining-key.json"), JSON.stringify({ address: key.address, wif: key.wif }));
  for (const start of [1, 2]) {
    await using network = await startNetwork(at);
    const [hash] = await network.mine(1, "miner-1");
    const block = await network
      .node("miner-0")
      .rpc<{ tx: { vout: { scriptPubKey: object }[] }[] }>("getblock", hash, 2);
    expect(block.tx[0]!.vout[0]!.scriptPubKey).toMatchObject({ address: key.address });
    const { trusted } = await balancesOf(network);
    expect(trusted).toBeGreaterThan(450);
    // More than one reward, so several of the old coins.
    const { txid } = await network.faucet(NOBODY, 120 * COIN, { mine: 1 });
    expect(await network.node("miner-0").rpc("gettransaction", txid)).toMatchObject({ confirmations: 1 });
    await expectTruth(network);
    const { descriptors } = await network.node("miner-0").rpc<{ descriptors: { desc: string }[] }>("listdescriptors");
    expect(
      descriptors.filter(({ desc }) => !desc.includes("/*")),
      `start ${start}`,
    ).toHaveLength(1);
  }
});

test("while the first miner is down the faucet says so, and a revert reaches its wallet when it is back", async () => {
  const folder = temporaryFolder();
  await using network = await startNetwork({ miners: 2, webservers: 1, mode: "processes", dataDir: folder });
  await network.mine(103);
  const before = await balancesOf(network);
  await network.snapshot("base");
  const lost = await network.faucet(NOBODY, 60 * COIN);
  const first = network.node("miner-0");
  first.kill();
  await expect(network.faucet(NOBODY, COIN)).rejects.toThrow(
    'miner-0, whose wallet the faucet pays from, does not answer; see "bitfleet status".',
  );
  const back = () => eventually(() => first.rpc("getblockcount").catch(() => undefined));
  await back();
  await network.mine(2);
  for (let round = 0; round < 2; round++) {
    await network.faucet(NOBODY, 10 * COIN);
    first.kill();
    await network.revert("base");
    await back();
    await eventually(async () => ((await first.rpc<string[]>("getrawmempool")).length === 0 ? true : undefined));
    await network.waitForSync();
    await eventually(async () => {
      const now = await balancesOf(network);
      return now.trusted === before.trusted && now.immature === before.immature ? true : undefined;
    });
    await expect
      .poll(() => first.rpc("gettransaction", lost.txid), { timeout: 60_000 })
      .toMatchObject({ confirmations: 0, details: [{ abandoned: true }] });
    await network.faucet(NOBODY, allButSome(before), { mine: 1 });
  }
});

import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BitfleetNetwork, startNetwork } from "../../packages/node/src/network/start-network.ts";
import { SeededRandom } from "../differential/random.ts";
import { EventFollower } from "./event-follower.ts";
import { eventually } from "./test-node.ts";

/**
 * A client follows chain, mempool and an address over two web servers that are killed, restarted and left behind, while blocks come
 * and are replaced: with its cursor it knows in the end what is true. Set SEED and ROUNDS to see other lives.
 */
const seed = Number(process.env.SEED ?? 1);
const roundCount = Number(process.env.ROUNDS ?? 6);

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const WEB = ["webserver-0", "webserver-1"] as const;
const SATS = 100_000;

let network: BitfleetNetwork;
beforeAll(async () => {
  network = await startNetwork({ miners: 1, webservers: 2, mode: "processes" });
  await network.mine(110);
});
afterAll(() => network.stop());

const ask =
  <Data>(name: string, path: string) =>
  async (): Promise<Data | undefined> => {
    const reply = await fetch(`${network.node(name).webUrl}/api/v1${path}`).catch(() => undefined);
    return reply?.ok ? ((await reply.json()) as { data: Data }).data : undefined;
  };

/** What is true of the chain, the mempool and the address, by the node's own JSON-RPC and a pass over all coins. */
async function truthOf(name: string) {
  const node = network.node(name);
  const best = await node.rpc<string>("getbestblockhash");
  const height = await node.rpc<number>("getblockcount");
  const waiting = (await node.rpc<string[]>("getrawmempool")).toSorted();
  const scan = await node.rpc<{ total_amount: number }>("scantxoutset", "start", [`addr(${ADDRESS})`]);
  return { best, height, waiting, confirmed: Math.round(scan.total_amount * 1e8) };
}

test("what a client was told is what is true", { timeout: 600_000 }, async () => {
  const random = new SeededRandom(seed);
  const hashes: string[] = [];
  for (let height = 0; height <= 110; height++) hashes.push(await network.node(WEB[0]).rpc("getblockhash", height));
  const follower = new EventFollower(ADDRESS, hashes);
  const isUp = (name: string) => eventually(async () => (await ask(name, "/blockchain")()) && true);
  let isOn = 0;
  const connect = async () => {
    isOn = random.below(2);
    await isUp(WEB[isOn]!);
    await follower.connect(network.node(WEB[isOn]!).webUrl!, random.oneIn(2));
  };
  await connect();
  const change = async () => {
    const kind = random.below(10);
    if (kind < 4)
      await network.faucet(ADDRESS, SATS, random.oneIn(3) ? { mine: 1, node: "miner-0" } : { node: "miner-0" });
    else if (kind < 7) await network.mine(1 + random.below(4));
    else await network.reorg(1 + random.below(5));
  };
  for (let round = 0; round < roundCount; round++) {
    for (let count = random.below(4); count > 0; count--) await change();
    const kind = random.below(5);
    const killed = [WEB[isOn]!, WEB[1 - isOn]!][kind];
    if (killed !== undefined) network.node(killed).kill();
    if (kind === 2) await network.restart(WEB[isOn]!);
    follower.disconnect(kind === 3 ? random.below(4) : 0);
    if (kind === 4) {
      // One of them is behind, or on a branch of its own that nobody else will ever have seen.
      await network.partition([["miner-0", WEB[0]], [WEB[1]]]);
      await network.mine(1 + random.below(3));
      await connect();
      follower.disconnect();
      await network.heal();
    } else for (let count = random.below(3); count > 0; count--) await change();
    // The wait after a crash grows with each; the operator's word ends it.
    if (killed !== undefined && round % 3 === 2) await network.restart(killed);
    await eventually(async () => (network.nodes.every(({ state }) => state === "running") ? true : undefined));
    await Promise.all(WEB.map(isUp));
    await network.waitForSync();
    await connect();
    await settles(follower, WEB[isOn]!, `seed ${seed}, round ${round}, kind ${kind}`);
  }
  follower.disconnect();
});

/** After a gap the client asks for what no chain has, as it is told to. */
async function askAnew(follower: EventFollower, name: string): Promise<void> {
  if (follower.missed.has("transactions")) {
    const page = await eventually(ask<{ items: { txid: string }[] }>(name, "/transactions/mempool?limit=100"));
    follower.waiting = new Set(page.items.map(({ txid }) => txid));
  }
  if (follower.missed.has("address")) {
    type Item = { txid: string; value: number; is_confirmed: boolean };
    const page = await eventually(ask<{ items: Item[] }>(name, `/addresses/${ADDRESS}/history?limit=100`));
    follower.seen.clear();
    for (const { txid, value, is_confirmed } of page.items) if (!is_confirmed) follower.seen.set(txid, value);
  }
  follower.missed.clear();
}

async function settles(follower: EventFollower, name: string, label: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  let told: unknown;
  let truth: unknown;
  do {
    follower.take();
    if (follower.missed.size > 0) await askAnew(follower, name);
    const { hashes } = follower.chain;
    const balance = await ask<{ confirmed: number; unconfirmed: number }>(name, `/addresses/${ADDRESS}/balance`)();
    told = {
      ...{ best: hashes.at(-1), height: hashes.length - 1, waiting: [...follower.waiting].toSorted() },
      confirmed: [...follower.confirmed.values()].reduce((sum, { value }) => sum + value, 0),
      balance: {
        confirmed: [...follower.confirmed.values()].reduce((sum, { value }) => sum + value, 0),
        unconfirmed: [...follower.seen.values()].reduce((sum, value) => sum + value, 0),
      },
    };
    truth = {
      ...(await truthOf(name)),
      balance: balance && { confirmed: balance.confirmed, unconfirmed: balance.unconfirmed },
    };
    if (isDeepStrictEqual(told, truth)) return;
    await new Promise((resume) => setTimeout(resume, 50));
  } while (performance.now() < deadline);
  expect(told, label).toEqual(truth);
}

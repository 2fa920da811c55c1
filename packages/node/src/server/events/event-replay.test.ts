import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  KEY_SCRIPT,
  ManualClock,
  mine,
  mineMany,
  mineSpending,
  NETWORK,
  submitAll,
  type Tip,
} from "../../chain/test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import {
  type EventClient,
  FollowedChain,
  hashesOf,
  openEventServer,
  SocketClient,
  SseClient,
} from "./event-test-kit.ts";

/** Clients that leave one web server and come back to another: two nodes, which know different blocks. */

const base: readonly Tip[] = spendingChain();
const ADDRESS = encodeAddress(KEY_SCRIPT, NETWORK.addressPrefixes)!;
const BLOCKS = "blocks,transactions";

let folder: string;
let here: TestNode;
let there: TestNode;
let salt = 5000;
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-replay-"));
  [here, there] = await Promise.all([openTestNode(join(folder, "a"), base), openTestNode(join(folder, "b"), base)]);
}, 60_000);

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  // Both are back where they began, whatever branch takes the place of the one that goes.
  for (const { chain } of [here, there])
    while (chain.height > base.length) await chain.invalidateBlock(chain.blockAt(base.length + 1)!.hash);
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function serverOf(node: TestNode, options: Parameters<typeof openEventServer>[1] = {}) {
  const server = await openEventServer(node, options);
  opened.push(server);
  return server;
}

function kept<Client extends EventClient>(client: Client): Client {
  opened.push(client);
  return client;
}

const root = base.at(-1)!;
const branchOf = (count: number, from: Tip = root) => mineMany(from, count, { salt: salt++ });
const text = (name: string) => (one: Tip) => `${name} ${one.height} ${displayHash(one.block.hash)}`;

/** A client of `here`, which was told of `blocks` there, and left. */
async function leftHere(blocks: readonly Tip[], topics = "blocks"): Promise<SocketClient> {
  const server = await serverOf(here);
  const client = await SocketClient.open(server.host, topics);
  await submitAll(here.chain, blocks);
  if (blocks.length > 0) await client.untilTip(blocks.at(-1)!);
  client.close();
  return client;
}

test("what another server told goes on behind the last block, and a gap names what no chain has", async () => {
  const blocks = branchOf(3);
  const client = await leftHere(blocks.slice(0, 1), "blocks");
  await submitAll(there.chain, blocks);
  const server = await serverOf(there);
  const again = kept(await SocketClient.open(server.host, "blocks,peers,mempool", client.cursor));
  await again.until(() => again.ofType("gap").length === 1);
  expect(again.events[0]).toMatchObject({ type: "hello", replay: "rebuilt", cursor: client.cursor });
  expect(again.names()).toEqual(["hello", "block-connected", "block-connected", "tip-changed", "gap"]);
  expect(again.steps()).toEqual(blocks.slice(1).map(text("connected")));
  expect(again.ofType("gap")[0]!.topics).toEqual(["peers", "mempool"]);
  const [next] = branchOf(1, blocks.at(-1));
  await submitAll(there.chain, [next!]);
  await again.untilTip(next!);
  expect(again.names().slice(5)).toEqual(["block-connected", "tip-changed"]);
});

test("a branch that both servers know is taken away block by block", async () => {
  const stale = branchOf(2);
  const client = await leftHere(stale);
  await submitAll(there.chain, stale);
  const better = branchOf(3);
  await submitAll(there.chain, better);
  const again = kept(await SseClient.open((await serverOf(there)).host, "blocks", client.cursor));
  await again.untilTip(better.at(-1)!);
  expect(again.steps()).toEqual([...[...stale].reverse().map(text("disconnected")), ...better.map(text("connected"))]);
});

test.each([1, 3, 5, 20])(
  "a branch of %i blocks that the other never saw is rewound to a common ancestor",
  async (depth) => {
    const client = await leftHere(branchOf(depth));
    const followed = new FollowedChain(hashesOf(here.chain));
    const better = branchOf(depth + 1);
    await submitAll(there.chain, better);
    const again = kept(await SocketClient.open((await serverOf(there)).host, "blocks", client.cursor));
    await again.untilTip(better.at(-1)!);
    expect(again.names()[1]).toBe("chain-rewound");
    for (const event of again.events) followed.apply(event);
    expect(followed.hashes).toEqual(hashesOf(there.chain));
  },
);

test("more blocks than a replay has, and a chain that is not known at all, begin anew at the tip", async () => {
  const client = await leftHere(branchOf(3));
  const better = branchOf(4);
  await submitAll(there.chain, better);
  const tipThere = { height: better.at(-1)!.height, hash: displayHash(better.at(-1)!.block.hash) };
  const server = await serverOf(there, { replayBlocksMax: 4 });
  const again = kept(await SocketClient.open(server.host, "blocks,miner", client.cursor));
  await again.until(() => again.ofType("gap").length === 1);
  expect(again.ofType("reset")).toMatchObject([{ ...tipThere, reason: "More than 4 blocks were missed." }]);
  const enough = await serverOf(there, { replayBlocksMax: 8 });
  const other = kept(await SocketClient.open(enough.host, "blocks", client.cursor));
  await other.untilTip(better.at(-1)!);
  expect(other.ofType("reset")).toEqual([]);
});

test("a server that is behind waits for the blocks of the cursor, and takes none of them back", async () => {
  const blocks = branchOf(2);
  const client = await leftHere(blocks);
  const clock = new ManualClock();
  const again = kept(await SocketClient.open((await serverOf(there, { clock })).host, "blocks", client.cursor));
  await submitAll(there.chain, blocks);
  const more = branchOf(1, blocks.at(-1));
  await submitAll(there.chain, more);
  await again.untilTip(more.at(-1)!);
  expect(again.steps()).toEqual(more.map(text("connected")));
});

test("where they do not come it goes back to what it has", async () => {
  const blocks = branchOf(2);
  const client = await leftHere(blocks);
  const clock = new ManualClock();
  const again = kept(await SocketClient.open((await serverOf(there, { clock })).host, "blocks", client.cursor));
  clock.elapsedMs += 5000;
  clock.ring();
  await again.untilTip(root);
  // The chain was rewound to the highest ancestor that the cursor names: two blocks below its block.
  expect(again.steps()).toEqual([`rewound ${root.height} ${displayHash(root.block.hash)}`]);
});

test("a client that left within a block gets the rest of it, here and elsewhere", async () => {
  const blocks = mineSpending(base, 2, salt++);
  const topics = `${BLOCKS},address:${ADDRESS}`;
  const client = await leftHere(blocks, topics);
  await submitAll(there.chain, blocks);
  const server = await serverOf(there);
  const told = client.events.filter(({ type }) => type !== "tip-changed").slice(1);
  const plain = (events: readonly { readonly cursor: string }[]) => events.map(({ cursor, ...rest }) => rest);
  for (const [index, { cursor }] of told.entries()) {
    const again = await SocketClient.open(server.host, topics, cursor);
    await again.until(() => again.ofType("gap").length === 1);
    const rest = again.events.filter(({ type }) => type !== "tip-changed").slice(1, -1);
    expect(plain(rest)).toEqual(plain(told.slice(index + 1)));
    again.close();
  }
});

test("blocks and reorganisations that come during a replay are told once, and in order", async () => {
  const blocks = branchOf(120);
  const client = await leftHere([]);
  const start = new FollowedChain(hashesOf(here.chain));
  await submitAll(there.chain, blocks);
  const server = await serverOf(there);
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => SocketClient.open(server.host, BLOCKS, client.cursor).then(kept)),
  );
  let last = blocks.at(-1)!;
  for (let round = 0; round < 6; round++) {
    const from = round % 2 === 0 ? last : blocks[100 + round]!;
    const branch = mineMany(from, blocks.at(-1)!.height + 3 * (round + 1) - from.height, { salt: salt++ });
    await submitAll(there.chain, branch);
    last = branch.at(-1)!;
  }
  for (const one of clients) {
    await one.untilTip(last);
    const followed = new FollowedChain(start.hashes);
    for (const event of one.events) followed.apply(event);
    expect(followed.hashes).toEqual(hashesOf(there.chain));
  }
});

test("events that came faster than they could be told are rebuilt from the chain, with a gap for the rest", async () => {
  const server = await serverOf(here, { waitingMax: 8 });
  const client = kept(await SocketClient.open(server.host, `${BLOCKS},address:${ADDRESS},miner`));
  const followed = new FollowedChain(hashesOf(here.chain));
  // Within one turn, so that nothing is told meanwhile.
  for (let count = 0; count < 20; count++) here.miner.configure({});
  const blocks = branchOf(40);
  await submitAll(here.chain, blocks);
  await here.chain.invalidateBlock(blocks[20]!.block.hash);
  const last = mine(blocks[19]!, { salt: salt++ });
  await submitAll(here.chain, [last]);
  await client.untilTip(last);
  for (const event of client.events) followed.apply(event);
  expect(followed.hashes).toEqual(hashesOf(here.chain));
  expect(client.ofType("gap").length).toBeGreaterThan(0);
  expect(client.ofType("gap")[0]!.topics).toContain("miner");
  expect(server.log.lines.join()).toContain("events were lost");
});

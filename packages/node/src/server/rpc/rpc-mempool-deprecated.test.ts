import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { input } from "@bitfleet/protocol/consensus/test-kit.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GENESIS, rewardOf, type Spendable, spendableOf } from "../../chain/test-kit.ts";
import { ANCHOR, mineAnchors } from "../../mempool/acceptance-test-kit.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";

const TIPS = mineAnchors(GENESIS, 104);

let folder: string;
let node: TestNode;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-"));
});
afterEach(async () => {
  await node.close();
  await rm(folder, { recursive: true });
});

async function send(coin: Spendable, sequence: number): Promise<Transaction> {
  const half = (coin.output.value - 1000n) / 2n;
  const outputs = [half, half].map((value) => ({ value, scriptPubKey: ANCHOR }));
  const tx = new Transaction({ version: 2, inputs: [input(coin.outPoint, { sequence })], outputs, lockTime: 0 });
  expect((await node.mempool.accept(tx)).kind).toBe("accepted");
  return tx;
}

const entryOf = async ({ txid }: Transaction) => (await node.call("getmempoolentry", [displayHash(txid)])).result;

test("answers have nothing that is going away", async () => {
  node = await openTestNode(folder, TIPS);
  const tx = await send(rewardOf(TIPS[0]!), 0xfffffffd);
  expect(await entryOf(tx)).not.toHaveProperty("bip125-replaceable");
  expect((await node.call("getmempoolinfo")).result).not.toHaveProperty("fullrbf");
});

test("with -deprecatedrpc=fullrbf it is said that replacement needs no signal, and nothing else", async () => {
  node = await openTestNode(folder, TIPS, ["fullrbf"]);
  const tx = await send(rewardOf(TIPS[0]!), 0xfffffffd);
  expect((await node.call("getmempoolinfo")).result.fullrbf).toBe(true);
  expect(await entryOf(tx)).not.toHaveProperty("bip125-replaceable");
});

test("with -deprecatedrpc=bip125 entries say whether they or an ancestor signal replacement", async () => {
  node = await openTestNode(folder, TIPS, ["bip125"]);
  const signals = await send(rewardOf(TIPS[0]!), 0xfffffffd);
  const child = await send(spendableOf(signals), 0xffffffff);
  const grandchild = await send(spendableOf(child), 0xffffffff);
  const silent = await send(rewardOf(TIPS[1]!), 0xfffffffe);
  const answers = await Promise.all([signals, child, grandchild, silent].map(entryOf));
  expect(answers.map((entry) => entry["bip125-replaceable"])).toEqual([true, true, true, false]);
  const { result } = await node.call("getrawmempool", [true]);
  expect(result[displayHash(silent.txid)]["bip125-replaceable"]).toBe(false);
});

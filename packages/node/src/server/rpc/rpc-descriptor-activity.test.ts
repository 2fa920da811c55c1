import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GENESIS, KEY_SCRIPT, rewardOf, spend, spendableOf } from "../../chain/test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";

const OURS = `raw(${toHex(KEY_SCRIPT)})`;
const OTHER_ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const tips = spendingChain();
const folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
let node: TestNode;

beforeAll(async () => {
  node = await openTestNode(folder, tips);
});
afterAll(async () => {
  await node.close();
  rmSync(folder, { recursive: true, force: true });
});

const hashAt = (height: number) => displayHash(tips[height - 1]!.block.hash);
const asked = (...params: readonly unknown[]) => node.call("getdescriptoractivity", params);

/** Type and amounts, which are enough to tell what happened. */
async function storyOf(...params: readonly unknown[]): Promise<string[]> {
  const { activity } = (await asked(...params)).result;
  return activity.map(
    ({ type, amount, height, spend_vin, prevout_vout, vout }: Record<string, unknown>) =>
      `${height ?? "waiting"}: ${type} ${amount}, ${type === "spend" ? `input ${spend_vin} of output ${prevout_vout}` : `output ${vout}`}`,
  );
}

test("what a block pays and spends, in its order", async () => {
  // One reward, split in two, which are joined again.
  expect(await storyOf([hashAt(106)], [OURS], false)).toEqual([
    "106: receive 50, output 0",
    "106: spend 50, input 0 of output 0",
    "106: receive 24.999995, output 0",
    "106: receive 24.999995, output 1",
    "106: spend 24.999995, input 0 of output 0",
    "106: spend 24.999995, input 1 of output 1",
    "106: receive 49.99998, output 0",
  ]);
});

test("an event says where it is", async () => {
  const { block } = tips[105]!;
  const [coinbase, split] = block.transactions;
  const { activity } = (await asked([hashAt(106)], [OURS], false)).result;
  const script = { hex: toHex(KEY_SCRIPT), type: "witness_v0_keyhash" };
  const place = { blockhash: hashAt(106), height: 106 };
  expect(activity[0]).toMatchObject({ ...place, txid: displayHash(coinbase!.txid), vout: 0, output_spk: script });
  expect(activity[1]).toMatchObject({
    ...place,
    spend_txid: displayHash(split!.txid),
    prevout_txid: displayHash(split!.inputs[0]!.previousOutput.txid),
    prevout_spk: script,
  });
});

test("blocks come by height, each once, and genesis has no undo data", async () => {
  const story = await storyOf([hashAt(2), displayHash(GENESIS.block.hash), hashAt(1), hashAt(2)], [OURS], false);
  expect(story).toEqual(["1: receive 50, output 0", "2: receive 50, output 0"]);
  expect(await storyOf([hashAt(1)], [`addr(${OTHER_ADDRESS})`], false)).toEqual([]);
  expect(await storyOf([], [OURS], false)).toEqual([]);
});

test("what waits spends outputs of the chain and of what waits, unless the mempool is left out", async () => {
  // The first fifteen mature rewards are spent in the chain.
  const parent = spend([rewardOf(tips[20]!)], { fee: 1000n });
  const child = spend([spendableOf(parent)], { fee: 1000n });
  for (const tx of [parent, child]) expect((await node.mempool.accept(tx)).kind).toBe("accepted");
  const expected = [
    "waiting: spend 50, input 0 of output 0",
    "waiting: receive 49.99999, output 0",
    "waiting: spend 49.99999, input 0 of output 0",
    "waiting: receive 49.99998, output 0",
  ];
  expect(await storyOf([], [OURS])).toEqual(expected);
  expect(await storyOf([], [OURS], true)).toEqual(expected);
  expect(await storyOf([], [OURS], false)).toEqual([]);
});

test("refuses what is no block of the chain, and what is no descriptor", async () => {
  const errorOf = async (...params: readonly unknown[]) => (await asked(...params)).error;
  expect(await errorOf(["00".repeat(32)], [OURS])).toEqual({ code: -5, message: "Block not found" });
  expect(await errorOf(["zz"], [OURS])).toMatchObject({ code: -8 });
  expect(await errorOf([], ["raw(zz)"])).toMatchObject({ code: -5 });
  expect(await errorOf([], [1])).toMatchObject({ code: -8 });
  const hash = hashAt(120);
  await node.call("invalidateblock", [hash]);
  expect(await errorOf([hash], [OURS])).toEqual({ code: -8, message: "Block is not in main chain" });
  await node.call("reconsiderblock", [hash]);
});

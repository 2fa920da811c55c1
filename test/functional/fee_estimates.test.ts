import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { SeededRandom } from "../differential/random.ts";
import { FeeWalk } from "./fee-walk.ts";
import { eventually, TestNode, temporaryFolder } from "./test-node.ts";

const TRANSACTIONS_A_BLOCK = 20;
const BLOCKS = 8;

/** Transactions and blocks that have all of them confirmed: enough to estimate from. */
async function makeHistory(node: TestNode): Promise<void> {
  const walk = new FeeWalk(new SeededRandom(7));
  for (const block of walk.blocks) expect(await node.call("submitblock", toHex(block.bytes))).toBeNull();
  for (let made = 0; made < BLOCKS; made++) {
    for (let sent = 0; sent < TRANSACTIONS_A_BLOCK; sent++) {
      const tx = walk.transaction(await node.call<string[]>("getrawmempool"));
      await node.call("sendrawtransaction", toHex(tx.bytes), 0).catch((error: Error) => {
        // A replacement that pays less than what it would replace.
        if (!error.message.startsWith("insufficient fee")) throw error;
      });
    }
    const block = walk.blockOfAll(await node.call<string[]>("getrawmempool"));
    expect(await node.call("submitblock", toHex(block.bytes))).toBeNull();
  }
}

const answers = async (node: TestNode) => ({
  smart: await Promise.all([1, 2, 3, 4, 1008].map((target) => node.call("estimatesmartfee", target))),
  raw: await Promise.all([1, 4, 20, 100].map((target) => node.call("estimaterawfee", target))),
});

test("estimates outlive an orderly end, and a kill as of the last hour's write", async () => {
  const folder = temporaryFolder();
  let node = await TestNode.start(folder, ["-debug=estimatefee"]);
  await makeHistory(node);
  const before = await answers(node);
  expect(before.smart[1]).toMatchObject({ feerate: expect.any(Number), blocks: 2 });
  await node.call("mockscheduler", 3600);
  await eventually(() => node.log.includes("Flushed fee estimates to ") || undefined);
  await node.signal("SIGKILL");

  node = await TestNode.start(folder);
  expect(await answers(node)).toEqual(before);
  expect((await node.stop()).code).toBe(0);

  node = await TestNode.start(folder);
  expect(await answers(node)).toEqual(before);
  await node.stop();
});

test("a node that has seen nothing advises the fallback over HTTP, marked, and has Core's error for estimatesmartfee", async () => {
  const webPort = await freePort();
  const node = await TestNode.start(undefined, [`-webport=${webPort}`, "-fallbackfee=0.00001"]);
  const response = await fetch(`http://127.0.0.1:${webPort}/api/v1/fees/estimates`);
  const { data } = (await response.json()) as { data: readonly unknown[] };
  const marked = { target: 2, feerate_sat_per_kvb: 1000, source: "fallback", blocks: 0, reason: "Fallback fee" };
  expect(data[0]).toEqual(marked);
  expect(await node.call("estimatesmartfee", 2)).toEqual({
    errors: ["Insufficient data or no feerate found"],
    blocks: 0,
  });
  await node.stop();
});

test("a node that takes no transactions of peers estimates nothing", async () => {
  const node = await TestNode.start(undefined, ["-blocksonly"]);
  await expect(node.call("estimatesmartfee", 2)).rejects.toThrow("Fee estimation disabled");
  await expect(node.call("estimaterawfee", 2)).rejects.toThrow("Fee estimation disabled");
  await node.stop();
});

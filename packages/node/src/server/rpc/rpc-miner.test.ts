import { expect, test } from "vitest";
import { inTemporaryDirectory } from "../../chain/test-kit.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const withNode = (work: (node: TestNode) => Promise<void>) =>
  inTemporaryDirectory(async (path) => {
    const node = await openTestNode(path);
    await work(node).finally(() => node.close());
  });

const errorOf = async (node: TestNode, ...params: unknown[]) => (await node.call("setminer", params)).error;

test("the miner is started, told otherwise and stopped while the node runs", async () => {
  await withNode(async (node) => {
    const off = { pacing: "off", interval: 10, miners: 1, hashespersec: 0, found: 0, stale: 0 };
    expect((await node.call("getminerinfo")).result).toEqual(off);

    expect((await node.call("setminer", ["continuous", null, ADDRESS])).result).toMatchObject({
      pacing: "continuous",
      address: ADDRESS,
      interval: 10,
    });
    // A block is counted when it has been taken, a little after the chain has it.
    while (node.miner.status().foundCount < 3) await new Promise((resume) => setTimeout(resume, 5));

    expect((await node.call("setminer", { pacing: "interval", interval: 0.5 })).result).toMatchObject({
      pacing: "interval",
      interval: 0.5,
      address: ADDRESS,
    });
    expect((await node.call("setminer", ["off"])).result.pacing).toBe("off");
    const { found, stale } = (await node.call("getminerinfo")).result;
    expect(found).toBeGreaterThanOrEqual(3);
    expect(stale).toBe(0);
  });
});

test("lists what it found, and says what stands in the place of what went stale", async () => {
  await withNode(async (node) => {
    await node.call("setminer", ["continuous", null, ADDRESS]);
    while (node.miner.status().foundCount < 3) await new Promise((resume) => setTimeout(resume, 5));
    await node.call("setminer", ["off"]);
    // All that was under way is made when a block that is asked for has its turn.
    await node.call("generatetoaddress", [1, ADDRESS]);
    const { found } = (await node.call("getminerinfo")).result;
    const hash = (await node.call("getblockhash", [found])).result;
    const { time } = (await node.call("getblockheader", [hash])).result;
    const { blocks } = (await node.call("getminerinfo", [2])).result;
    expect(blocks).toHaveLength(2);
    expect(blocks[0]).toEqual({ height: found, hash, time, reward: 50, fees: 0, txcount: 1, active: true });

    await node.call("invalidateblock", [hash]);
    expect((await node.call("getminerinfo", [1])).result.blocks[0]).toMatchObject({ hash, active: false });
    const [other] = (await node.call("generatetoaddress", [1, ADDRESS])).result;
    expect((await node.call("getminerinfo", [1])).result.blocks[0]).toMatchObject({
      hash,
      active: false,
      instead: other,
    });
  });
});

test("refuses what cannot be mined", async () => {
  await withNode(async (node) => {
    expect(await errorOf(node, "now")).toEqual({
      code: -8,
      message: "Unknown pacing 'now': interval, on-transaction, continuous, off are known",
    });
    expect(await errorOf(node, "continuous")).toEqual({
      code: -8,
      message: "An address is needed: where should the coins go?",
    });
    expect(await errorOf(node, "continuous", null, "nowhere")).toEqual({ code: -5, message: "Error: Invalid address" });
    for (const interval of [0, -1, 1_000_001]) {
      expect((await errorOf(node, "interval", interval, ADDRESS))?.code).toBe(-8);
    }
    expect(await errorOf(node, "off", 1_000_000)).toBeNull();
    expect((await node.call("getminerinfo")).result.interval).toBe(1_000_000);
  });
});

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GENESIS, mine, mineMany, rewardOf, spend } from "../../chain/test-kit.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";

const TIPS = mineMany(GENESIS, 101);
/** Long before now: the node has to catch up. */
const OLD_TIME = TIPS.at(-1)!.block.header.time;

let folder: string;
let node: TestNode;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-"));
  node = await openTestNode(folder, TIPS);
});
afterEach(async () => {
  await node.close();
  await rm(folder, { recursive: true });
});

const path = () => join(folder, "mempool.dat");

async function fill() {
  const tx = spend([rewardOf(TIPS[0]!)]);
  expect((await node.mempool.accept(tx)).kind).toBe("accepted");
  return displayHash(tx.txid);
}

/** The same data directory, after a restart. */
async function restart(): Promise<void> {
  await node.close();
  node = await openTestNode(folder);
}

describe("savemempool", () => {
  test("is refused until the mempool of the last run was read", async () => {
    expect((await node.call("getmempoolinfo")).result.loaded).toBe(false);
    expect((await node.call("savemempool")).error).toEqual({ code: -1, message: "The mempool was not loaded yet" });
    await node.mempoolKeeper.load();
    expect((await node.call("getmempoolinfo")).result.loaded).toBe(true);
    expect((await node.call("savemempool")).result).toEqual({ filename: path() });
  });

  test("says that it failed", async () => {
    await node.mempoolKeeper.load();
    await mkdir(`${path()}.new`);
    expect((await node.call("savemempool")).error).toEqual({ code: -1, message: "Unable to dump mempool to disk" });
  });
});

describe("importmempool", () => {
  /** The next block is not old: now the node is not behind any more. */
  async function catchUp(): Promise<void> {
    node.clock.setMockTime(OLD_TIME + 60);
    expect(await node.chain.submitBlock(mine(TIPS.at(-1)!).block)).toMatchObject({ accepted: true });
    expect(node.chain.isInitialBlockDownload).toBe(false);
  }

  async function saved(): Promise<string> {
    node.clock.setMockTime(OLD_TIME);
    await node.mempoolKeeper.load();
    const txid = await fill();
    await node.call("prioritisetransaction", [txid, null, 5000]);
    await node.call("savemempool");
    await restart();
    await catchUp();
    return txid;
  }

  test("takes the transactions of a file, as come now and without what was said of fees", async () => {
    const txid = await saved();
    expect((await node.call("importmempool", [path()])).result).toEqual({});
    const { result } = await node.call("getmempoolentry", [txid]);
    expect(result).toMatchObject({ time: OLD_TIME + 60, fees: { base: 0.00001, modified: 0.00001 } });
  });

  test("takes over the rest where wanted", async () => {
    const txid = await saved();
    const options = { use_current_time: false, apply_fee_delta_priority: true, apply_unbroadcast_set: null };
    expect((await node.call("importmempool", { filepath: path(), ...options })).result).toEqual({});
    const { result } = await node.call("getmempoolentry", [txid]);
    expect(result).toMatchObject({ time: OLD_TIME, fees: { base: 0.00001, modified: 0.00006 } });
  });

  test("is refused while blocks are missing", async () => {
    const message = "Can only import the mempool after the block download and sync is done.";
    expect((await node.call("importmempool", [path()])).error).toEqual({ code: -10, message });
  });

  test("says of a file that is missing or damaged to look into the log", async () => {
    await catchUp();
    const message = "Unable to import mempool file, see debug log for details.";
    expect((await node.call("importmempool", [path()])).error).toEqual({ code: -1, message });
    await writeFile(path(), "nothing");
    expect((await node.call("importmempool", [path()])).error).toEqual({ code: -1, message });
  });

  test.each([
    [{ use_current_time: 1 }, "JSON value of type number is not of expected type bool"],
    [{ apply_unbroadcast_set: "yes" }, "JSON value of type string is not of expected type bool"],
  ])("refuses %j", async (options, message) => {
    await catchUp();
    expect((await node.call("importmempool", [path(), options])).error).toEqual({ code: -3, message });
  });
});

import { readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ADDRESS, BITCOIND, eventually, run, TestNode, temporaryFolder } from "./test-node.ts";

/** A node that deletes old blocks, as a process: restarts, a kill in the middle, and what it refuses. */

const PRUNING = ["-fastprune", "-prune=1"];

interface PruningInfo {
  readonly blocks: number;
  readonly bestblockhash: string;
  readonly pruneheight: number;
}

const infoOf = (node: TestNode) => node.call<PruningInfo>("getblockchaininfo");
const generate = (node: TestNode, count: number) => node.call<string[]>("generatetoaddress", count, ADDRESS);

function blockFiles(node: TestNode): readonly string[] {
  return readdirSync(join(node.networkDir, "blocks")).filter((name) => /^(blk|rev)\d/.test(name));
}

describe("a node with -prune=1", () => {
  test("deletes what it is told to, and is the same after a restart", async () => {
    const folder = temporaryFolder();
    const node = await TestNode.start(folder, [...PRUNING, "-blockfilterindex"]);
    await generate(node, 800);
    const old = await node.call<string>("getblockhash", 2);
    const filter = await eventually(async () => node.call("getblockfilter", old).catch(() => undefined));
    const before = blockFiles(node);
    const last = await node.call<number>("pruneblockchain", 500);
    expect(last).toBeGreaterThan(200);
    const gone = before.filter((name) => !blockFiles(node).includes(name));
    expect(gone).toEqual(expect.arrayContaining(["blk00000.dat", "rev00000.dat"]));
    await expect(node.call("getblock", old)).rejects.toThrow("Block not available (pruned data)");
    expect(await node.call("getblockfilter", old)).toEqual(filter);
    const { localservicesnames } = await node.call<{ localservicesnames: string[] }>("getnetworkinfo");
    expect(localservicesnames).toContain("NETWORK_LIMITED");
    expect(localservicesnames).not.toContain("NETWORK");
    const info = await infoOf(node);
    expect(info.pruneheight).toBe(last + 1);
    const coins = await node.call("gettxoutsetinfo", "muhash");
    expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });

    const again = await TestNode.start(folder, [...PRUNING, "-blockfilterindex", "-checkblocks=500", "-checklevel=4"]);
    expect(await infoOf(again)).toEqual({ ...info, verificationprogress: expect.anything() });
    expect(await again.call("gettxoutsetinfo", "muhash")).toMatchObject({
      muhash: (coins as { muhash: string }).muhash,
    });
    await generate(again, 1);
    await again.stop();

    const unpruned = await run(BITCOIND, ["-regtest", `-datadir=${folder}`, "-printtoconsole=0", "-listen=0"]);
    expect(unpruned.code).toBe(1);
    expect(unpruned.stderr.trimEnd()).toBe(
      "You need to rebuild the database using -reindex to go back to unpruned mode.  This will redownload the entire blockchain.\n" +
        "Please restart with -reindex or -reindex-chainstate to recover.",
    );
    const back = await TestNode.start(folder, ["-reindex"]);
    expect((await infoOf(back)).blocks).toBe(0);
    expect(await back.stop()).toMatchObject({ code: 0, stderr: "" });
  });

  test.each([
    ["the coins are written", "chainstate"],
    ["the index is written", "blocks/index"],
    ["the first file goes", "blocks"],
  ])("is killed when %s, and starts by itself", async (_when, folderName) => {
    const folder = temporaryFolder();
    const node = await TestNode.start(folder, PRUNING);
    await generate(node, 1400);
    // Writes everything: what no kill takes. Coins that are to be written must be newer, and their blocks are written before.
    await node.call("gettxoutsetinfo", "none");
    if (folderName === "chainstate") await generate(node, 30);
    const { blocks, bestblockhash } = await infoOf(node);
    const watcher = watch(join(node.networkDir, folderName));
    const isMeant = (kind: string, name: string) =>
      folderName !== "blocks" || (kind === "rename" && /^(blk|rev)\d/.test(name));
    const killed = new Promise<void>((resolve) => {
      watcher.on("change", (kind, name) => {
        if (!isMeant(kind, String(name))) return;
        node.child.kill("SIGKILL");
        resolve();
      });
    });
    const pruned = node.call("pruneblockchain", blocks).catch(() => undefined);
    await killed;
    watcher.close();
    expect(await node.exited).toMatchObject({ signal: "SIGKILL" });
    await pruned;

    const again = await TestNode.start(folder, [...PRUNING, "-checkblocks=280", "-checklevel=4"]);
    const after = await infoOf(again);
    expect(after).toMatchObject({ blocks, bestblockhash });
    if (folderName === "blocks") expect(after.pruneheight).toBeGreaterThan(700);
    const lowest = Math.max(1, after.pruneheight);
    expect(await again.call("getblock", await again.call("getblockhash", lowest))).toMatchObject({ height: lowest });
    expect(await again.call("verifychain", 4, blocks - lowest + 1)).toBe(true);
    expect(await again.call("pruneblockchain", blocks)).toBeGreaterThan(700);
    expect(await again.stop()).toMatchObject({ code: 0, stderr: "" });
  });

  test("refuses an index that comes too late, in two lines", async () => {
    const folder = temporaryFolder();
    const node = await TestNode.start(folder, PRUNING);
    await generate(node, 600);
    await node.call("pruneblockchain", 300);
    await node.stop();
    const args = ["-regtest", `-datadir=${folder}`, "-printtoconsole=0", "-listen=0", ...PRUNING, "-blockfilterindex"];
    const refused = await run(BITCOIND, args);
    expect(refused.code).toBe(1);
    expect(refused.stderr.trimEnd().split("\n")).toEqual([
      "Error: basic block filter index best block of the index goes beyond pruned data (including undo data). Please disable the index or reindex (which will download the whole blockchain again)",
      "Error: A fatal internal error occurred, see debug.log for details: Failed to start indexes, shutting down…",
    ]);
  });
});

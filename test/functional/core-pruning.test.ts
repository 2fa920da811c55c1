import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CORE, OURS, type Program } from "./interop-node.ts";
import { ADDRESS, TestNode, temporaryFolder } from "./test-node.ts";

/**
 * Pruning beside Bitcoin Core: the same files go at the same heights with the same answers, and either program goes on with the
 * pruned directory of the other. Set CORE_BITCOIND to the path of a bitcoind to run this.
 */
if (CORE === undefined) {
  console.warn("core-pruning: skipped, CORE_BITCOIND names no bitcoind");
  test.skip("CORE_BITCOIND names no bitcoind", () => {});
} else {
  describeWith(CORE);
}

const QUIET = ["-fixedseeds=0", "-dnsseed=0", "-listenonion=0", "-connect=0"];
const PRUNING = ["-fastprune", "-prune=1", "-blockfilterindex", ...QUIET];
/** Seconds since 1970, later than genesis and by far than two hours. */
const START_TIME = 1_700_000_000;
const BLOCK_COUNT = 1200;
const BATCH = 100;

interface Failure {
  readonly error: string;
}

/** What a call answers, or the error's text. */
async function outcomeOf(node: TestNode, method: string, ...params: readonly unknown[]): Promise<unknown | Failure> {
  return node.call(method, ...params).catch((error: Error) => ({ error: error.message }));
}

function blockFiles(node: TestNode): readonly string[] {
  return readdirSync(join(node.networkDir, "blocks"))
    .filter((name) => /^(blk|rev)\d/.test(name))
    .sort();
}

/** Mines the same blocks in both: byte for byte, as both are asked at the same moment. */
async function grow(nodes: readonly TestNode[]): Promise<void> {
  for (let made = 0; made < BLOCK_COUNT; made += BATCH) {
    const hashes: unknown[] = [];
    for (const node of nodes) {
      await node.call("setmocktime", START_TIME + made * 600);
      hashes.push(await node.call("generatetoaddress", BATCH, ADDRESS));
    }
    expect(hashes[0]).toEqual(hashes[1]);
  }
}

async function pruningOf(node: TestNode): Promise<unknown> {
  const { blocks, bestblockhash, size_on_disk, pruned, pruneheight, automatic_pruning } =
    await node.call<Record<string, unknown>>("getblockchaininfo");
  return { blocks, bestblockhash, size_on_disk, pruned, pruneheight, automatic_pruning };
}

function describeWith(core: Program): void {
  describe("beside Bitcoin Core", () => {
    test("the same goes, with the same answers, and each goes on with the other's directory", {
      timeout: 240_000,
    }, async () => {
      const dirs = [temporaryFolder(), temporaryFolder()] as const;
      const programs = [OURS.path, core.path] as const;
      const startBoth = (folders: readonly string[], args: readonly string[]) =>
        Promise.all(programs.map((program, index) => TestNode.start(folders[index]!, args, program)));
      const nodes = await startBoth(dirs, PRUNING);
      await grow(nodes);

      const agree = async (method: string, ...params: readonly unknown[]) => {
        const [ours, theirs] = await Promise.all(nodes.map((node) => outcomeOf(node, method, ...params)));
        expect(ours, `${method} ${JSON.stringify(params)}`).toEqual(theirs);
        return ours;
      };
      for (const height of [-1, 0, 1, 1201, 1_000_000_000, 2_000_000_000, 1_000_000_001]) {
        await agree("pruneblockchain", height);
      }
      const hashes = await Promise.all([2, 260, 500, 911, 1000].map((height) => agree("getblockhash", height)));
      for (const height of [100, 262, 263, 500, START_TIME + 7 * 60_000 + 7200, 900, 911, 912, 913, 1200]) {
        await agree("pruneblockchain", height);
        const [ours, theirs] = await Promise.all(nodes.map(pruningOf));
        expect(ours).toEqual(theirs);
        expect(blockFiles(nodes[0]!)).toEqual(blockFiles(nodes[1]!));
        for (const hash of hashes) await agree("getblock", hash, 0);
      }
      await agree("getblockstats", 2);
      await agree("getblockheader", hashes[0]);
      await agree("getblockfrompeer", hashes[0], 0);
      await agree("getrawtransaction", "11".repeat(32), 0, hashes[0]);
      await agree("gettxoutproof", ["11".repeat(32)], hashes[0]);
      await agree("getblockfilter", hashes[0]);
      await agree("scanblocks", "start", [`addr(${ADDRESS})`], 0, 50, "basic", { filter_false_positives: true });
      await agree("verifychain", 4, 0);
      await agree("verifychain", 4, 100);
      expect(await agree("pruneblockchain", 1200)).toBeGreaterThan(700);
      // Deeper than what is left: both go back as far as they can.
      await agree("invalidateblock", hashes[2]);
      expect(await agree("getblockcount")).toBeLessThan(912);
      await agree("reconsiderblock", hashes[4]);
      expect(await agree("getblockcount")).toBe(BLOCK_COUNT);
      for (const node of nodes) expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });

      // Crosswise, with the copies of both.
      const swapped = [temporaryFolder(), temporaryFolder()] as const;
      cpSync(join(dirs[1], "regtest"), join(swapped[0], "regtest"), { recursive: true });
      cpSync(join(dirs[0], "regtest"), join(swapped[1], "regtest"), { recursive: true });
      const others = await startBoth(swapped, [...PRUNING, "-checkblocks=280", "-checklevel=4"]);
      const [ours, theirs] = await Promise.all(others.map(pruningOf));
      expect(ours).toEqual(theirs);
      for (const node of others) {
        await node.call("setmocktime", START_TIME + BLOCK_COUNT * 600);
        await node.call("generatetoaddress", 300, ADDRESS);
      }
      const [afterOurs, afterTheirs] = await Promise.all(
        others.map((node) => outcomeOf(node, "pruneblockchain", 1150)),
      );
      expect(afterOurs).toEqual(afterTheirs);
      for (const node of others) expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });

      const refusals = await Promise.all(
        programs.map(async (program, index) => (await TestNode.spawn(swapped[index], QUIET, program)).exit()),
      );
      expect(refusals[0]!.code).toBe(refusals[1]!.code);
      expect(refusals[0]!.stderr.trimEnd()).toBe(refusals[1]!.stderr.trimEnd());
    });
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Chain } from "@bitfleet/node/chain/chain.ts";
import { netEffectsOf } from "@bitfleet/node/chain/replay.ts";
import { openTestChain } from "@bitfleet/node/chain/test-kit.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { OutPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { readJournal } from "./journal.ts";

/**
 * Kills a node with SIGKILL while it writes, again and again, and checks after each kill that the directory opens by itself,
 * that every block passes verification level 4, and that the coins are those which the blocks make. Every other directory
 * is pruned meanwhile, or all with `--prune`.
 *
 *     tsx test/kill9/kill9.ts [--rounds 100] [--seed 1] [--prune] [--keep]
 */

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    prune: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});
const ROUNDS = Number(values.rounds);
/** A directory is used this often, so that damage of one round would have to survive the next. */
const ROUNDS_PER_DIRECTORY = 8;
const KILL_DELAY_MS_MAX = 2000;
const GROW = fileURLToPath(new URL("./grow.ts", import.meta.url));

/** mulberry32, as in the child. */
let randomState = Number(values.seed) >>> 0;
function random(below: number): number {
  randomState = (randomState + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(randomState ^ (randomState >>> 15), randomState | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}

const describeCoin = ({ output, height, isCoinbase }: Coin) =>
  `${output.value} ${height} ${isCoinbase} ${toHex(output.scriptPubKey)}`;

/** The coins that the active chain's blocks make, from nothing; blocks that are pruned come from the journal. */
async function coinsFromBlocks(chain: Chain): Promise<Map<OutPointKey, string>> {
  const coins = new Map<OutPointKey, string>();
  const journal = readJournal(dataPath);
  for (let height = 1; height <= chain.height; height++) {
    const entry = chain.blockAt(height)!;
    const block = chain.isPruned(entry) ? journal.get(entry.key) : await chain.readBlock(entry);
    if (block === undefined) throw new Error(`the block at height ${height} is in no file`);
    const { spent, created } = netEffectsOf(block, height);
    for (const key of spent) coins.delete(key);
    for (const [key, coin] of created) coins.set(key, describeCoin(coin));
  }
  return coins;
}

async function checkCoins(chain: Chain): Promise<number> {
  const expected = await coinsFromBlocks(chain);
  const snapshot = await chain.withFlushedCoins((coins) => coins.snapshot());
  let count = 0;
  try {
    for await (const [key, coin] of snapshot.coins()) {
      count++;
      if (expected.get(key) !== describeCoin(coin)) throw new Error("a stored coin is not what the blocks make");
    }
  } finally {
    await snapshot.close();
  }
  if (count !== expected.size) throw new Error(`${count} coins are stored, the blocks make ${expected.size}`);
  return count;
}

/** What the child does when it is killed: mostly its work, sometimes it still opens or rebuilds the directory. */
interface Plan {
  readonly reindex: "" | "all" | "chainstate";
  readonly waitsForWork: boolean;
}

function choosePlan(): Plan {
  const choice = random(8);
  // A pruned directory has not the blocks to make the coins of.
  const reindex = choice === 0 ? "all" : choice === 1 && !isPruning ? "chainstate" : "";
  return { reindex, waitsForWork: random(4) > 0 };
}

async function growAndKill(dataPath: string, seed: number, { reindex, waitsForWork }: Plan): Promise<void> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--import", "tsx", GROW, dataPath, String(seed), reindex, isPruning ? "prune" : ""],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const exited = once(child, "exit");
  if (waitsForWork && reindex === "") await Promise.race([once(child.stdout!, "data"), exited]);
  const delayMs = random(KILL_DELAY_MS_MAX);
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  if (child.exitCode !== null) throw new Error(`the child ended by itself with code ${child.exitCode}`);
  child.kill("SIGKILL");
  await exited;
}

async function blockFileNames(): Promise<readonly string[]> {
  return (await readdir(join(dataPath, "blocks")).catch(() => [])).filter((name) => /^(blk|rev)\d/.test(name));
}

let dataPath = "";
let isPruning = false;
let leftoverCount = 0;
let prunedCount = 0;
let replayCount = 0;
let reconnectCount = 0;
let rebuildCount = 0;
let blockCount = 0;
try {
  for (let round = 1; round <= ROUNDS; round++) {
    if ((round - 1) % ROUNDS_PER_DIRECTORY === 0) {
      if (dataPath !== "") await rm(dataPath, { recursive: true, force: true });
      dataPath = await mkdtemp(join(tmpdir(), "bitfleet-kill9-"));
      isPruning = values.prune || !isPruning;
    }
    const seed = random(1 << 30);
    const plan = choosePlan();
    await growAndKill(dataPath, seed, plan);
    const filesBefore = await blockFileNames();
    const { chain, log } = await openTestChain(dataPath, {
      ...{ checkLevel: 4, checkBlocks: 0, fastPrune: true },
      ...(isPruning && { prune: { kind: "manual" } }),
    });
    const filesNow = await blockFileNames();
    const isLeftover = filesBefore.some((name) => !filesNow.includes(name));
    if (isLeftover) leftoverCount++;
    const prunedHeight = chain.lastPruned()?.height ?? 0;
    if (prunedHeight > 0) prunedCount++;
    const coinCount = await checkCoins(chain);
    if (!(await chain.verify(4, chain.height - prunedHeight))) throw new Error("verification failed");
    const isReplayed = log.lines.includes("Replaying blocks");
    const isReconnected = log.lines.some((line) => line.startsWith("UpdateTip"));
    if (isReplayed) replayCount++;
    if (isReconnected) reconnectCount++;
    blockCount += chain.height;
    const isRebuilt = log.lines.includes("Reindexing finished");
    if (isRebuilt) rebuildCount++;
    const found = `${isRebuilt ? ", interrupted reindex finished" : ""}${isReplayed ? ", cut-off flush replayed" : ""}${isReconnected ? ", blocks reconnected" : ""}${prunedHeight > 0 ? `, pruned to ${prunedHeight}` : ""}${isLeftover ? ", files of a cut-off deletion removed" : ""}`;
    process.stdout.write(`round ${round}: height ${chain.height}, ${coinCount} coins${found}: consistent\n`);
    await chain.close();
  }
  const facts = `${replayCount} with a cut-off flush replayed, ${rebuildCount} with an interrupted reindex finished, ${reconnectCount} with blocks reconnected, ${prunedCount} pruned (${leftoverCount} with a cut-off deletion finished), ${blockCount} blocks verified`;
  process.stdout.write(`${ROUNDS} kills survived: ${facts}\n`);
} catch (error) {
  process.stderr.write(`FAILED in ${dataPath}: ${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
}
if (dataPath !== "" && !values.keep && process.exitCode !== 1) await rm(dataPath, { recursive: true, force: true });

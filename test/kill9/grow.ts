import type { Chain } from "@bitfleet/node/chain/chain.ts";
import { MIN_BLOCKS_TO_KEEP } from "@bitfleet/node/chain/prune-plan.ts";
import {
  COINBASE_MATURITY,
  mine,
  openTestChain,
  rewardOf,
  type Spendable,
  spend,
  spendableOf,
  type Tip,
} from "@bitfleet/node/chain/test-kit.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { openJournal } from "./journal.ts";

/**
 * The process that is killed: grows a chain with spends, block by block and many at once, reorganises it, calls blocks invalid
 * and takes that back, while the coins cache is far too small, flushes are frequent and made of many small batches. Arguments:
 * data path, seed, `all` or `chainstate` to begin with a reindex (empty for none), and `prune` to prune every now and then.
 */

const OUTPUTS_PER_SPLIT = 40;
const REORGANISATION_DEPTH_MAX = 12;
/** More than are tried ahead at a time. */
const EXTENSION_MAX = 20;

/** Some files' worth of blocks more than are kept in any case. */
const PRUNING_HEIGHT_MIN = MIN_BLOCKS_TO_KEEP + 60;

const [dataPath = "", seedText = "1", reindex, pruneText] = process.argv.slice(2);
const isPruning = pruneText === "prune";
const note = openJournal(dataPath);
let randomState = Number(seedText) >>> 0;

/** Uniform in [0, below). mulberry32: a test must be repeatable from its seed. */
function random(below: number): number {
  randomState = (randomState + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(randomState ^ (randomState >>> 15), randomState | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}

async function tipAt(chain: Chain, height: number): Promise<Tip> {
  return { block: await chain.readBlock(chain.blockAt(height)!), height };
}

/** Spends the reward that matures in the next block, and the whole of it again in the same block; and older change. */
async function transactionsFor(chain: Chain, branch: readonly Tip[], height: number): Promise<Transaction[]> {
  const rewardHeight = height - COINBASE_MATURITY;
  const isReorganised = branch.length > 0 && rewardHeight >= branch[0]!.height;
  if (rewardHeight < 1 || isReorganised) return [];
  const reward = rewardOf(await tipAt(chain, rewardHeight));
  const split = spend([reward], { outputCount: OUTPUTS_PER_SPLIT });
  const part = (from: number, to: number): Spendable[] =>
    Array.from({ length: to - from }, (_, index) => spendableOf(split, from + index));
  return [split, spend(part(0, 3)), spend(part(3, 5), { outputCount: 2 })];
}

async function extend(chain: Chain, from: number, count: number): Promise<void> {
  const branch: Tip[] = [];
  let previous = await tipAt(chain, from);
  const salt = random(1 << 20);
  while (branch.length < count) {
    previous = mine(previous, { transactions: await transactionsFor(chain, branch, previous.height + 1), salt });
    branch.push(previous);
  }
  for (const { block } of branch) note(block);
  // All at once they are tried ahead, one on what the one before will leave.
  const atOnce = random(2) === 0 ? branch.map(({ block }) => chain.submitBlock(block)) : [];
  for (const [index, { block }] of branch.entries()) {
    const { reject } = await (atOnce[index] ?? chain.submitBlock(block));
    if (reject !== undefined) throw new Error(`a valid block was refused: ${reject.reason} ${reject.detail}`);
  }
}

const flushIntervalMs = random(2) === 0 ? 0 : 1_000_000;
const { chain, clock } = await openTestChain(dataPath, {
  cacheBytes: 20_000 + random(60_000),
  coinsBatchBytes: 500 + random(5_000),
  flushIntervalMs,
  fastPrune: true,
  ...(isPruning && { prune: { kind: "manual" } }),
  ...((reindex === "all" || reindex === "chainstate") && { reindex }),
});
if (isPruning) {
  await chain.startPruning();
  while (chain.height < PRUNING_HEIGHT_MIN) await extend(chain, chain.height, EXTENSION_MAX);
}
process.stdout.write("ready\n");
for (;;) {
  clock.elapsedMs += 1;
  if (random(3) === 0) clock.ring();
  if (isPruning && random(3) === 0) await chain.pruneUpTo(chain.height - random(MIN_BLOCKS_TO_KEEP + 50));
  const action = random(20);
  const depth = Math.min(chain.height, 1 + random(REORGANISATION_DEPTH_MAX));
  if (action < 12 || chain.height < COINBASE_MATURITY) await extend(chain, chain.height, 1 + random(EXTENSION_MAX));
  else if (action < 18) await extend(chain, chain.height - depth, depth + 1);
  else {
    const { hash } = chain.blockAt(chain.height - depth + 1)!;
    await chain.invalidateBlock(hash);
    if (random(2) === 0) await chain.reconsiderBlock(hash);
  }
}

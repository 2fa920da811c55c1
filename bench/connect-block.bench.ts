/**
 * Connecting a block of 1,000 transactions with five inputs each, and its 5,000 signatures alone, by signature library and
 * worker count. Run: `npx tsx bench/connect-block.bench.ts`. With `CORE_BENCH=<path of bench_bitcoin>` Bitcoin Core's
 * ConnectBlockAllEcdsa, a block of the same shape, takes part. Ratios carry from one machine to another; times do not.
 */
import { spawnSync } from "node:child_process";
import { ScriptPool } from "@bitfleet/node/chain/script-pool.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  MemoryLog,
  mine,
  mineMany,
  NETWORK,
  openTestChain,
  rewardOf,
  spend,
  spendableOf,
  submitAll,
  type Tip,
} from "@bitfleet/node/chain/test-kit.ts";
import { chooseSecp256k1 } from "@bitfleet/node/crypto/choose-backend.ts";
import { installHostSha256 } from "@bitfleet/node/crypto/host-hash.ts";
import type { TransactionScripts } from "@bitfleet/node/ports.ts";
import { connectBlock, outPointsOf } from "@bitfleet/protocol/consensus/connect-block.ts";
import { isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import { type Block, decodeBlock } from "@bitfleet/protocol/primitives/block.ts";

const TRANSACTIONS = 1000;
const INPUTS_EACH = 5;
const ROUNDS = 5;

/** A chain whose last block has 5,000 coins, and the block that spends them. */
function prepare(): { readonly chain: readonly Tip[]; readonly block: Block } {
  const rewards = mineMany(GENESIS, 100 + INPUTS_EACH);
  const splits = rewards.slice(0, INPUTS_EACH).map((tip) => spend([rewardOf(tip)], { outputCount: TRANSACTIONS }));
  const funding = mine(rewards.at(-1)!, { transactions: splits });
  const transactions = Array.from({ length: TRANSACTIONS }, (_, index) =>
    spend(splits.map((split) => spendableOf(split, index))),
  );
  return { chain: [...rewards, funding], block: mine(funding, { transactions }).block };
}

async function bestMs(work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  await work();
  for (let round = 0; round < ROUNDS; round++) {
    const before = performance.now();
    await work();
    best = Math.min(best, performance.now() - before);
  }
  return best;
}

function print(rows: readonly (readonly [name: string, ms: number])[]): void {
  const fastest = Math.min(...rows.map(([, ms]) => ms));
  for (const [name, ms] of rows)
    console.log(`  ${name.padEnd(48)} ${ms.toFixed(0).padStart(6)} ms   ${(ms / fastest).toFixed(2)} × the fastest`);
}

/** Milliseconds a block of Core's own benchmark, or `undefined` where its program is not given. */
function coreMs(): number | undefined {
  const program = process.env.CORE_BENCH;
  if (program === undefined) return undefined;
  const { stdout } = spawnSync(program, ["-filter=ConnectBlockAllEcdsa", "-min-time=3000"], { encoding: "utf8" });
  const nanoseconds = /\|\s*([\d,.]+)\s*\|.*ConnectBlockAllEcdsa/.exec(stdout)?.[1]?.replaceAll(",", "");
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6;
}

installHostSha256();
const { chain: tips, block } = prepare();
const connecting: [string, number][] = [];
const verifying: [string, number][] = [];
let withoutScripts = 0;
for (const preference of ["native", "portable"] as const) {
  let secp256k1: ReturnType<typeof chooseSecp256k1>["backend"];
  try {
    secp256k1 = chooseSecp256k1(preference).backend;
  } catch (error) {
    console.log(`skipped: ${error instanceof Error ? error.message : error}`);
    continue;
  }
  for (const threadCount of [0, 1, 2]) {
    const pool = new ScriptPool({ threadCount, preference }, { secp256k1, log: new MemoryLog() });
    const name = `${preference}, ${threadCount} workers`;
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path, { cacheBytes: 100_000_000 }, { scriptVerifier: pool, secp256k1 });
      await submitAll(chain, tips);
      connecting.push([
        name,
        await bestMs(async () => {
          // Decoded anew, as it comes from a peer: hashes are part of the work.
          const reject = await chain.testBlock(decodeBlock(Uint8Array.from(block.bytes)));
          if (reject !== undefined) throw new Error(reject.reason);
        }),
      ]);
      const lookup = await chain.coins.fetch(outPointsOf(block));
      const link = { header: block.header, height: chain.height + 1, chainwork: 0n, previous: chain.tip };
      const ancestor = (height: number) => chain.tip.ancestor(height);
      const effects = connectBlock(block, { ...link, ancestor }, NETWORK.params, lookup);
      if (isReject(effects)) throw new Error(effects.reason);
      const fresh = (): TransactionScripts[] => effects.scripts.map((scripts) => ({ ...scripts }));
      verifying.push([name, await bestMs(() => pool.verifyAll(fresh(), effects.scriptFlags))]);
      if (withoutScripts === 0) {
        const decoded = () => decodeBlock(Uint8Array.from(block.bytes));
        withoutScripts = await bestMs(async () =>
          connectBlock(decoded(), { ...link, ancestor }, NETWORK.params, await chain.coins.fetch(outPointsOf(block))),
        );
      }
      await chain.close();
    });
    await pool.close();
  }
}
const core = coreMs();
if (core !== undefined) connecting.push(["Bitcoin Core, ConnectBlockAllEcdsa, its own threads", core]);
console.log(`connect a block of ${TRANSACTIONS} transactions with ${INPUTS_EACH} inputs each`);
print(connecting);
console.log(`  of which decoding, fetching and applying the rules but scripts: ${withoutScripts.toFixed(0)} ms`);
console.log(`verify its ${TRANSACTIONS * INPUTS_EACH} signatures`);
print(verifying);

/**
 * Connecting a block of 4,000 transactions of two inputs each: none of which the mempool has seen, half of them, and all. Run:
 * `npx tsx bench/block-of-mempool.bench.ts`. Ratios carry from one machine to another; times do not.
 */
import { ScriptMemory } from "@bitfleet/node/chain/script-memory.ts";
import { ScriptPool } from "@bitfleet/node/chain/script-pool.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  MemoryLog,
  mine,
  mineMany,
  openTestChain,
  rewardOf,
  spend,
  spendableOf,
  submitAll,
  type Tip,
} from "@bitfleet/node/chain/test-kit.ts";
import { chooseSecp256k1 } from "@bitfleet/node/crypto/choose-backend.ts";
import { installHostSha256 } from "@bitfleet/node/crypto/host-hash.ts";
import { Mempool } from "@bitfleet/node/mempool/mempool.ts";
import { MEMPOOL_DEFAULTS } from "@bitfleet/node/mempool/mempool-options.ts";
import { type Block, decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";

const TRANSACTIONS = 4000;
const INPUTS_EACH = 2;
/** Coins that a funding transaction makes. */
const COINS_EACH = 1000;
const ROUNDS = 5;
const MEMORY_BYTES = 32 * 1024 * 1024;

interface Prepared {
  readonly chain: readonly Tip[];
  readonly transactions: readonly Transaction[];
  readonly block: Block;
}

/** A chain whose last block has 8,000 coins, and the block that spends them. */
function prepare(): Prepared {
  const fundingCount = (TRANSACTIONS * INPUTS_EACH) / COINS_EACH;
  const rewards = mineMany(GENESIS, 100 + fundingCount);
  const funding = rewards.slice(0, fundingCount).map((tip) => spend([rewardOf(tip)], { outputCount: COINS_EACH }));
  const tip = mine(rewards.at(-1)!, { transactions: funding });
  const coins = funding.flatMap((tx) => Array.from({ length: COINS_EACH }, (_, index) => spendableOf(tx, index)));
  const transactions = Array.from({ length: TRANSACTIONS }, (_, index) =>
    spend(coins.slice(index * INPUTS_EACH, (index + 1) * INPUTS_EACH)),
  );
  return { chain: [...rewards, tip], transactions, block: mine(tip, { transactions }).block };
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

/** Milliseconds that the block takes where the mempool has taken the first `known` of its transactions. */
function connectMs({ chain: tips, transactions, block }: Prepared, known: number, threadCount: number) {
  const { backend: secp256k1 } = chooseSecp256k1("auto");
  const log = new MemoryLog();
  const pool = new ScriptPool({ threadCount, preference: "auto" }, { secp256k1, log });
  const memory = new ScriptMemory(MEMORY_BYTES);
  return inTemporaryDirectory(async (path) => {
    const scriptVerifier = memory.recalling(pool);
    const { chain, clock } = await openTestChain(path, { cacheBytes: 100_000_000 }, { scriptVerifier, secp256k1 });
    await submitAll(chain, tips);
    const mempool = new Mempool(MEMPOOL_DEFAULTS, { chain, scriptVerifier: memory.remembering(pool), clock, log });
    for (const tx of transactions.slice(0, known)) {
      const result = await mempool.accept(tx);
      if (result.kind === "rejected") throw new Error(result.reject.reason);
    }
    const best = await bestMs(async () => {
      // Decoded anew, as it comes from a peer: hashes are part of the work.
      const reject = await chain.testBlock(decodeBlock(Uint8Array.from(block.bytes)));
      if (reject !== undefined) throw new Error(reject.reason);
    });
    mempool.close();
    await chain.close();
    await pool.close();
    return best;
  });
}

installHostSha256();
const prepared = prepare();
console.log(`connect a block of ${TRANSACTIONS} transactions with ${INPUTS_EACH} inputs each`);
for (const threadCount of [0, 2]) {
  const unknown = await connectMs(prepared, 0, threadCount);
  for (const known of [0, TRANSACTIONS / 2, TRANSACTIONS]) {
    const ms = known === 0 ? unknown : await connectMs(prepared, known, threadCount);
    const name = `${threadCount} workers, ${known} seen by the mempool`;
    console.log(
      `  ${name.padEnd(40)} ${ms.toFixed(0).padStart(6)} ms   ${(unknown / ms).toFixed(1)} × as fast as unseen`,
    );
  }
}

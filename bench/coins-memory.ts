/**
 * What a cached coin really takes: fills a coins cache to a limit and compares its estimate with the process's memory.
 *
 *     node --expose-gc --import tsx bench/coins-memory.ts [MiB]
 *
 * The constants of `packages/node/src/chain/coin-table.ts` come from here; the estimate is to stay within 20 % of what is
 * measured. A Map doubles its table when it is full, so the ratio swings as the cache grows: see the column.
 */
import { randomBytes } from "node:crypto";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { type BlockHash, hashKey, type OutPointKey, outPointKeyOf } from "@bitfleet/protocol/primitives/types.ts";
import { CoinsCache } from "../packages/node/src/chain/coins.ts";
import type { Logger } from "../packages/node/src/ports.ts";
import { openMemoryStore } from "../packages/node/src/storage/memory-store.ts";

const log: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
const limitBytes = Number(process.argv[2] ?? 256) * 1024 * 1024;
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error("run with --expose-gc");

function memoryBytes(): number {
  collect?.();
  collect?.();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + Math.max(arrayBuffers, external);
}

/** A block of outputs as the chain has them: mostly 22 to 34 bytes of script, two outputs to a transaction. */
function block(count: number): (readonly [OutPointKey, Coin])[] {
  const created: (readonly [OutPointKey, Coin])[] = [];
  for (let index = 0; index < count; index += 2) {
    const txid = hashKey(randomBytes(32));
    for (const output of [0, 1]) {
      const scriptPubKey = Uint8Array.from(randomBytes(output === 0 ? 22 : 25 + (index % 10)));
      const value = BigInt(1_000_000 + ((index * 7919) % 100_000_000));
      created.push([
        outPointKeyOf(txid, output),
        { output: { value, scriptPubKey }, height: 800_000, isCoinbase: false },
      ]);
    }
  }
  return created;
}

const coins = await CoinsCache.open({ cacheBytes: limitBytes }, { store: openMemoryStore(), log });
const before = memoryBytes();
console.log("coins      estimate MiB  measured MiB  estimate/measured  measured bytes per coin");
while (!coins.isOverLimit) {
  const start = process.hrtime.bigint();
  for (let blocks = 0; blocks < 20; blocks++) {
    coins.apply({ spent: [], created: block(4000) }, { hash: new Uint8Array(32).fill(blocks) as BlockHash });
  }
  const elapsedMs = Number(process.hrtime.bigint() - start) / 1e6;
  const measured = memoryBytes() - before;
  const row = [
    String(coins.cachedCount).padEnd(10),
    (coins.usageBytes / 2 ** 20).toFixed(1).padStart(12),
    (measured / 2 ** 20).toFixed(1).padStart(13),
    (coins.usageBytes / measured).toFixed(2).padStart(18),
    (measured / coins.cachedCount).toFixed(0).padStart(24),
    `   ${elapsedMs.toFixed(0)} ms`,
  ];
  console.log(row.join(" "));
}

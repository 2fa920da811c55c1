import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildChain, writeBlockFile } from "../test/functional/interop-chain.ts";

/** A chain on disk that benchmarks give to a node: built once, then found again in the folder that BENCH_CACHE names. */

/** Inputs that each block from height 102 on spends: those of the last block's fan-out, and a reward. */
const INPUTS_PER_BLOCK = 53;
/** Part of the files' names: another number where the chain is built otherwise. */
const FORMAT = 2;
/** Older than a tip may be for the initial download to be over, so that this is what is measured, today and next year. */
const TIP_AGE_SECONDS = 7 * 24 * 60 * 60;

export interface SyncChain {
  /** For `-loadblock`. */
  readonly path: string;
  readonly blockCount: number;
  readonly inputCount: number;
  readonly tipHash: string;
  /** Bytes of all blocks. */
  readonly sizeBytes: number;
}

/**
 * A chain of `blockCount` blocks with about 53 signed inputs each: 100,000 in 2,000 blocks. Two outputs of three kinds are
 * spent at a time, to two that remain.
 */
export function syncChain(blockCount: number): SyncChain {
  const folder = process.env.BENCH_CACHE ?? tmpdir();
  mkdirSync(folder, { recursive: true });
  const name = join(folder, `bitfleet-bench-chain-${FORMAT}-${blockCount}`);
  const path = `${name}.dat`;
  if (existsSync(path) && existsSync(`${name}.json`)) return JSON.parse(readFileSync(`${name}.json`, "utf8"));
  console.log(`building a chain of ${blockCount} blocks, kept in ${path} …`);
  const built = buildChain({
    blockCount,
    fanOutWidth: () => INPUTS_PER_BLOCK - 1,
    spareCount: 1,
    tipAgeSeconds: TIP_AGE_SECONDS,
  });
  const { blocks, tipHash, inputCount } = built;
  writeBlockFile(`${path}.new`, blocks);
  renameSync(`${path}.new`, path);
  const sizeBytes = blocks.reduce((sum, { size }) => sum + size, 0);
  const chain: SyncChain = { path, blockCount, inputCount, tipHash, sizeBytes };
  writeFileSync(`${name}.json`, JSON.stringify(chain));
  return chain;
}

import { bitsFromTarget, checkProofOfWork } from "@bitfleet/protocol/consensus/pow.ts";
import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { loadNonceSearch } from "@bitfleet/protocol/crypto/nonce-search.ts";
import { BlockHeader, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, type MerkleRoot, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import { MemoryLog } from "../chain/test-kit.ts";
import { HashPool, type HashPoolOptions } from "./hash-pool.ts";
import { searchPart } from "./search-part.ts";

const POW_LIMIT = (1n << 255n) - 1n;
/** One hash in 60,000: too many for the calling thread, few for a worker. */
const HARD_TARGET = (1n << 256n) / 60_000n;
/** Nobody finds one. */
const HOPELESS_TARGET = 1n << 32n;
const CLOCK = { monotonicMs: () => performance.now() };
const NEVER = new AbortController().signal;

function headerOf(target: bigint, nonce = 0, time = 1): BlockHeader {
  const hash = ZERO_HASH as BlockHash;
  const fields = { version: 1, previousBlockHash: hash, merkleRoot: ZERO_HASH as unknown as MerkleRoot };
  return new BlockHeader({ ...fields, time, bits: bitsFromTarget(target), nonce });
}

async function withPool(options: HashPoolOptions, work: (pool: HashPool, log: MemoryLog) => Promise<void>) {
  const log = new MemoryLog();
  const pool = new HashPool(options, { clock: CLOCK, log });
  try {
    await work(pool, log);
  } finally {
    await pool.close();
  }
}

const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resume) => setTimeout(resume, 1));
};

test.each([
  ["two threads", { threadCount: 2 }],
  ["a thread without SIMD", { threadCount: 1, kinds: ["one-lane"] }],
  ["a thread without WebAssembly", { threadCount: 1, kinds: ["javascript"] }],
] as const)("finds a nonce that proves the work: %s", async (_, options) => {
  await withPool(options, async (pool) => {
    const target = options.threadCount === 1 && "kinds" in options ? HARD_TARGET * 8n : HARD_TARGET;
    for (let time = 1; time <= 2; time++) {
      const { header, triesCount } = await pool.search(headerOf(target, 0, time), POW_LIMIT, 2 ** 32, NEVER);
      expect(header?.time).toBe(time);
      expect(checkProofOfWork(header!.hash, header!.bits, { powLimit: POW_LIMIT })).toBe(true);
      expect(triesCount).toBeGreaterThan(0);
    }
    expect(pool.workerCount).toBe(options.threadCount);
  });
});

test("what two hashes decide is decided on the calling thread, and no worker is started", async () => {
  await withPool({ threadCount: 2 }, async (pool) => {
    const { header, triesCount } = await pool.search(headerOf(POW_LIMIT), POW_LIMIT, 1000, NEVER);
    expect(header).toBeDefined();
    expect(pool.workerCount).toBe(0);
    expect(pool.hashCount).toBe(BigInt(triesCount));
  });
});

test("tries as many hashes as it may, no more, and says so", async () => {
  await withPool({ threadCount: 2 }, async (pool) => {
    const result = await pool.search(headerOf(HOPELESS_TARGET), POW_LIMIT, 70_001, NEVER);
    expect(result).toEqual({ header: undefined, triesCount: 70_001 });
    expect(pool.hashCount).toBe(70_001n);
    const last = await pool.search(headerOf(HOPELESS_TARGET, 2 ** 32 - 3), POW_LIMIT, 1000, NEVER);
    expect(last.triesCount).toBe(3);
    expect((await pool.search(headerOf(HOPELESS_TARGET), POW_LIMIT, 0, NEVER)).triesCount).toBe(0);
    expect((await pool.search(headerOf(HOPELESS_TARGET), POW_LIMIT, 10, AbortSignal.abort())).triesCount).toBe(0);
  });
});

test("stops when it is told to, in the middle of its part, and goes on with the next header", async () => {
  await withPool({ threadCount: 2 }, async (pool) => {
    for (let round = 0; round < 5; round++) {
      const stop = new AbortController();
      const before = pool.hashCount;
      const searching = pool.search(headerOf(HOPELESS_TARGET), POW_LIMIT, 2 ** 32, stop.signal);
      await until(() => pool.hashCount > before + 100_000n);
      stop.abort();
      const { header, triesCount } = await searching;
      expect(header).toBeUndefined();
      // The whole of it takes minutes.
      expect(triesCount).toBeLessThan(2 ** 31);
      const stopped = pool.hashCount;
      await new Promise((resume) => setTimeout(resume, 5));
      expect(pool.hashCount).toBe(stopped);
    }
    expect((await pool.search(headerOf(HARD_TARGET), POW_LIMIT, 2 ** 32, NEVER)).header).toBeDefined();
  });
});

test("does one header at a time", async () => {
  await withPool({ threadCount: 1 }, async (pool) => {
    const stop = new AbortController();
    const searching = pool.search(headerOf(HOPELESS_TARGET), POW_LIMIT, 2 ** 32, stop.signal);
    await expect(pool.search(headerOf(HARD_TARGET), POW_LIMIT, 10, NEVER)).rejects.toThrow("one header at a time");
    stop.abort();
    await searching;
  });
});

test("a search ends with the pool, and one that comes later is made on the calling thread", async () => {
  const pool = new HashPool({ threadCount: 2 }, { clock: CLOCK, log: new MemoryLog() });
  const searching = pool.search(headerOf(HOPELESS_TARGET), POW_LIMIT, 2 ** 32, NEVER);
  await pool.close();
  expect((await searching).header).toBeUndefined();
  expect((await pool.search(headerOf(HOPELESS_TARGET), POW_LIMIT, 10, NEVER)).triesCount).toBe(10);
});

test("without a worker that runs, the calling thread hashes", async () => {
  await withPool(
    { threadCount: 1, workerUrl: new URL("data:text/javascript,throw new Error('no')") },
    async (pool, log) => {
      for (let round = 0; round < 3; round++) await pool.search(headerOf(HOPELESS_TARGET), POW_LIMIT, 10, NEVER);
      expect(log.lines.filter((line) => line.includes("a hash worker ended"))).toHaveLength(3);
      expect((await pool.search(headerOf(HOPELESS_TARGET), POW_LIMIT, 10, NEVER)).triesCount).toBe(10);
    },
  );
});

test("a worker looks every few milliseconds whether its job is wanted, however slow it is", () => {
  const header = encodeBlockHeader(headerOf(HOPELESS_TARGET));
  const part = { header, target: HOPELESS_TARGET, from: 0, count: 1_000_000 };
  for (const hashesPerMs of [100, 10_000]) {
    let nowMs = 0;
    const gapsMs: number[] = [];
    let lookedMs = 0;
    const watch = {
      isWanted: () => {
        gapsMs.push(nowMs - lookedMs);
        lookedMs = nowMs;
        return gapsMs.length < 50;
      },
      hashed: () => {},
      nowMs: () => nowMs,
    };
    const search = {
      ...loadNonceSearch(),
      begin: () => {},
      find: (_: number, count: number) => {
        nowMs += count / hashesPerMs;
        return undefined;
      },
    };
    searchPart({ ...part, count: 100_000_000 }, search, sha256d, watch);
    expect(Math.max(...gapsMs)).toBeLessThan(25);
    // Nor so often that looking is all it does.
    expect(gapsMs.slice(-10).every((gapMs) => gapMs >= 0.6)).toBe(true);
  }
});

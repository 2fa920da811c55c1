import { createRequire } from "node:module";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { afterAll, describe, expect, test } from "vitest";
import type { TransactionScripts } from "../ports.ts";
import { batchesOf, decodeBatch, encodeBatch } from "./script-batch.ts";
import { SCRIPT_THREADS_MAX, ScriptPool, scriptThreadCount } from "./script-pool.ts";
import { GENESIS, MemoryLog, mineMany, rewardOf, spend } from "./test-kit.ts";

const REWARDS = mineMany(GENESIS, 40).map(rewardOf);

function scriptsOf(tx: Transaction, first: number, count: number): TransactionScripts {
  return { tx, spentOutputs: REWARDS.slice(first, first + count).map(({ output }) => output) };
}

/** Transactions that spend `sizes[i]` rewards each; those in `bad` fail at their last input. */
function transactions(sizes: readonly number[], bad: readonly number[] = []): TransactionScripts[] {
  return sizes.map((size, index) =>
    scriptsOf(spend(REWARDS.slice(0, size), { badSignature: bad.includes(index) }), 0, size),
  );
}

describe.each([
  { name: "the calling thread", threadCount: 0 },
  { name: "one worker", threadCount: 1 },
  { name: "two workers", threadCount: 2 },
])("scripts on $name", ({ threadCount }) => {
  const log = new MemoryLog();
  const pool = new ScriptPool({ threadCount, preference: "portable" }, { secp256k1: portableSecp256k1, log });
  afterAll(() => pool.close());

  test("that all pass", async () => {
    expect(await pool.verifyAll(transactions([5, 1, 20, 40, 3]), STANDARD_SCRIPT_FLAGS)).toBeUndefined();
    expect(await pool.verifyAll([], STANDARD_SCRIPT_FLAGS)).toBeUndefined();
    expect(pool.workerCount).toBe(threadCount);
  });

  test("report the failure that comes first in the block", async () => {
    const list = transactions([1, 2, 30, 1, 1, 40, 2, 2, 2, 2], [2, 5, 9]);
    for (let run = 0; run < 5; run++)
      expect(await pool.verifyAll(list, STANDARD_SCRIPT_FLAGS)).toEqual({
        transactionIndex: 2,
        inputIndex: 29,
        error: "NULLFAIL",
      });
  });

  test("of several blocks at once get their own answers", async () => {
    const lists = [transactions([20, 20], [1]), transactions([20, 20]), transactions([20, 20], [0])];
    const answers = await Promise.all(lists.map((list) => pool.verifyAll(list, STANDARD_SCRIPT_FLAGS)));
    expect(answers.map((answer) => answer?.transactionIndex)).toEqual([1, undefined, 0]);
  });

  test("are checked also after the pool was closed", async () => {
    const other = new ScriptPool({ threadCount, preference: "portable" }, { secp256k1: portableSecp256k1, log });
    const pending = other.verifyAll(transactions([40, 40], [1]), STANDARD_SCRIPT_FLAGS);
    await other.close();
    expect(await pending).toMatchObject({ transactionIndex: 1 });
    expect(await other.verifyAll(transactions([40]), STANDARD_SCRIPT_FLAGS)).toBeUndefined();
  });
});

test("a worker that dies leaves its work to the calling thread, and is given up after some times", async () => {
  const log = new MemoryLog();
  const workerUrl = new URL("data:text/javascript,setTimeout(()=>process.exit(1),20)");
  const options = { threadCount: 2, preference: "portable", workerUrl } as const;
  const pool = new ScriptPool(options, { secp256k1: portableSecp256k1, log });
  for (let run = 0; run < 3; run++) {
    expect(await pool.verifyAll(transactions([40, 40, 40]), STANDARD_SCRIPT_FLAGS)).toBeUndefined();
    expect(await pool.verifyAll(transactions([40, 40], [1]), STANDARD_SCRIPT_FLAGS)).toMatchObject({
      transactionIndex: 1,
    });
  }
  expect(pool.workerCount).toBe(0);
  expect(log.lines.filter((line) => line.includes("worker ended")).length).toBeGreaterThanOrEqual(3);
  await pool.close();
});

function canLoadKoffi(): boolean {
  try {
    return createRequire(import.meta.url).resolve("koffi") !== "";
  } catch {
    return false;
  }
}

// Where it fails, the whole process is gone: the library aborts.
test.skipIf(!canLoadKoffi())(
  "a pool may be closed while its workers load a native library",
  async () => {
    const program = `
    import { createRequire } from "node:module";
    import { parentPort } from "node:worker_threads";
    createRequire(${JSON.stringify(import.meta.url)})("koffi");
    parentPort.on("message", ({ bytes }) => {
      if (bytes === undefined) parentPort.close();
      else parentPort.postMessage({ failure: undefined });
    });`;
    const workerUrl = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
    const list = transactions([40]);
    for (let delayMs = 10; delayMs < 60; delayMs += 2) {
      const options = { threadCount: 1, preference: "auto", workerUrl } as const;
      const pool = new ScriptPool(options, { secp256k1: portableSecp256k1, log: new MemoryLog() });
      const pending = pool.verifyAll(list, STANDARD_SCRIPT_FLAGS);
      await new Promise((resume) => setTimeout(resume, delayMs));
      await pool.close();
      expect(pool.workerCount).toBe(0);
      expect(await pending).toBeUndefined();
    }
  },
  60_000,
);

describe("batches", () => {
  test("hold every input once, in order, and cut large transactions", () => {
    const list = transactions([1, 2, 30, 1]);
    const batches = batchesOf(list, 10);
    const inputs = batches
      .flat()
      .flatMap((part) =>
        Array.from({ length: part.inputEnd - part.inputFirst }, (_, index) => [
          part.transactionIndex,
          part.inputFirst + index,
        ]),
      );
    const expected = list.flatMap(({ tx }, transactionIndex) => tx.inputs.map((_, index) => [transactionIndex, index]));
    expect(inputs).toEqual(expected);
    const sizes = batches.map((parts) => parts.reduce((sum, part) => sum + part.inputEnd - part.inputFirst, 0));
    expect(sizes).toEqual([13, 10, 10, 1]);
  });

  test("come out of their encoding as they went in", () => {
    const [batch] = batchesOf(transactions([3, 4]), 100);
    const { parts, flags } = decodeBatch(encodeBatch(batch!, 12345));
    expect(flags).toBe(12345);
    expect(parts.map(({ tx }) => tx.wtxid)).toEqual(batch!.map(({ tx }) => tx.wtxid));
    expect(parts.map(({ spentOutputs }) => spentOutputs)).toEqual(batch!.map(({ spentOutputs }) => spentOutputs));
    expect(parts.map(({ inputFirst, inputEnd }) => [inputFirst, inputEnd])).toEqual([
      [0, 3],
      [0, 4],
    ]);
  });
});

test("-par counts threads as documented", () => {
  expect(scriptThreadCount(1, 8)).toBe(0);
  expect(scriptThreadCount(0, 8)).toBe(8);
  expect(scriptThreadCount(0, 1)).toBe(1);
  expect(scriptThreadCount(4, 2)).toBe(4);
  expect(scriptThreadCount(-2, 8)).toBe(6);
  expect(scriptThreadCount(-8, 8)).toBe(0);
  expect(scriptThreadCount(100, 8)).toBe(SCRIPT_THREADS_MAX);
});

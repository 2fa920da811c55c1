import { join } from "node:path";
import { equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { isCoinbase, type OutPoint, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import {
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  mineSpending,
  openTestChain,
  rewardOf,
  spend,
  submitAll,
  type TestChain,
  type Tip,
} from "../chain/test-kit.ts";
import { afterSpenderKeyPrefix, SPENDER_SALT_KEY, spenderKeyPrefix, spenderKeysFrom } from "../storage/keyspace.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { SpenderIndex } from "./spender-index.ts";

const REWARDS = mineMany(GENESIS, 105);
const MAIN = [...REWARDS, ...mineSpending(REWARDS, 5)];
const RANDOM = { bytes: (size: number) => Uint8Array.from({ length: size }, (_, at) => at + 1) };

async function startIndex(path: string, opened: TestChain): Promise<SpenderIndex> {
  const { chain, clock, log } = opened;
  const onFatal = (error: Error) => {
    throw error;
  };
  const deps = { chain, clock, log, onFatal, random: RANDOM };
  const index = await SpenderIndex.open({ path: join(path, "spenders") }, deps);
  index.start();
  while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
  return index;
}

const spendersOf = (tips: readonly Tip[]) =>
  tips.flatMap(({ block }) => {
    const spenders = block.transactions.filter((tx) => !isCoinbase(tx));
    return spenders.flatMap((tx) => tx.inputs.map(({ previousOutput }) => ({ outPoint: previousOutput, tx, block })));
  });

async function expectSpent(index: SpenderIndex, tips: readonly Tip[]): Promise<void> {
  for (const { outPoint, tx, block } of spendersOf(tips)) {
    const found = await index.find(outPoint);
    expect(found && [displayHash(found.tx.txid), displayHash(found.blockHash)]).toEqual([
      displayHash(tx.txid),
      displayHash(block.hash),
    ]);
  }
}

/** Every key in hex, but for the salt and the block it has come to. */
async function keysIn(path: string): Promise<readonly string[]> {
  const store = await openLevelStore(path, { cacheBytes: 1 << 20, obfuscate: false, repairOption: "-reindex" });
  const keys: string[] = [];
  for await (const { key, value } of store.iterate({ from: Uint8Array.of(0x73), to: Uint8Array.of(0x74) })) {
    if (equalBytes(key, SPENDER_SALT_KEY)) continue;
    expect(value.length).toBe(0);
    keys.push(toHex(key));
  }
  await store.close();
  return keys;
}

describe("the keys of the spender index", () => {
  test.each([0n, 1n, 0xffn, 2n ** 64n - 1n])(
    "begin with the hash %s, little-endian, and all lie in its range",
    (hash) => {
      const { from, to } = spenderKeysFrom(spenderKeyPrefix(hash));
      expect(toHex(from)).toBe(`73${toHex(new Uint8Array(new BigUint64Array([hash]).buffer))}`);
      // The largest place begins with 0x8e.
      const highest = Uint8Array.of(...from, 0x8e, 0xfe, 0xfe, 0xfe, 0x7f);
      expect(Buffer.compare(from, highest)).toBe(-1);
      expect(Buffer.compare(highest, to)).toBe(-1);
      expect(afterSpenderKeyPrefix(highest).remaining).toBe(5);
    },
  );

  test("other keys are refused", () => {
    expect(() => afterSpenderKeyPrefix(Uint8Array.of(0x74, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow(
      "not the key of a spender",
    );
    expect(() => afterSpenderKeyPrefix(Uint8Array.of(0x73, 0))).toThrow("unexpected end");
  });
});

describe("the spender index", () => {
  test("finds what spends each output of the chain, before and after a restart", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 107));
      const index = await startIndex(path, opened);
      await submitAll(opened.chain, MAIN.slice(107));
      expect(await index.waitUntilCurrent()).toBe(true);
      expect([index.name, index.best]).toEqual(["txospenderindex", opened.chain.tip]);
      await expectSpent(index, MAIN);
      expect(spendersOf(MAIN).length).toBeGreaterThan(15);
      await index.close();
      const again = await startIndex(path, opened);
      await expectSpent(again, MAIN);
      await again.close();
      await opened.chain.close();
    });
  });

  test("finds nothing where nothing spends", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const index = await startIndex(path, opened);
      const unspent = rewardOf(MAIN.at(-1)!).outPoint;
      expect(await index.find(unspent)).toBeUndefined();
      expect(await index.find({ ...spendersOf(MAIN)[0]!.outPoint, index: 77 })).toBeUndefined();
      // The inputs of coinbases spend nothing.
      const nothing: OutPoint = MAIN[0]!.block.transactions[0]!.inputs[0]!.previousOutput;
      expect(await index.find(nothing)).toBeUndefined();
      await index.close();
      await opened.chain.close();
    });
  });

  test("takes back what a reorganisation takes back, and goes over to what replaces it", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      const reward = rewardOf(REWARDS[0]!);
      const [first, second] = [spend([reward]), spend([reward], { fee: 1000n })] as [Transaction, Transaction];
      const left = mine(REWARDS.at(-1)!, { transactions: [first], salt: 1 });
      await submitAll(opened.chain, [...REWARDS, left]);
      const index = await startIndex(path, opened);
      await expectSpent(index, [left]);
      const empty = mineMany(REWARDS.at(-1)!, 2, { salt: 2 });
      await submitAll(opened.chain, empty);
      await index.waitUntilCurrent();
      expect(await index.find(reward.outPoint)).toBeUndefined();
      const other = mine(empty[1]!, { transactions: [second] });
      await submitAll(opened.chain, [other]);
      await index.waitUntilCurrent();
      await expectSpent(index, [other]);
      await index.close();
      expect((await keysIn(join(path, "spenders"))).length).toBe(1);
      await opened.chain.close();
    });
  });

  test("knows what a block spent that was invalidated until another comes in its place", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const index = await startIndex(path, opened);
      await opened.chain.invalidateBlock(MAIN.at(-1)!.block.hash);
      await opened.chain.events.drained();
      expect(await index.waitUntilCurrent()).toBe(true);
      await expectSpent(index, MAIN.slice(-1));
      await index.close();
      // Nor does a restart take it back.
      const again = await startIndex(path, opened);
      await expectSpent(again, MAIN.slice(-1));
      await submitAll(opened.chain, [mine(MAIN.at(-2)!, { salt: 4 })]);
      await again.waitUntilCurrent();
      for (const { outPoint } of spendersOf(MAIN.slice(-1))) expect(await again.find(outPoint)).toBeUndefined();
      await expectSpent(again, MAIN.slice(0, -1));
      await again.close();
      await opened.chain.close();
    });
  });

  test("looks past keys that a crash left, and fails only where nothing is found behind them", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      await (await startIndex(path, opened)).close();
      const folder = join(path, "spenders");
      const before = await keysIn(folder);
      const store = await openLevelStore(folder, { cacheBytes: 1 << 20, obfuscate: false, repairOption: "-reindex" });
      const batch = store.newBatch();
      // A place where no block begins, in front of the right one.
      for (const key of before)
        batch.put(Uint8Array.from(Buffer.from(`${key.slice(0, 18)}000901`, "hex")), new Uint8Array(0));
      await store.write(batch, { sync: false });
      await store.close();
      expect((await keysIn(folder)).length).toBe(2 * before.length);
      const index = await startIndex(path, opened);
      await expectSpent(index, MAIN);
      await index.close();

      const emptied = await openLevelStore(folder, { cacheBytes: 1 << 20, obfuscate: false, repairOption: "-reindex" });
      const removal = emptied.newBatch();
      for (const key of before) removal.delete(Uint8Array.from(Buffer.from(key, "hex")));
      await emptied.write(removal, { sync: false });
      await emptied.close();
      const without = await startIndex(path, opened);
      await expect(without.find(spendersOf(MAIN)[0]!.outPoint)).rejects.toThrow("cannot be read");
      await without.close();
      await opened.chain.close();
    });
  });
});

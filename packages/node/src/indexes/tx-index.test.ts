import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import {
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  mineSpending,
  openTestChain,
  submitAll,
  type TestChain,
  type Tip,
} from "../chain/test-kit.ts";
import { txIndexKey } from "../storage/keyspace.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { readTransactionPlace, type TransactionPlace, writeTransactionPlace } from "./transaction-place.ts";
import { TxIndex } from "./tx-index.ts";

const REWARDS = mineMany(GENESIS, 105);
const MAIN = [...REWARDS, ...mineSpending(REWARDS, 5)];
/** Leaves the chain above height 107 and is longer. */
const BRANCH = mineMany(MAIN[106]!, 6, { salt: 9 });

async function startIndex(path: string, opened: TestChain, wipe = false): Promise<TxIndex> {
  const { chain, clock, log } = opened;
  const onFatal = (error: Error) => {
    throw error;
  };
  const index = await TxIndex.open({ path: join(path, "txindex"), wipe }, { chain, clock, log, onFatal });
  index.start();
  while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
  return index;
}

/** Expects the index to find every transaction of these blocks, whole. */
async function expectAll(index: TxIndex, tips: readonly Tip[]): Promise<void> {
  for (const { block } of tips) {
    for (const tx of block.transactions) {
      const found = await index.find(tx.txid);
      expect(found && displayHash(found.tx.wtxid)).toBe(displayHash(tx.wtxid));
      expect(found && displayHash(found.blockHash)).toBe(displayHash(block.hash));
    }
  }
}

describe("the place of a transaction", () => {
  test.each<[TransactionPlace, number]>([
    [{ block: { file: 0, offset: 8 }, offset: 1 }, 3],
    [{ block: { file: 127, offset: 128 }, offset: 16_511 }, 5],
    [{ block: { file: 0x7fffffff, offset: 0xffffffff }, offset: 0xffffffff }, 15],
  ])("%j takes %d bytes", (place, size) => {
    const writer = new Writer(15);
    writeTransactionPlace(writer, place);
    const bytes = writer.finish();
    expect(bytes.length).toBe(size);
    expect(readTransactionPlace(new Reader(bytes))).toEqual(place);
  });
});

describe("the transaction index", () => {
  test("finds what was there before it and what comes after", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 107));
      const index = await startIndex(path, opened);
      await submitAll(opened.chain, MAIN.slice(107));
      expect(await index.waitUntilCurrent()).toBe(true);
      expect([index.name, index.best]).toEqual(["txindex", opened.chain.tip]);
      await expectAll(index, MAIN);
      await index.close();
      const again = await startIndex(path, opened);
      await expectAll(again, MAIN);
      await again.close();
      await opened.chain.close();
    });
  });

  test("does not know genesis, nor what is in no block", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 3));
      const index = await startIndex(path, opened);
      expect(await index.find(GENESIS.block.transactions[0]!.txid)).toBeUndefined();
      expect(await index.find(MAIN[3]!.block.transactions[0]!.txid)).toBeUndefined();
      expect(await index.find(new Uint8Array(32) as Txid)).toBeUndefined();
      await index.close();
      await opened.chain.close();
    });
  });

  test("of two blocks with a transaction knows the one that was connected last", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const index = await startIndex(path, opened);
      const { transactions } = MAIN.at(-1)!.block;
      const shared = transactions.slice(1, 3) as readonly Transaction[];
      const branch = [MAIN[108]!, mine(MAIN[108]!, { transactions: shared, salt: 3 })];
      branch.push(mine(branch[1]!));
      await submitAll(opened.chain, branch.slice(1));
      await index.waitUntilCurrent();
      await expectAll(index, branch);
      // What only the block has that was left is still known, with that block.
      const left = await index.find(transactions[0]!.txid);
      expect(left && displayHash(left.blockHash)).toBe(displayHash(MAIN.at(-1)!.block.hash));
      await submitAll(opened.chain, BRANCH);
      await index.waitUntilCurrent();
      await expectAll(index, [...MAIN.slice(0, 107), ...BRANCH]);
      await index.close();
      await opened.chain.close();
    });
  });

  test("finds a transaction of more bytes than are read at first", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      const output = { value: 0n, scriptPubKey: new Uint8Array(9000).fill(0x6a) };
      const large = mine(GENESIS, {
        spoil: ([coinbase, ...rest]) => {
          const { version, inputs, outputs, lockTime } = coinbase!;
          const grown = { version, inputs, outputs: [...outputs, output], lockTime };
          return [new (coinbase!.constructor as typeof Transaction)(grown), ...rest];
        },
      });
      await submitAll(opened.chain, [large, mine(large)]);
      const index = await startIndex(path, opened);
      expect(large.block.transactions[0]!.size).toBeGreaterThan(8000);
      await expectAll(index, [large]);
      await index.close();
      await opened.chain.close();
    });
  });

  test("begins anew where it is wiped", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      await (await startIndex(path, opened)).close();
      const { txid } = MAIN[0]!.block.transactions[0]!;
      await spoil(join(path, "txindex"), txid, Uint8Array.of(0, 9, 9));
      const wiped = await startIndex(path, opened, true);
      await expectAll(wiped, MAIN);
      await wiped.close();
      await opened.chain.close();
    });
  });

  test.each<[string, Uint8Array, string]>([
    ["no place", Uint8Array.of(0), "txindex cannot be read"],
    ["a place where no block begins", Uint8Array.of(0, 99, 1), "txindex cannot be read"],
    ["a file that is not there", Uint8Array.of(77, 8, 1), "txindex cannot be read"],
    ["the place of another transaction", Uint8Array.of(0, 8, 1), "txid mismatch"],
  ])("a record that is %s is not found, and logged", async (_name, value, line) => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 3));
      await (await startIndex(path, opened)).close();
      const { txid } = MAIN[0]!.block.transactions[0]!;
      await spoil(join(path, "txindex"), txid, value);
      const index = await startIndex(path, opened);
      expect(await index.find(txid)).toBeUndefined();
      expect(opened.log.lines.join("\n")).toContain(line);
      await expectAll(index, MAIN.slice(1, 3));
      await index.close();
      await opened.chain.close();
    });
  });

  test("ends the node where a block cannot be read", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 3));
      await opened.chain.flush();
      await rm(join(path, "blocks", "blk00000.dat"));
      const { chain, clock, log } = opened;
      const failure = await new Promise<Error>((resolve) => {
        TxIndex.open({ path: join(path, "txindex") }, { chain, clock, log, onFatal: resolve }).then((index) =>
          index.start(),
        );
      });
      expect(failure.message).toContain("blk00000.dat");
    });
  });
});

/** Writes something else in place of where a transaction is. */
async function spoil(path: string, txid: Txid, value: Uint8Array): Promise<void> {
  const store = await openLevelStore(path, { cacheBytes: 1 << 20, obfuscate: false, repairOption: "-reindex" });
  const batch = store.newBatch();
  batch.put(txIndexKey(txid), value);
  await store.write(batch, { sync: false });
  await store.close();
}

import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { describe, expect, test } from "vitest";
import {
  GENESIS,
  inTemporaryDirectory,
  openTestChain,
  submitAll,
  type TestChain,
  type Tip,
} from "../chain/test-kit.ts";
import type { Mempool } from "../mempool/mempool.ts";
import { openTestMempool, seededRandom } from "../mempool/test-kit.ts";
import { AddressBook } from "./address-book.ts";
import { AddressIndex } from "./address-index.ts";
import { AddressMempool } from "./address-mempool.ts";
import { mineTo, modelOf, payFreely, type Random, randomTransactions, SCRIPTS, stateIn } from "./address-test-kit.ts";

/** The address index, its mempool and its book over real LevelDB, against a model that reads the whole chain. */

interface Opened extends TestChain {
  readonly path: string;
  readonly index: AddressIndex;
  readonly mempool: Mempool;
  readonly book: AddressBook;
  close(): Promise<void>;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function openIndex(path: string, { chain, clock, log }: TestChain, wipe = false): Promise<AddressIndex> {
  const onFatal = (error: Error) => {
    throw error;
  };
  const index = await AddressIndex.open({ path: join(path, "address"), wipe }, { chain, clock, log, onFatal });
  index.start();
  while (!index.isSynced) await settled();
  return index;
}

async function open(path: string): Promise<Opened> {
  const opened = await openTestChain(path);
  const { chain, clock, log } = opened;
  const mempool = openTestMempool(chain, clock, log, { requiresStandard: false });
  const waiting = new AddressMempool(mempool);
  const index = await openIndex(path, opened);
  const close = async () => {
    await index.close();
    waiting.close();
    mempool.close();
    await chain.close();
  };
  return { ...opened, path, index, mempool, book: new AddressBook({ chain, index, waiting }), close };
}

/** As a kill leaves it: what the operating system has of the files, and nothing that the process had yet to write. */
async function killed(opened: Opened, to: string): Promise<Opened> {
  // LevelDB removes files behind the copy's back when it has put others in their place: then the copy is made again.
  const copy = (): Promise<void> => cp(opened.path, to, { recursive: true, force: true });
  await copy().catch(async () => {
    await rm(to, { recursive: true, force: true });
    await copy();
  });
  await opened.close();
  return open(to);
}

async function expectAsModel({ book, mempool }: Opened, blocks: readonly Tip[], limit = 3): Promise<void> {
  const model = modelOf(
    blocks,
    [...mempool.entries()].map(({ tx }) => tx),
  );
  for (const script of SCRIPTS) expect(await stateIn(book, script, limit)).toEqual(model(script));
}

/** The chain that a test begins with: rewards that may be spent. */
function matureChain(random: Random): Tip[] {
  const blocks: Tip[] = [GENESIS];
  while (blocks.length < 104) blocks.push(mineTo(SCRIPTS[random(5)]!, blocks.at(-1)!));
  return blocks;
}

function extended(random: Random, blocks: readonly Tip[], count: number, first: readonly Transaction[] = []): Tip[] {
  const longer = [...blocks];
  for (let made = 0; made < count; made++) {
    const own = made === 0 ? first : [];
    const transactions = own.length > 0 ? own : randomTransactions(random, longer, random(5));
    longer.push(mineTo(SCRIPTS[random(5)]!, longer.at(-1)!, transactions, random(1 << 24)));
  }
  return longer;
}

describe("against the model", () => {
  test.each([1, 2, 3, 4])(
    "random chains with reorganisations, restarts and kills: seed %i",
    async (seed) => {
      await inTemporaryDirectory(async (path) => {
        const random = seededRandom(seed);
        let blocks = matureChain(random);
        let opened = await open(join(path, "0"));
        await submitAll(opened.chain, blocks.slice(1));
        await opened.chain.flush();
        for (let step = 1; step <= 30; step++) {
          const action = random(10);
          if (action < 4) {
            // Some of what waits is confirmed, or loses its coins to the block.
            const waiting = random(2) === 0 ? await minable(opened) : [];
            const longer = extended(random, blocks, 1 + random(3), waiting.slice(0, 1 + random(4)));
            await submitAll(opened.chain, longer.slice(blocks.length));
          } else if (action < 6) {
            const depth = 1 + random(6);
            const fork = blocks.slice(0, blocks.length - depth);
            await submitAll(opened.chain, extended(random, fork, depth + 1 + random(2)).slice(fork.length));
          } else if (action === 6) {
            await opened.chain.invalidateBlock(blocks.at(-1 - random(3))!.block.hash);
          } else if (action === 7) {
            await opened.close();
            opened = await open(opened.path);
          } else if (action === 8) {
            opened = await killed(opened, join(path, String(step)));
          } else {
            for (const tx of randomTransactions(random, blocks, 4)) await opened.mempool.accept(tx);
          }
          if (random(4) === 0) await opened.chain.flush();
          blocks = await blocksOf(opened);
          await expectAsModel(opened, blocks, 1 + random(7));
        }
        await opened.close();
      });
    },
    120_000,
  );
});

/** The active chain: what a kill or the end of a branch leaves of it, too. */
async function blocksOf({ chain }: Opened): Promise<Tip[]> {
  const heights = Array.from({ length: chain.height + 1 }, (_, height) => height);
  return Promise.all(heights.map(async (height) => ({ block: await chain.readBlock(chain.blockAt(height)!), height })));
}

/** What waits, parents before children. */
async function minable({ mempool }: Opened): Promise<Transaction[]> {
  return [...mempool.chunksInMiningOrder()].flatMap(({ entries }) => entries.map(({ tx }) => tx));
}

describe("after a kill", () => {
  test("takes back what the chain has lost, with nothing but its own records", async () => {
    await inTemporaryDirectory(async (path) => {
      const random = seededRandom(9);
      const base = matureChain(random);
      const opened = await open(join(path, "a"));
      await submitAll(opened.chain, base.slice(1));
      await opened.chain.flush();
      const lost = extended(random, base, 12);
      await submitAll(opened.chain, lost.slice(base.length));
      await expectAsModel(opened, lost);
      const again = await killed(opened, join(path, "b"));
      expect(again.chain.tip.height).toBe(base.length - 1);
      expect(again.index.best).toBe(again.chain.tip);
      await expectAsModel(again, base);
      const other = extended(random, base, 3);
      await submitAll(again.chain, other.slice(base.length));
      await expectAsModel(again, other);
      await again.close();
    });
  });

  test("takes back a block of which the chain has kept but the header", async () => {
    await inTemporaryDirectory(async (path) => {
      const random = seededRandom(10);
      const base = matureChain(random);
      const opened = await open(join(path, "a"));
      await submitAll(opened.chain, base.slice(1));
      const lost = extended(random, base, 2);
      for (const { block } of lost.slice(base.length)) await opened.chain.submitHeader(block.header);
      await opened.chain.flush();
      await submitAll(opened.chain, lost.slice(base.length));
      await expectAsModel(opened, lost);
      const again = await killed(opened, join(path, "b"));
      expect(again.chain.tip.height).toBe(base.length - 1);
      expect(again.chain.bestHeader.height).toBe(lost.length - 1);
      await expectAsModel(again, base);
      await submitAll(again.chain, lost.slice(base.length));
      await expectAsModel(again, lost);
      await again.close();
    });
  });

  test("keeps no record of a block that the chain has on disk", async () => {
    await inTemporaryDirectory(async (path) => {
      const random = seededRandom(11);
      const base = matureChain(random);
      const opened = await open(path);
      await submitAll(opened.chain, base.slice(1));
      await opened.chain.flush();
      expect(base.slice(1).every(({ block }) => opened.chain.isOnDisk(opened.chain.find(block.hash)!))).toBe(true);
      const longer = extended(random, base, 1);
      await submitAll(opened.chain, longer.slice(base.length));
      expect(opened.chain.isOnDisk(opened.chain.tip)).toBe(false);
      await expectAsModel(opened, longer);
      await opened.index.close();
      const kept: number[] = [];
      const { openLevelStore } = await import("../storage/level-store.ts");
      const { ADDRESS_RECORDS, heightOfAddressRecordKey } = await import("../storage/keyspace.ts");
      const options = { cacheBytes: 1 << 20, obfuscate: false, repairOption: "-reindex" };
      const store = await openLevelStore(join(path, "address"), options);
      for await (const { key } of store.iterate(ADDRESS_RECORDS)) kept.push(heightOfAddressRecordKey(key));
      expect(kept).toEqual([longer.length - 1]);
      await store.close();
      await opened.chain.close();
    });
  });
});

describe("the index", () => {
  test("is rebuilt where it is wiped, and where it is new on an old chain", async () => {
    await inTemporaryDirectory(async (path) => {
      const random = seededRandom(12);
      const blocks = extended(random, matureChain(random), 10);
      const first = await openTestChain(path);
      await submitAll(first.chain, blocks.slice(1));
      await first.chain.close();
      const opened = await open(path);
      await expectAsModel(opened, blocks);
      await opened.index.close();
      const index = await openIndex(path, opened, true);
      const book = new AddressBook({ ...opened, index, waiting: new AddressMempool(opened.mempool) });
      await expectAsModel({ ...opened, book }, blocks);
      await index.close();
      await opened.mempool.close();
      await opened.chain.close();
    });
  });

  test("knows the reward of genesis, and that it is no coin", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await open(path);
      const [coinbase] = GENESIS.block.transactions;
      const state = await stateIn(opened.book, coinbase!.outputs[0]!.scriptPubKey, 5);
      expect(state).toEqual(modelOf([GENESIS], [])(coinbase!.outputs[0]!.scriptPubKey));
      expect(state).toMatchObject({ coins: [], balance: "0 0 5000000000 0 1 0 0" });
      await opened.close();
    });
  });

  test("counts a transaction once that pays to a script many times and spends from it as often", async () => {
    await inTemporaryDirectory(async (path) => {
      const script = SCRIPTS[0]!;
      const blocks: Tip[] = [GENESIS];
      while (blocks.length < 103) blocks.push(mineTo(script, blocks.at(-1)!));
      const rewards = blocks.slice(1, 3).map(({ block: { transactions } }) => ({
        outPoint: { txid: transactions[0]!.txid, index: 0 },
        output: transactions[0]!.outputs[0]!,
      }));
      const output = { value: 3_000_000_000n, scriptPubKey: script };
      const tx = payFreely(rewards, [output, output, output]);
      blocks.push(mineTo(SCRIPTS[1]!, blocks.at(-1)!, [tx]));
      const opened = await open(path);
      await submitAll(opened.chain, blocks.slice(1));
      await expectAsModel(opened, blocks);
      const state = await stateIn(opened.book, script, 10);
      expect(state.balance).toBe("509000000000 0 519000000000 10000000000 103 0 103");
      await opened.close();
    });
  });
});

import { displayHash, type HashKey, hashFromKey } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import {
  COINBASE_MATURITY,
  GENESIS,
  inTemporaryDirectory,
  openTestChain,
  submitAll,
  type Tip,
} from "../chain/test-kit.ts";
import { openTestMempool, seededRandom } from "../mempool/test-kit.ts";
import { AddressBook, type AddressTransaction } from "./address-book.ts";
import type { CoinCursor, HistoryCursor } from "./address-cursor.ts";
import { scriptKeyOf } from "./address-effects.ts";
import { AddressIndex } from "./address-index.ts";
import { AddressMempool } from "./address-mempool.ts";
import { mineTo, modelOf, randomTransactions, SCRIPTS, stateIn } from "./address-test-kit.ts";
import { balanceOfSet, coinsOfSet, historyOfSet, type SetCoin } from "./script-set.ts";

/** Sets of scripts against what each script by itself has, and that against the model. */

const textOf = (txid: HashKey) => displayHash(hashFromKey(txid));

async function wholeHistory(book: AddressBook, scripts: readonly HashKey[], limit: number) {
  const items: AddressTransaction[] = [];
  for (let cursor: HistoryCursor | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const part = await historyOfSet(book, scripts, limit, cursor);
    expect(part.items.length).toBeLessThanOrEqual(limit);
    items.push(...part.items);
    cursor = part.next;
  }
  return items;
}

async function allCoins(book: AddressBook, scripts: readonly HashKey[], limit: number) {
  const items: SetCoin[] = [];
  for (let cursor: CoinCursor | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const part = await coinsOfSet(book, scripts, limit, cursor);
    items.push(...part.items);
    cursor = part.next;
  }
  return items;
}

/** In the order of blocks and of positions there; what waits by the order of keys. */
const placeOf = ({ txid, where }: AddressTransaction) =>
  "waiting" in where ? `w${txid}` : `${where.block.height}:${where.position}`;

async function expectSet(book: AddressBook, scripts: readonly Uint8Array[], limit: number, nextHeight: number) {
  const keys = scripts.map(scriptKeyOf);
  const single = await Promise.all(keys.map((key) => wholeHistory(book, [key], 50)));
  const sums = new Map<string, { received: bigint; sent: bigint; fee: bigint | undefined }>();
  for (const item of single.flat()) {
    const known = sums.get(placeOf(item)) ?? { received: 0n, sent: 0n, fee: item.fee };
    const { received, sent } = item;
    sums.set(placeOf(item), { received: known.received + received, sent: known.sent + sent, fee: known.fee });
  }
  const history = await wholeHistory(book, keys, limit);
  expect(
    new Map(history.map((item) => [placeOf(item), { received: item.received, sent: item.sent, fee: item.fee }])),
  ).toEqual(sums);
  expect(history).toHaveLength(sums.size);
  const chainPart = history.flatMap(({ where }) => ("waiting" in where ? [] : [where]));
  const inOrder = [...chainPart].sort((a, b) => b.block.height - a.block.height || b.position - a.position);
  expect(chainPart).toEqual(inOrder);
  expect(history.slice(0, history.length - chainPart.length).every(({ where }) => "waiting" in where)).toBe(true);

  const coins = await allCoins(book, keys, limit);
  const named = ({ script, txid, index, value, block, spentBy, isMature }: SetCoin) =>
    `${keys.indexOf(script)} ${textOf(txid)}:${index} ${value} ${block?.height} ${spentBy && textOf(spentBy)} ${isMature}`;
  const each = await Promise.all(keys.map((key) => allCoins(book, [key], 50)));
  expect(coins.map(named).sort()).toEqual(each.flat().map(named).sort());
  const heights = coins.map(({ block }) => block?.height ?? Number.POSITIVE_INFINITY);
  expect(heights).toEqual([...heights].sort((a, b) => b - a));

  const balance = await balanceOfSet(book, keys);
  const confirmed = coins.filter(({ block }) => block !== undefined);
  const worth = (some: readonly SetCoin[]) => some.reduce((sum, { value }) => sum + value, 0n);
  const isYoung = ({ block, isCoinbase }: SetCoin) => isCoinbase && nextHeight - block!.height < COINBASE_MATURITY;
  const alone = await book.balances(keys);
  expect(balance).toMatchObject({
    mature: worth(confirmed.filter((coin) => !isYoung(coin))),
    immature: worth(confirmed.filter(isYoung)),
    unconfirmed: alone.reduce((sum, { unconfirmed }) => sum + unconfirmed, 0n),
    coinCount: confirmed.length,
    usedCount: alone.filter((one) => one.transactionCount + one.waitingCount > 0).length,
  });
}

describe("sets of scripts", () => {
  test.each([1, 2])("random chains and mempools: seed %i", { timeout: 120_000 }, async (seed) => {
    await inTemporaryDirectory(async (path) => {
      const random = seededRandom(seed);
      const opened = await openTestChain(path);
      const { chain, clock, log } = opened;
      const mempool = openTestMempool(chain, clock, log, { requiresStandard: false });
      const waiting = new AddressMempool(mempool);
      const onFatal = (error: Error) => {
        throw error;
      };
      const index = await AddressIndex.open({ path: `${path}/address` }, { chain, clock, log, onFatal });
      index.start();
      while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
      const book = new AddressBook({ chain, index, waiting });
      const blocks: Tip[] = [GENESIS];
      while (blocks.length < 102) blocks.push(mineTo(SCRIPTS[random(5)]!, blocks.at(-1)!));
      await submitAll(chain, blocks.slice(1));
      for (let step = 0; step < 12; step++) {
        if (step % 3 < 2) {
          const next = mineTo(
            SCRIPTS[random(5)]!,
            blocks.at(-1)!,
            randomTransactions(random, blocks, 1 + random(4)),
            step,
          );
          blocks.push(next);
          await submitAll(chain, [next]);
        } else for (const tx of randomTransactions(random, blocks, 6)) await mempool.accept(tx);
        const set = SCRIPTS.filter(() => random(4) > 0);
        await expectSet(book, set, 1 + random(9), blocks.length);
      }
      const model = modelOf(
        blocks,
        [...mempool.entries()].map(({ tx }) => tx),
      );
      for (const script of SCRIPTS) expect(await stateIn(book, script, 5)).toEqual(model(script));
      expect(await historyOfSet(book, [], 5)).toMatchObject({ items: [], next: undefined });
      expect(await balanceOfSet(book, [])).toMatchObject({ mature: 0n, immature: 0n, coinCount: 0 });
      await index.close();
      waiting.close();
      mempool.close();
      await chain.close();
    });
  });
});

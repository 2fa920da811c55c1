import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { COINBASE_MATURITY } from "@bitfleet/protocol/consensus/check-transaction.ts";
import { type HashKey, hashFromKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import {
  type AddressBook,
  type AddressCoin,
  type AddressPart,
  type AddressTransaction,
  chainCoin,
  chainTransaction,
  coinCursorOf,
  countBehind,
  historyCursorOf,
  spendersAmong,
  waitingBehind,
  waitingCoins,
  waitingTransaction,
} from "./address-book.ts";
import type { CoinCursor, HistoryCursor } from "./address-cursor.ts";
import type { ScriptCoin } from "./address-effects.ts";
import type { WaitingTouch } from "./address-mempool.ts";
import type { HistoryRecord } from "./address-records.ts";
import type { AddressView } from "./address-view.ts";
import { newestOfMany } from "./newest-of-many.ts";

/** What many scripts have together, as the scripts of a wallet: in chain and mempool at one moment. */

/** A set of scripts, none twice. */
export type ScriptSet = readonly HashKey[];

export interface SetBalance {
  readonly tip: BlockIndexEntry;
  /** Worth of unspent outputs in the chain that the next block may spend, and of those of coinbases that it may not. */
  readonly mature: Sats;
  readonly immature: Sats;
  /** By how much their sum changes when all that waits is confirmed. */
  readonly unconfirmed: Sats;
  readonly coinCount: number;
  /** Scripts that were ever used, in the chain or by what waits. */
  readonly usedCount: number;
}

/** An unspent output, and whose it is. */
export interface SetCoin extends AddressCoin {
  readonly script: HashKey;
}

/** Records and coins of a script that are read at a time: at first few, since most scripts have few. */
const BATCH_FIRST = 4;
const BATCH_MAX = 256;

/** What the set has. */
export function balanceOfSet(book: Pick<AddressBook, "read">, scripts: ScriptSet): Promise<SetBalance> {
  return book.read(async (view, tip, waiting) => {
    const touches = scripts.map((script) => waiting.touching(script));
    const unconfirmed = touches.flat().reduce((sum, { balance }) => sum + balance, 0n);
    const totals = await view.totalsOfMany(scripts);
    const immature = await immatureOf(view, tip, ownersOf(scripts, totals));
    const all = totals.reduce((sum, { balance }) => sum + balance, 0n);
    const coinCount = totals.reduce((sum, one) => sum + one.coinCount, 0);
    const isUsed = (_: HashKey, at: number) => totals[at]!.transactionCount + touches[at]!.length > 0;
    return { tip, mature: all - immature, immature, unconfirmed, coinCount, usedCount: scripts.filter(isUsed).length };
  });
}

async function immatureOf(view: AddressView, tip: BlockIndexEntry, owners: ScriptSet): Promise<Sats> {
  let sum = 0n;
  // The next block may spend coinbases that have a hundred blocks, their own counted.
  const youngest = tip.height + 2 - COINBASE_MATURITY;
  for (const script of owners) {
    for await (const { value, isCoinbase } of view.coinsSince(script, youngest)) if (isCoinbase) sum += value;
  }
  return sum;
}

/** Those that have coins. */
function ownersOf(scripts: ScriptSet, totals: readonly { readonly coinCount: number }[]): ScriptSet {
  return scripts.filter((_, index) => totals[index]!.coinCount > 0);
}

/** The set's unspent outputs: those of waiting transactions by txid, then those of the chain, the newest first. */
export function coinsOfSet(
  book: Pick<AddressBook, "read">,
  scripts: ScriptSet,
  limit: number,
  cursor?: CoinCursor,
): Promise<AddressPart<SetCoin, CoinCursor>> {
  return book.read(async (view, tip, waiting) => {
    const touches = scripts.map((script) => ({ script, touches: waiting.touching(script) }));
    const spenders = spendersAmong(touches.flatMap((one) => one.touches));
    const items: SetCoin[] = touches
      .flatMap((one) => waitingCoins(one.touches, spenders, cursor).map((coin) => ({ ...coin, script: one.script })))
      .sort((a, b) => (a.txid === b.txid ? a.index - b.index : a.txid < b.txid ? -1 : 1))
      .slice(0, limit + 1);
    if (items.length <= limit) {
      const owners = ownersOf(scripts, await view.totalsOfMany(scripts));
      const lists = owners.map((script) => coinsBehind(view, script, cursor));
      for await (const [coin] of newestOfMany(lists, isNewerCoin)) {
        items.push({ ...chainCoin(coin, tip, spenders), script: coin.script });
        if (items.length > limit) break;
      }
    }
    const shown = items.slice(0, limit);
    return { tip, items: shown, next: items.length > limit ? coinCursorOf(shown.at(-1)!) : undefined };
  });
}

/** A script's coins in the chain behind the cursor, the newest first. */
async function* coinsBehind(
  view: AddressView,
  script: HashKey,
  cursor: CoinCursor | undefined,
): AsyncGenerator<ScriptCoin> {
  let place = cursor !== undefined && "place" in cursor ? cursor.place : undefined;
  for (let batch = BATCH_FIRST; ; batch = Math.min(2 * batch, BATCH_MAX)) {
    const coins = await view.coins(script, batch, place);
    yield* coins;
    if (coins.length < batch) return;
    place = coins.at(-1)!;
  }
}

/** The order of the index: of bytes, which that of the txids' keys in memory is not. */
function isNewerCoin(a: ScriptCoin, b: ScriptCoin): boolean {
  if (a.height !== b.height) return a.height > b.height;
  if (a.txid === b.txid) return a.index > b.index;
  return compareBytes(hashFromKey(a.txid), hashFromKey(b.txid)) > 0;
}

/**
 * Transactions that touch any script of the set, each once with what it does to all of them: those that wait by txid, then those of the
 * chain, the newest first. Cursors are good for what those of one script are.
 */
export function historyOfSet(
  book: Pick<AddressBook, "read">,
  scripts: ScriptSet,
  limit: number,
  cursor?: HistoryCursor,
): Promise<AddressPart<AddressTransaction, HistoryCursor>> {
  return book.read(async (view, tip, waiting) => {
    const touches = waitingBehind(joinedTouches(scripts.flatMap((script) => waiting.touching(script))), cursor);
    const items: AddressTransaction[] = touches.slice(0, limit + 1).map(waitingTransaction);
    if (items.length <= limit) {
      const totals = await view.totalsOfMany(scripts);
      const lists = scripts.flatMap((script, index) => {
        const { transactionCount } = totals[index]!;
        return transactionCount === 0 ? [] : [recordsBehind(view, script, transactionCount, cursor)];
      });
      for await (const records of newestOfMany(lists, isNewerRecord)) {
        items.push(chainTransaction(joined(records), tip));
        if (items.length > limit) break;
      }
    }
    const shown = items.slice(0, limit);
    return { tip, items: shown, next: items.length > limit ? historyCursorOf(shown.at(-1)!) : undefined };
  });
}

/** By txid, each transaction with what it does to all scripts. */
function joinedTouches(touches: readonly WaitingTouch[]): readonly WaitingTouch[] {
  const byTxid = new Map<HashKey, WaitingTouch>();
  for (const touch of touches) {
    const known = byTxid.get(touch.txid);
    byTxid.set(touch.txid, known === undefined ? touch : { ...touch, ...joined([known, touch]) });
  }
  return [...byTxid.values()].sort((a, b) => (a.txid < b.txid ? -1 : 1));
}

/** A script's transactions of the chain behind the cursor, the newest first. */
async function* recordsBehind(
  view: AddressView,
  script: HashKey,
  transactionCount: number,
  cursor: HistoryCursor | undefined,
): AsyncGenerator<HistoryRecord> {
  let count = await countBehind(view, script, transactionCount, cursor);
  for (let batch = BATCH_FIRST; count > 0; batch = Math.min(2 * batch, BATCH_MAX)) {
    yield* await view.historyBelow(script, count, batch);
    count -= batch;
  }
}

function isNewerRecord(a: HistoryRecord, b: HistoryRecord): boolean {
  return a.height === b.height ? a.position > b.position : a.height > b.height;
}

/** One transaction as several scripts see it. */
function joined<Part extends { readonly received: Sats; readonly sent: Sats }>(
  parts: readonly [Part, ...Part[]],
): Part {
  const received = parts.reduce((sum, part) => sum + part.received, 0n);
  const sent = parts.reduce((sum, part) => sum + part.sent, 0n);
  return { ...parts[0], received, sent };
}

import { COINBASE_MATURITY } from "@bitfleet/protocol/consensus/check-transaction.ts";
import {
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  outPointKeyOf,
  type Sats,
} from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import type { MempoolEntry } from "../mempool/entry.ts";
import type { CoinCursor, HistoryCursor } from "./address-cursor.ts";
import type { ScriptCoin } from "./address-effects.ts";
import type { AddressIndex } from "./address-index.ts";
import type { AddressMempool, WaitingTouch } from "./address-mempool.ts";
import type { AddressTotals, HistoryRecord } from "./address-records.ts";
import type { AddressView } from "./address-view.ts";

export interface AddressBookDependencies {
  readonly chain: Pick<Chain, "tip" | "events">;
  readonly index: Pick<AddressIndex, "isSynced" | "best" | "read">;
  readonly waiting: Pick<AddressMempool, "touching">;
}

/** How far the index has come that is not there yet. */
export interface AddressIndexProgress {
  readonly height: number;
  readonly targetHeight: number;
  /** Of the blocks, 0 to 100. */
  readonly percent: number;
}

/** What a script has. */
export interface AddressBalance {
  /** In the chain up to this block. */
  readonly tip: BlockIndexEntry;
  /** What its coins are worth, those of coinbases included that may not be spent yet. */
  readonly confirmed: Sats;
  /** By how much that grows, or gets less, when all that waits is confirmed. */
  readonly unconfirmed: Sats;
  /** All that it was ever paid in the chain, and all that was ever spent from it. */
  readonly received: Sats;
  readonly sent: Sats;
  readonly transactionCount: number;
  readonly waitingCount: number;
  readonly coinCount: number;
}

/** All that a script has seen. */
export interface AddressActivity {
  readonly chain: Readonly<AddressTotals>;
  /** The same of what waits. */
  readonly waiting: Pick<AddressTotals, "transactionCount" | "outputCount" | "received" | "inputCount" | "sent">;
}

/** An unspent output. */
export interface AddressCoin {
  readonly txid: HashKey;
  readonly index: number;
  readonly value: Sats;
  /** The block that made it; `undefined` where its transaction waits. */
  readonly block: BlockIndexEntry | undefined;
  readonly isCoinbase: boolean;
  /** Whether the next block may spend it. */
  readonly isMature: boolean;
  /** The waiting transaction that spends it. */
  readonly spentBy: HashKey | undefined;
}

/** A transaction as a script sees it. */
export interface AddressTransaction {
  readonly txid: HashKey;
  readonly received: Sats;
  readonly sent: Sats;
  /** `undefined` for a coinbase. */
  readonly fee: Sats | undefined;
  /** Where it is in the chain, or that it waits. */
  readonly where: InBlock | { readonly waiting: MempoolEntry };
}

export interface InBlock {
  readonly block: BlockIndexEntry;
  readonly position: number;
}

/** A part of a list. */
export interface AddressPart<Item, Cursor> {
  readonly tip: BlockIndexEntry;
  readonly items: readonly Item[];
  /** With which the list goes on; `undefined` at its end. */
  readonly next: Cursor | undefined;
}

/** A page of the history. */
export interface AddressPage {
  readonly tip: BlockIndexEntry;
  readonly items: readonly AddressTransaction[];
  readonly total: number;
}

/** The newest transactions of the chain, and what is left behind them all. */
export interface AddressPast {
  readonly tip: BlockIndexEntry;
  /** What the script's coins are worth at the tip. */
  readonly confirmed: Sats;
  /** The newest first. */
  readonly items: readonly AddressTransaction[];
  /** Whether these are all that there are. */
  readonly isWhole: boolean;
}

/** Blocks that may come while an answer waits for the index; then it is given as it is. */
const WAITS_MAX = 3;

/**
 * What there is to know of scripts, in the chain and in the mempool at one moment. Scripts are named by their hash, as in
 * `scriptKeyOf`. Not to be asked while {@link behind} says that the index has not caught up. Every call rejects with
 * `StorageError` or `DecodeError` where the disk does not hold what it should.
 */
export class AddressBook {
  readonly #deps: AddressBookDependencies;

  constructor(deps: AddressBookDependencies) {
    this.#deps = deps;
  }

  /** How far the index is; `undefined` where it has what the chain has. Once there it stays there. */
  get behind(): AddressIndexProgress | undefined {
    const { index, chain } = this.#deps;
    if (index.isSynced) return undefined;
    const height = index.best?.height ?? 0;
    const targetHeight = chain.tip.height;
    const share = targetHeight === 0 ? 0 : height / targetHeight;
    return { height, targetHeight, percent: Math.min(99.9, Math.floor(share * 1000) / 10) };
  }

  async balance(script: HashKey): Promise<AddressBalance> {
    const [balance] = await this.balances([script]);
    return balance!;
  }

  /** What came to a script and what went, in the chain and waiting. */
  activity(script: HashKey): Promise<AddressActivity> {
    const { waiting } = this.#deps;
    return this.read(async (view) => {
      const touches = waiting.touching(script);
      return { chain: await view.totals(script), waiting: sumOf(touches) };
    });
  }

  /** Balances in the order of `scripts`, all of one moment. */
  balances(scripts: readonly HashKey[]): Promise<readonly AddressBalance[]> {
    const { waiting } = this.#deps;
    return this.read(async (view, tip) => {
      const touches = scripts.map((script) => waiting.touching(script));
      const totals = await view.totalsOfMany(scripts);
      return scripts.map((_, index) => balanceOf(tip, totals[index]!, touches[index]!));
    });
  }

  /** Unspent outputs: those of waiting transactions by txid, then those of the chain, the newest first. */
  coins(script: HashKey, limit: number, cursor?: CoinCursor): Promise<AddressPart<AddressCoin, CoinCursor>> {
    const { waiting } = this.#deps;
    return this.read(async (view, tip) => {
      const touches = waiting.touching(script);
      const spenders = spendersAmong(touches);
      const unconfirmed = waitingCoins(touches, spenders, cursor).slice(0, limit + 1);
      const place = cursor !== undefined && "place" in cursor ? cursor.place : undefined;
      const confirmed = await view.coins(script, limit + 1 - unconfirmed.length, place);
      const all = [...unconfirmed, ...confirmed.map((coin) => chainCoin(coin, tip, spenders))];
      const items = all.slice(0, limit);
      return { tip, items, next: all.length > limit ? coinCursorOf(items.at(-1)!) : undefined };
    });
  }

  /**
   * Transactions: those that wait by txid, then those of the chain, the newest first. Whatever comes and goes between two parts,
   * none that stays where it is is left out or given twice; one that is confirmed meanwhile may come once more, with its block.
   */
  history(
    script: HashKey,
    limit: number,
    cursor?: HistoryCursor,
  ): Promise<AddressPart<AddressTransaction, HistoryCursor>> {
    const { waiting } = this.#deps;
    return this.read(async (view, tip) => {
      const touches = waitingBehind(waiting.touching(script), cursor);
      const shown = touches.slice(0, limit);
      const { transactionCount } = await view.totals(script);
      const count = await countBehind(view, script, transactionCount, cursor);
      const records = await view.historyBelow(script, count, limit - shown.length);
      const isLast = shown.length === touches.length && records.length === count;
      const items = [...shown.map(waitingTransaction), ...records.map((record) => chainTransaction(record, tip))];
      return { tip, items, next: isLast ? undefined : historyCursorOf(items.at(-1)!) };
    });
  }

  /** At most `limit` of the newest transactions of the chain, with what the script has at its end: from there all before it can be told. */
  past(script: HashKey, limit: number): Promise<AddressPast> {
    return this.read(async (view, tip) => {
      const { transactionCount, received, sent } = await view.totals(script);
      const records = await view.historyBelow(script, transactionCount, limit);
      const items = records.map((record) => chainTransaction(record, tip));
      return { tip, confirmed: received - sent, items, isWhole: items.length === transactionCount };
    });
  }

  /** Transactions `from` and `limit` of those that {@link history} gives in parts. */
  page(script: HashKey, from: number, limit: number): Promise<AddressPage> {
    const { waiting } = this.#deps;
    return this.read(async (view, tip) => {
      const touches = waiting.touching(script);
      const { transactionCount } = await view.totals(script);
      const shown = touches.slice(from, from + limit);
      const passedCount = Math.max(0, from - touches.length);
      const records = await view.historyBelow(script, transactionCount - passedCount, limit - shown.length);
      const items = [...shown.map(waitingTransaction), ...records.map((record) => chainTransaction(record, tip))];
      return { tip, items, total: touches.length + transactionCount };
    });
  }

  /**
   * Reads the index where it has what the chain has, and so fits the mempool as it is when `work` begins: what waits is to be asked for
   * before anything is awaited. The mempool follows the chain in the same breath, the index an instant later.
   */
  async read<Value>(
    work: (view: AddressView, tip: BlockIndexEntry, waiting: Pick<AddressMempool, "touching">) => Promise<Value>,
  ): Promise<Value> {
    const { chain, index, waiting } = this.#deps;
    for (let waits = 0; waits < WAITS_MAX && index.best !== chain.tip; waits++) await chain.events.drained();
    const tip = index.best;
    if (tip === undefined) throw new Error("the address index was asked before it had come to any block");
    return index.read((view) => work(view, tip, waiting));
  }
}

/** How many of a script's `transactionCount` transactions of the chain are behind the cursor. */
export async function countBehind(
  view: AddressView,
  script: HashKey,
  transactionCount: number,
  cursor: HistoryCursor | undefined,
): Promise<number> {
  if (cursor === undefined || "waiting" in cursor) return transactionCount;
  return view.countBefore(script, transactionCount, cursor.place);
}

function balanceOf(
  tip: BlockIndexEntry,
  totals: Readonly<AddressTotals>,
  touches: readonly WaitingTouch[],
): AddressBalance {
  return {
    tip,
    confirmed: totals.balance,
    unconfirmed: touches.reduce((sum, { balance }) => sum + balance, 0n),
    received: totals.received,
    sent: totals.sent,
    transactionCount: totals.transactionCount,
    waitingCount: touches.length,
    coinCount: totals.coinCount,
  };
}

function sumOf(touches: readonly WaitingTouch[]): AddressActivity["waiting"] {
  const sum = { transactionCount: touches.length, outputCount: 0, received: 0n, inputCount: 0, sent: 0n };
  for (const { outputCount, received, inputCount, sent } of touches) {
    sum.outputCount += outputCount;
    sum.received += received;
    sum.inputCount += inputCount;
    sum.sent += sent;
  }
  return sum;
}

/** Which waiting transaction spends what, of those that touch a script: all that spend its coins are among them. */
export function spendersAmong(touches: readonly WaitingTouch[]): ReadonlyMap<OutPointKey, HashKey> {
  const spenders = new Map<OutPointKey, HashKey>();
  for (const { txid, entry } of touches) {
    for (const { previousOutput } of entry.tx.inputs) spenders.set(outPointKey(previousOutput), txid);
  }
  return spenders;
}

/** Coins that waiting transactions make, behind the cursor, in the order of `touches`. */
export function waitingCoins(
  touches: readonly WaitingTouch[],
  spenders: ReadonlyMap<OutPointKey, HashKey>,
  cursor: CoinCursor | undefined,
): AddressCoin[] {
  if (cursor !== undefined && "place" in cursor) return [];
  const after = cursor?.waiting;
  const coins: AddressCoin[] = [];
  for (const { txid, entry, coinIndexes } of touches) {
    if (after !== undefined && txid < after.txid) continue;
    for (const index of coinIndexes) {
      if (after !== undefined && txid === after.txid && index <= after.index) continue;
      const { value } = entry.tx.outputs[index]!;
      const spentBy = spenders.get(outPointKeyOf(txid, index));
      coins.push({ txid, index, value, block: undefined, isCoinbase: false, isMature: true, spentBy });
    }
  }
  return coins;
}

/** A coin of the chain, with what waiting transaction spends it. */
export function chainCoin(
  { txid, index, value, height, isCoinbase }: ScriptCoin,
  tip: BlockIndexEntry,
  spenders: ReadonlyMap<OutPointKey, HashKey>,
): AddressCoin {
  const isMature = !isCoinbase || tip.height + 1 - height >= COINBASE_MATURITY;
  const spentBy = spenders.get(outPointKeyOf(txid, index));
  return { txid, index, value, block: tip.ancestor(height), isCoinbase, isMature, spentBy };
}

/** Goes on behind this coin. */
export function coinCursorOf({ txid, index, block }: AddressCoin): CoinCursor {
  return block === undefined ? { waiting: { txid, index } } : { place: { height: block.height, txid, index } };
}

/** Those of `touches` behind the cursor. */
export function waitingBehind(
  touches: readonly WaitingTouch[],
  cursor: HistoryCursor | undefined,
): readonly WaitingTouch[] {
  if (cursor === undefined) return touches;
  return "waiting" in cursor ? touches.filter(({ txid }) => txid > cursor.waiting) : [];
}

/** As it waits. */
export function waitingTransaction({ entry, received, sent }: WaitingTouch): AddressTransaction {
  return { txid: hashKey(entry.tx.txid), received, sent, fee: entry.fee, where: { waiting: entry } };
}

/** As it stands in the chain. */
export function chainTransaction(
  { height, position, txid, received, sent, fee }: HistoryRecord,
  tip: BlockIndexEntry,
): AddressTransaction {
  return { txid, received, sent, fee, where: { block: tip.ancestor(height)!, position } };
}

/** Goes on behind this transaction. */
export function historyCursorOf({ txid, where }: AddressTransaction): HistoryCursor {
  if ("waiting" in where) return { waiting: txid };
  return { place: { height: where.block.height, position: where.position, txid } };
}

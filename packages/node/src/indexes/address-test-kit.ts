import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { COINBASE_MATURITY } from "@bitfleet/protocol/consensus/check-transaction.ts";
import { isCoinbase, Transaction, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  displayHash,
  type HashKey,
  hashFromKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  outPointKeyOf,
  type Sats,
} from "@bitfleet/protocol/primitives/types.ts";
import { isUnspendable, pushData } from "@bitfleet/protocol/script/script.ts";
import { mine, type Spendable, type Tip } from "../chain/test-kit.ts";
import type { seededRandom } from "../mempool/test-kit.ts";
import type { AddressBook, AddressCoin, AddressTransaction } from "./address-book.ts";
import type { CoinCursor, HistoryCursor } from "./address-cursor.ts";
import { scriptKeyOf } from "./address-effects.ts";

/** Random chains that touch few scripts in every way, and what these have by the longest and plainest reckoning. */

export type Random = ReturnType<typeof seededRandom>;

/** Scripts of the test's chains: anybody may spend from the first ones, nobody from the last two. */
const SPENDABLE_COUNT = 5;
const OP_DROP = 0x75;
const OP_TRUE = 0x51;
const OP_RETURN = 0x6a;
export const SCRIPTS: readonly Uint8Array[] = [
  ...Array.from({ length: SPENDABLE_COUNT }, (_, index) =>
    concatBytes(pushData(Uint8Array.of(index, 0x77)), Uint8Array.of(OP_DROP, OP_TRUE)),
  ),
  Uint8Array.of(OP_RETURN, 2, 1, 2),
  new Uint8Array(10_001).fill(OP_TRUE),
];

/** A transaction that spends `coins`, whose scripts ask for nothing. */
export function payFreely(coins: readonly Spendable[], outputs: readonly TxOutput[], lockTime = 0): Transaction {
  const inputs = coins.map(({ outPoint }) => ({
    previousOutput: outPoint,
    scriptSig: new Uint8Array(0),
    sequence: 0xfffffffe,
    witness: [],
  }));
  return new Transaction({ version: 2, inputs, outputs, lockTime });
}

/** A block whose reward goes to `script`. */
export function mineTo(script: Uint8Array, previous: Tip, transactions: readonly Transaction[] = [], salt = 0): Tip {
  return mine(previous, {
    transactions,
    salt,
    spoil: ([coinbase, ...rest]) => {
      const [reward, ...others] = coinbase!.outputs;
      const outputs = [{ value: reward!.value, scriptPubKey: script }, ...others];
      return [new Transaction({ ...fieldsOf(coinbase!), outputs }), ...rest];
    },
  });
}

const fieldsOf = ({ version, inputs, outputs, lockTime }: Transaction) => ({ version, inputs, outputs, lockTime });

/** A coin of the model. */
interface ModelCoin extends Spendable {
  readonly height: number;
  readonly isReward: boolean;
}

/** The coins that the blocks of a chain leave, genesis and what nobody can spend left out. */
export function coinsAfter(blocks: readonly Tip[]): ReadonlyMap<OutPointKey, ModelCoin> {
  const coins = new Map<OutPointKey, ModelCoin>();
  for (const { block, height } of blocks) {
    for (const tx of block.transactions) {
      for (const { previousOutput } of tx.inputs) coins.delete(outPointKey(previousOutput));
      if (height === 0) continue;
      for (const [index, output] of tx.outputs.entries()) {
        const outPoint = { txid: tx.txid, index };
        if (isUnspendable(output.scriptPubKey)) continue;
        coins.set(outPointKey(outPoint), { outPoint, output, height, isReward: isCoinbase(tx) });
      }
    }
  }
  return coins;
}

/** Transactions that the next block on `blocks` may have: with several inputs, with outputs of each kind, on top of one another. */
export function randomTransactions(random: Random, blocks: readonly Tip[], count: number): Transaction[] {
  const height = blocks.length;
  const free: Spendable[] = [...coinsAfter(blocks).values()].filter(
    ({ isReward, height: made, output }) => output.value > 5000n && (!isReward || height - made >= COINBASE_MATURITY),
  );
  const made: Transaction[] = [];
  while (made.length < count && free.length > 0) {
    const coins = Array.from({ length: 1 + random(3) }, () => free.splice(random(free.length), 1)[0]).filter(
      (coin) => coin !== undefined,
    );
    const tx = payFreely(coins, randomOutputs(random, coins), 0);
    made.push(tx);
    for (const [index, output] of tx.outputs.entries()) {
      const isFree = output.value > 5000n && !isUnspendable(output.scriptPubKey);
      if (isFree) free.push({ outPoint: { txid: tx.txid, index }, output });
    }
  }
  return made;
}

function randomOutputs(random: Random, coins: readonly Spendable[]): TxOutput[] {
  let left = coins.reduce((sum, { output }) => sum + output.value, 0n) - BigInt(random(2000));
  const outputs: TxOutput[] = [];
  for (let count = 1 + random(4); count > 0; count--) {
    const part = count === 1 ? left : (left * BigInt(random(90))) / 100n;
    const value = random(8) === 0 ? 0n : part;
    outputs.push({ value, scriptPubKey: SCRIPTS[random(SCRIPTS.length)]! });
    left -= value;
  }
  return outputs;
}

/** Everything that a script has, as plain text to be compared. */
export interface ScriptState {
  readonly history: readonly string[];
  readonly coins: readonly string[];
  readonly balance: string;
}

interface Sums {
  received: Sats;
  sent: Sats;
}

/** What scripts have where `blocks`, genesis first, are the chain and `waiting` is in the mempool. */
export function modelOf(blocks: readonly Tip[], waiting: readonly Transaction[]): (script: Uint8Array) => ScriptState {
  const outputs = new Map<string, TxOutput>();
  for (const tx of [...blocks.flatMap(({ block }) => block.transactions), ...waiting]) {
    const txid = hashKey(tx.txid);
    for (const [index, output] of tx.outputs.entries()) outputs.set(outPointKeyOf(txid, index), output);
  }
  const sumsOf = (tx: Transaction, key: HashKey): Sums | undefined => {
    const spent = isCoinbase(tx) ? [] : tx.inputs.map((input) => outputs.get(outPointKey(input.previousOutput))!);
    const own = (list: readonly TxOutput[]) => list.filter(({ scriptPubKey }) => scriptKeyOf(scriptPubKey) === key);
    const [paid, taken] = [own(tx.outputs), own(spent)];
    const sum = (list: readonly TxOutput[]) => list.reduce((total, { value }) => total + value, 0n);
    return paid.length + taken.length === 0 ? undefined : { received: sum(paid), sent: sum(taken) };
  };
  const feeOf = (tx: Transaction) => {
    if (isCoinbase(tx)) return undefined;
    const into = tx.inputs.reduce((sum, input) => sum + outputs.get(outPointKey(input.previousOutput))!.value, 0n);
    return into - tx.outputs.reduce((sum, { value }) => sum + value, 0n);
  };
  const chainCoins = coinsAfter(blocks);
  const spenders = new Map(
    waiting.flatMap((tx) =>
      tx.inputs.map((input) => [outPointKey(input.previousOutput), displayHash(tx.txid)] as const),
    ),
  );
  const ordered = [...waiting].sort((a, b) => (hashKey(a.txid) < hashKey(b.txid) ? -1 : 1));
  const nextHeight = blocks.length;

  return (script) => {
    const key = scriptKeyOf(script);
    const isCoin = !isUnspendable(script);
    const history: string[] = [];
    const totals = { received: 0n, sent: 0n, count: 0, waiting: 0, unconfirmed: 0n };
    for (const { block, height } of blocks) {
      for (const [position, tx] of block.transactions.entries()) {
        const sums = sumsOf(tx, key);
        if (sums === undefined) continue;
        totals.count++;
        totals.received += sums.received;
        totals.sent += sums.sent;
        history.unshift(`${height}:${position} ${displayHash(tx.txid)} ${sums.received} ${sums.sent} ${feeOf(tx)}`);
      }
    }
    const coins: string[] = [];
    const waitingHistory: string[] = [];
    for (const tx of ordered) {
      const sums = sumsOf(tx, key);
      if (sums === undefined) continue;
      totals.waiting++;
      totals.unconfirmed += (isCoin ? sums.received : 0n) - sums.sent;
      waitingHistory.push(`waiting ${displayHash(tx.txid)} ${sums.received} ${sums.sent} ${feeOf(tx)}`);
      for (const [index, output] of tx.outputs.entries()) {
        if (!isCoin || scriptKeyOf(output.scriptPubKey) !== key) continue;
        const spentBy = spenders.get(outPointKeyOf(hashKey(tx.txid), index));
        coins.push(`waiting ${displayHash(tx.txid)}:${index} ${output.value} false true ${spentBy}`);
      }
    }
    const own = [...chainCoins.entries()].filter(([, { output }]) => scriptKeyOf(output.scriptPubKey) === key);
    const chainText = own.map(([at, { outPoint, output, height, isReward }]) => {
      const isMature = !isReward || nextHeight - height >= COINBASE_MATURITY;
      return `${height} ${displayHash(outPoint.txid)}:${outPoint.index} ${output.value} ${isReward} ${isMature} ${spenders.get(at)}`;
    });
    const worth = own.reduce((sum, [, { output }]) => sum + output.value, 0n);
    return {
      history: [...waitingHistory, ...history],
      coins: [...coins, ...chainText.sort()],
      balance: `${worth} ${totals.unconfirmed} ${totals.received} ${totals.sent} ${totals.count} ${totals.waiting} ${own.length}`,
    };
  };
}

/** The same from a book, which is read in parts of `limit`. */
export async function stateIn(book: AddressBook, script: Uint8Array, limit: number): Promise<ScriptState> {
  const key = scriptKeyOf(script);
  const history: AddressTransaction[] = [];
  for (let cursor: HistoryCursor | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const part = await book.history(key, limit, cursor);
    history.push(...part.items);
    cursor = part.next;
  }
  const coins: AddressCoin[] = [];
  for (let cursor: CoinCursor | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const part = await book.coins(key, limit, cursor);
    coins.push(...part.items);
    cursor = part.next;
  }
  const heights = coins.map(({ block }) => block?.height ?? Number.POSITIVE_INFINITY);
  if (heights.some((height, index) => index > 0 && height > heights[index - 1]!)) throw new Error("coins out of order");
  const waiting = coins.filter(({ block }) => block === undefined);
  const confirmed = coins.filter(({ block }) => block !== undefined);
  const b = await book.balance(key);
  return {
    history: history.map(historyText),
    coins: [...waiting.map(coinText), ...confirmed.map(coinText).sort()],
    balance: `${b.confirmed} ${b.unconfirmed} ${b.received} ${b.sent} ${b.transactionCount} ${b.waitingCount} ${b.coinCount}`,
  };
}

const textOf = (txid: HashKey) => displayHash(hashFromKey(txid));

export function historyText({ txid, received, sent, fee, where }: AddressTransaction): string {
  const place = "waiting" in where ? "waiting" : `${where.block.height}:${where.position}`;
  return `${place} ${textOf(txid)} ${received} ${sent} ${fee}`;
}

function coinText({ txid, index, value, block, isCoinbase: isReward, isMature, spentBy }: AddressCoin): string {
  const spender = spentBy && textOf(spentBy);
  return `${block?.height ?? "waiting"} ${textOf(txid)}:${index} ${value} ${isReward} ${isMature} ${spender}`;
}

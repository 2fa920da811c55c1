import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { checkTransaction } from "@bitfleet/protocol/consensus/check-transaction.ts";
import { decodeTransaction, isCoinbase, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, hashKey, outPointKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockReference } from "../ledger/wallet-transaction.ts";

/** What a server tells of a wallet's scripts at one moment, and what of it can be checked without the chain. */

/** Where a transaction is in the chain. */
export interface ChainPlace {
  readonly block: BlockReference;
  /** Seconds, of the block's header. */
  readonly blockTime: number;
  /** 0 is the coinbase. */
  readonly indexInBlock: number;
}

export interface SnapshotTransaction {
  readonly transaction: Transaction;
  /** `undefined`: in the mempool. */
  readonly place: ChainPlace | undefined;
  /** Seconds: since when it waits; 0 where that is not told. */
  readonly seenAt: number;
}

/** All transactions of the wallet's scripts, but for those in blocks up to `sameUpTo`. */
export interface Snapshot {
  readonly tip: BlockReference;
  /** The blocks up to this height are those that the wallet saw before, and so are its transactions there. -1: nothing is the same. */
  readonly sameUpTo: number;
  readonly transactions: readonly SnapshotTransaction[];
}

/** A server's answer contradicts itself or what it was asked. The message is a sentence for people. */
export class DishonestAnswer extends Error {
  override readonly name = "DishonestAnswer";
}

/** The transaction with a txid, from bytes that a server gave for it. Throws {@link DishonestAnswer} where they are another one's, or none. */
export function transactionFromServer(bytes: Uint8Array, txid: Txid): Transaction {
  let transaction: Transaction;
  try {
    const reader = new Reader(Uint8Array.from(bytes));
    transaction = decodeTransaction(reader);
    reader.end();
  } catch (cause) {
    throw new DishonestAnswer(`The server's answer for transaction ${displayHash(txid)} is no transaction.`, { cause });
  }
  if (!equalBytes(transaction.txid, txid))
    throw new DishonestAnswer(
      `The server's answer is not what it says: asked for transaction ${displayHash(txid)}, it gave ${displayHash(transaction.txid)}. Nothing is taken from it.`,
    );
  const reject = checkTransaction(transaction);
  if (reject !== undefined)
    throw new DishonestAnswer(
      `The server tells of transaction ${displayHash(txid)}, which no network could have (${reject.reason}). Nothing is taken from it.`,
    );
  return transaction;
}

/** A header has 32 bits for its time. */
const TIME_MAX = 0xffff_ffff;

/** Throws {@link DishonestAnswer} where the parts of a snapshot cannot all be so. */
export function checkSnapshot({ tip, transactions }: Snapshot): void {
  const spenders = new Map<string, string>();
  const blocks = new Map<number, Uint8Array>([[tip.height, tip.hash]]);
  for (const { transaction, place } of transactions) {
    const name = displayHash(transaction.txid);
    if (place !== undefined) {
      const { hash, height } = place.block;
      if (place.blockTime > TIME_MAX)
        throw lie(`transaction ${name} is said to be in a block of a time that no block can have`);
      if (height > tip.height) throw lie(`transaction ${name} is said to be in block ${height}, above the tip`);
      const known = blocks.get(height);
      if (known !== undefined && !equalBytes(known, hash)) throw lie(`there are two blocks of height ${height} in it`);
      blocks.set(height, hash);
      if (isCoinbase(transaction) !== (place.indexInBlock === 0))
        throw lie(`transaction ${name} is said to be at a place of its block where it cannot be`);
    } else if (isCoinbase(transaction)) throw lie(`coinbase ${name} is said to wait for a block`);
    if (isCoinbase(transaction)) continue;
    for (const { previousOutput } of transaction.inputs) {
      const key = outPointKey(previousOutput);
      const rival = spenders.get(key);
      if (rival !== undefined && rival !== hashKey(transaction.txid))
        throw lie(`transaction ${name} spends what another one spends, too`);
      spenders.set(key, hashKey(transaction.txid));
    }
  }
}

const lie = (what: string) =>
  new DishonestAnswer(`The server's answer contradicts itself: ${what}. Nothing is taken from it.`);

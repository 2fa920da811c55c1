import type {
  AddressBalance,
  AddressHistoryItem,
  AddressUtxo,
  AddressTransaction as WholeTransaction,
} from "@bitfleet/api/rest/addresses.ts";
import { displayHash, hashFromKey } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { AddressCoin, AddressTransaction, AddressBalance as Balance } from "../../indexes/address-book.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import { coinsFor } from "./find-transaction.ts";
import type { NamedScript } from "./script-name.ts";
import { decodedTransaction } from "./transaction-view.ts";

/** What addresses have, as the HTTP API shows it. */

export function balanceView({ name }: NamedScript, balance: Balance): AddressBalance {
  return {
    address: name,
    confirmed: Number(balance.confirmed),
    unconfirmed: Number(balance.unconfirmed),
    received: Number(balance.received),
    sent: Number(balance.sent),
    transaction_count: balance.transactionCount,
    unconfirmed_transaction_count: balance.waitingCount,
    utxo_count: balance.coinCount,
    block_height: balance.tip.height,
    block_hash: displayHash(balance.tip.hash),
  };
}

export function coinView(coin: AddressCoin, tip: BlockIndexEntry): AddressUtxo {
  const { txid, index, value, block, isCoinbase, isMature, spentBy } = coin;
  return {
    txid: displayHash(hashFromKey(txid)),
    vout: index,
    value: Number(value),
    is_confirmed: block !== undefined,
    block_height: block?.height ?? null,
    block_hash: block === undefined ? null : displayHash(block.hash),
    confirmations: block === undefined ? 0 : tip.height - block.height + 1,
    is_coinbase: isCoinbase,
    is_mature: isMature,
    spent_by: spentBy === undefined ? null : displayHash(hashFromKey(spentBy)),
  };
}

export function historyView(item: AddressTransaction, tip: BlockIndexEntry): AddressHistoryItem {
  const { txid, fee, where } = item;
  const index = "waiting" in where ? null : where.position;
  return {
    txid: displayHash(hashFromKey(txid)),
    ...entryView(item, tip),
    index,
    fee: fee === undefined ? null : Number(fee),
    is_coinbase: index === 0,
  };
}

/** What a transaction does for the address, and where it stands. */
function entryView({ received, sent, where }: AddressTransaction, tip: BlockIndexEntry) {
  const value = Number(received - sent);
  const direction = value === 0 ? "self" : value > 0 ? "in" : "out";
  const amounts = { value, direction, received: Number(received), sent: Number(sent) } as const;
  if ("waiting" in where) {
    const { timeSeconds: time } = where.waiting;
    return { ...amounts, is_confirmed: false, block_height: null, block_hash: null, time, confirmations: 0 };
  }
  const { block } = where;
  return {
    ...amounts,
    is_confirmed: true,
    block_height: block.height,
    block_hash: displayHash(block.hash),
    time: block.header.time,
    confirmations: tip.height - block.height + 1,
  };
}

/** Transactions of an address with all their inputs and outputs. Neighbours in one block have it read once. */
export async function wholeTransactions(
  node: Pick<RunningWebNode, "chain" | "mempool" | "indexes">,
  items: readonly AddressTransaction[],
  tip: BlockIndexEntry,
): Promise<WholeTransaction[]> {
  const { chain } = node;
  const { addressPrefixes } = chain.network;
  const read = async (entry: BlockIndexEntry) => {
    const { transactions } = await chain.readBlock(entry);
    return { entry, transactions, undo: entry.hasUndo ? await chain.readUndo(entry) : undefined };
  };
  let last: Awaited<ReturnType<typeof read>> | undefined;
  const whole: WholeTransaction[] = [];
  for (const item of items) {
    const { where } = item;
    const entry = entryView(item, tip);
    if ("waiting" in where) {
      const { tx } = where.waiting;
      whole.push({ ...decodedTransaction(tx, await coinsFor(node, tx), addressPrefixes), index: null, ...entry });
      continue;
    }
    if (last?.entry !== where.block) last = await read(where.block);
    const { position } = where;
    const spent = position === 0 ? undefined : last.undo?.transactions[position - 1];
    const view = decodedTransaction(last.transactions[position]!, spent, addressPrefixes);
    whole.push({ ...view, index: position, ...entry });
  }
  return whole;
}

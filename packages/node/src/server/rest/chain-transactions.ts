import { ApiError } from "@bitfleet/api/errors.ts";
import type { TransactionLine } from "@bitfleet/api/rest/transactions.ts";
import type { CursorPage } from "@bitfleet/api/schema.ts";
import { isCoinbase, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import { refuseCursor } from "./list-parts.ts";
import { feeOf, type SpentOutput, totalOutputOf } from "./transaction-view.ts";

/** The transactions of the active chain as one list, the newest first: of each block the last first. */

/** Digits of a block's hash in a cursor: enough to see that a reorganisation has put another block there. */
const CURSOR_HASH_DIGITS = 16;

/** A part of the list. Rejects with `ApiError` where the cursor is none, or where a block was pruned. */
export async function recentTransactions(
  { chain }: Pick<RunningWebNode, "chain">,
  cursor: string | undefined,
  limit: number,
): Promise<CursorPage<TransactionLine> & { items: TransactionLine[] }> {
  const items: TransactionLine[] = [];
  let place = cursor === undefined ? { entry: chain.tip, index: chain.tip.transactionCount } : placeOf(chain, cursor);
  for (;;) {
    const { entry, index } = place;
    const from = Math.max(0, index - (limit - items.length));
    if (from < index) items.push(...(await linesOf(chain, entry, from, index)));
    if (from > 0) return { items, next_cursor: cursorOf(entry, from) };
    if (entry.previous === undefined) return { items, next_cursor: null };
    place = { entry: entry.previous, index: entry.previous.transactionCount };
    if (items.length === limit) return { items, next_cursor: cursorOf(place.entry, place.index) };
  }
}

/** Behind which transaction of which block the list goes on: those before position `index` come next. */
interface Place {
  readonly entry: BlockIndexEntry;
  readonly index: number;
}

function cursorOf(entry: BlockIndexEntry, index: number): string {
  return `t${entry.height}-${index}-${displayHash(entry.hash).slice(-CURSOR_HASH_DIGITS)}`;
}

/** After a reorganisation the list goes on with the whole block that is at that height now: what is new there was not shown yet. */
function placeOf(chain: Pick<Chain, "tip" | "blockAt">, cursor: string): Place {
  const match = /^t(\d{1,9})-(\d{1,7})-([0-9a-f]{16})$/.exec(cursor);
  if (match === null) refuseCursor();
  const entry = chain.blockAt(Number(match[1])) ?? chain.tip;
  const isSame = displayHash(entry.hash).endsWith(match[3]!) && entry.height === Number(match[1]);
  return { entry, index: isSame ? Math.min(Number(match[2]), entry.transactionCount) : entry.transactionCount };
}

async function linesOf(chain: Chain, entry: BlockIndexEntry, from: number, to: number): Promise<TransactionLine[]> {
  if (chain.isPruned(entry))
    throw new ApiError(404, `Block ${entry.height} was pruned: its transactions are not kept.`);
  const { transactions } = await chain.readBlock(entry);
  const undo = entry.hasUndo ? await chain.readUndo(entry) : undefined;
  return transactions
    .slice(from, to)
    .map((tx, offset) => lineOf(tx, entry, undo?.transactions[from + offset - 1]))
    .reverse();
}

function lineOf(tx: Transaction, entry: BlockIndexEntry, spent: readonly SpentOutput[] | undefined): TransactionLine {
  const coinbase = isCoinbase(tx);
  return {
    txid: displayHash(tx.txid),
    is_coinbase: coinbase,
    input_count: tx.inputs.length,
    output_count: tx.outputs.length,
    total_output: Number(totalOutputOf(tx)),
    fee: coinbase ? null : feeOf(tx, spent),
    virtual_size: tx.virtualSize,
    block_hash: displayHash(entry.hash),
    block_height: entry.height,
    timestamp: entry.header.time,
  };
}

import { compactSizeLength } from "@bitfleet/protocol/bytes/cursor.ts";
import { BLOCK_HEADER_SIZE } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { CompactBlockMessage } from "@bitfleet/protocol/wire/compact-blocks.ts";
import type { PartialBlockCounts } from "@bitfleet/protocol/wire/partial-block.ts";
import type { Logger } from "../../ports.ts";

/** Transactions that were missing are named where they are fewer than this. */
const NAMED_TRANSACTIONS_MAX = 5;

const NONCE_SIZE = 8;
const SHORT_ID_SIZE = 6;

/** Bytes of the message on the wire. */
export function compactBlockSize({ shortIds, prefilled }: CompactBlockMessage): number {
  let size = BLOCK_HEADER_SIZE + NONCE_SIZE;
  size += compactSizeLength(shortIds.length) + SHORT_ID_SIZE * shortIds.length;
  size += compactSizeLength(prefilled.length);
  let expected = 0;
  for (const { index, tx } of prefilled) {
    size += compactSizeLength(index - expected) + tx.size;
    expected = index + 1;
  }
  return size;
}

/** A compact block is well formed, and what is at hand was put into it. */
export function logInitialized(log: Logger, message: CompactBlockMessage): void {
  const hash = displayHash(message.header.hash);
  const size = compactBlockSize(message);
  log.debug("cmpctblock", `Initialized PartiallyDownloadedBlock for block ${hash} using a cmpctblock of ${size} bytes`);
}

/** A block is complete. `requested`: the transactions that had to be asked for. */
export function logReconstructed(
  log: Logger,
  blockHash: BlockHash,
  counts: PartialBlockCounts,
  requested: readonly Transaction[],
): void {
  const hash = displayHash(blockHash);
  const { prefilled, mempool, extra, requested: requestedCount, requestedSize } = counts;
  const atHand = `${prefilled} txn prefilled, ${mempool} txn from mempool (incl at least ${extra} from extra pool)`;
  const asked = `${requestedCount} txn (${requestedSize} bytes) requested`;
  log.debug("cmpctblock", `Successfully reconstructed block ${hash} with ${atHand} and ${asked}`);
  if (requested.length >= NAMED_TRANSACTIONS_MAX) return;
  for (const { txid } of requested)
    log.debug("cmpctblock", `Reconstructed block ${hash} required tx ${displayHash(txid)}`);
}

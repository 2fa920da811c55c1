import { ApiError } from "@bitfleet/api/errors.ts";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { isCoinbase, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, outPointKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import type { SpentOutput } from "./transaction-view.ts";

type Parts = Pick<RunningWebNode, "chain" | "mempool" | "indexes">;

/** A transaction of the mempool, or of a block of the active chain. */
export type FoundTransaction =
  | { readonly kind: "waiting"; readonly tx: Transaction; readonly entry: MempoolEntry }
  | {
      readonly kind: "confirmed";
      readonly tx: Transaction;
      readonly block: BlockIndexEntry;
      /** Position in the block. */
      readonly index: number;
      /** `undefined` for a coinbase, and where the block's undo data is not kept. */
      readonly spent: readonly SpentOutput[] | undefined;
    };

/** Outputs that are looked up to find a transaction without an index: mostly one of the first is not spent yet. */
const TRIED_OUTPUTS = 32;

/**
 * Finds a transaction in the mempool, by `-txindex`, or, without it, by an output that is not spent yet. Rejects with `ApiError`
 * where it is not known, and says what could be why.
 */
export async function findTransaction(parts: Parts, txid: Txid): Promise<FoundTransaction> {
  const { chain, mempool, indexes } = parts;
  const index = indexes.transactions;
  // Before the mempool: a block that is just being taken in has taken the transaction out of it.
  const isCurrent = await index?.waitUntilCurrent();
  const entry = mempool.get(txid);
  if (entry !== undefined) return { kind: "waiting", tx: entry.tx, entry };
  const blockHash = (await index?.find(txid))?.blockHash;
  const block = blockHash === undefined ? await blockByCoin(parts, txid) : chain.find(blockHash);
  const found = block && chain.isInActiveChain(block) ? await inBlock(parts, block, txid) : undefined;
  if (found !== undefined) return found;
  throw notFound(txid, isCurrent);
}

/** `isCurrent`: whether the index has everything that the chain has; `undefined` where there is no index. */
function notFound(txid: Txid, isCurrent: boolean | undefined): ApiError {
  const nowhere = `There is no transaction ${displayHash(txid)} in the mempool`;
  if (isCurrent) return new ApiError(404, `${nowhere} or in the chain.`);
  if (isCurrent === undefined)
    return new ApiError(
      404,
      `${nowhere}, and none in the chain with an output left to spend: -txindex finds the others.`,
    );
  return new ApiError(
    503,
    `${nowhere}, and the index of the chain's transactions is still being made; try again later.`,
  );
}

async function blockByCoin({ chain }: Parts, txid: Txid): Promise<BlockIndexEntry | undefined> {
  const { genesis } = chain.network.params;
  // Its coinbase can never be spent, and is no coin.
  if (equalBytes(txid, genesis.header.merkleRoot)) return chain.blockAt(0);
  const outPoints = Array.from({ length: TRIED_OUTPUTS }, (_, index) => ({ txid, index }));
  const lookup = await chain.coins.fetch(outPoints);
  for (const outPoint of outPoints) {
    const coin = lookup(outPointKey(outPoint));
    if (coin !== undefined) return chain.blockAt(coin.height);
  }
  return undefined;
}

async function inBlock(
  { chain }: Parts,
  block: BlockIndexEntry,
  txid: Txid,
): Promise<Extract<FoundTransaction, { kind: "confirmed" }> | undefined> {
  if (!block.hasData) return undefined;
  const { transactions } = await chain.readBlock(block);
  const index = transactions.findIndex((tx) => equalBytes(tx.txid, txid));
  const tx = transactions[index];
  if (tx === undefined) return undefined;
  const undo = index > 0 && block.hasUndo ? await chain.readUndo(block) : undefined;
  return { kind: "confirmed", tx, block, index, spent: undo?.transactions[index - 1] };
}

/** The coins that a transaction of no block spends: outputs of the mempool and of the chain; `undefined` for those not known. */
export async function coinsFor(
  { chain, mempool }: Parts,
  tx: Transaction,
): Promise<readonly (SpentOutput | undefined)[] | undefined> {
  if (isCoinbase(tx)) return undefined;
  const outPoints = tx.inputs.map(({ previousOutput }) => previousOutput);
  const lookup = await chain.coins.fetch(outPoints);
  return outPoints.map((outPoint) => {
    const output = mempool.get(outPoint.txid)?.tx.outputs[outPoint.index];
    return output === undefined ? lookup(outPointKey(outPoint)) : { output, height: undefined, isCoinbase: false };
  });
}

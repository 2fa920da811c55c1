import type { BlockHeaderView, BlockSummary } from "@bitfleet/api/rest/chain.ts";
import type { TransactionView } from "@bitfleet/api/rest/transactions.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { type Block, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import { bitsText, confirmationsOf, difficultyOf, hex256 } from "../chain-json.ts";
import { decodedTransaction } from "./transaction-view.ts";

/** Blocks, and the transactions in them, as the HTTP API shows them. */

/** Sizes of blocks remembered, so that a list of blocks reads no files twice. */
const REMEMBERED_BLOCKS_MAX = 4096;

type BlockSizes = Pick<BlockSummary, "size_bytes" | "stripped_size_bytes" | "weight">;
/** Of a block that is not here any more. */
const UNKNOWN_SIZES: BlockSizes = { size_bytes: null, stripped_size_bytes: null, weight: null };

/** A block's header as the HTTP API shows it. */
export function headerView(chain: Chain, entry: BlockIndexEntry): BlockHeaderView {
  const { header } = entry;
  const next = chain.isInActiveChain(entry) ? chain.next(entry) : undefined;
  return {
    hash: displayHash(entry.hash),
    previous_hash: displayHash(entry.previous?.hash ?? ZERO_HASH),
    next_hash: next ? displayHash(next.hash) : null,
    height: entry.height,
    confirmations: confirmationsOf(chain, entry),
    timestamp: header.time,
    median_time: medianTimePast(entry),
    version: header.version,
    bits: bitsText(header.bits),
    nonce: header.nonce,
    difficulty: difficultyOf(header.bits),
    chainwork: hex256(entry.chainwork),
    merkle_root: displayHash(header.merkleRoot),
    transaction_count: entry.transactionCount,
    hex: toHex(encodeBlockHeader(header)),
  };
}

export class BlockViews {
  readonly #chain: Chain;
  readonly #sizes = new Map<BlockIndexEntry, BlockSizes>();

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  /** One block without its transactions. Rejects with `StorageError` where its data should be here and cannot be read. */
  async summary(entry: BlockIndexEntry): Promise<BlockSummary> {
    const chain = this.#chain;
    const sizes = await this.#sizesOf(entry);
    const { header } = entry;
    const next = chain.isInActiveChain(entry) ? chain.next(entry) : undefined;
    return {
      hash: displayHash(entry.hash),
      previous_hash: displayHash(entry.previous?.hash ?? ZERO_HASH),
      next_hash: next ? displayHash(next.hash) : null,
      height: entry.height,
      confirmations: confirmationsOf(chain, entry),
      timestamp: header.time,
      median_time: medianTimePast(entry),
      version: header.version,
      bits: bitsText(header.bits),
      nonce: header.nonce,
      difficulty: difficultyOf(header.bits),
      merkle_root: displayHash(header.merkleRoot),
      transaction_count: entry.transactionCount,
      ...sizes,
    };
  }

  /** Transactions `from` up to `to` (not included) of a block. */
  async transactions(entry: BlockIndexEntry, from: number, to: number): Promise<TransactionView[]> {
    const block = await this.#chain.readBlock(entry);
    const undo = entry.hasUndo ? await this.#chain.readUndo(entry) : undefined;
    const { addressPrefixes } = this.#chain.network;
    return block.transactions.slice(from, to).map((tx, offset) => {
      const index = from + offset;
      const spent = index === 0 ? undefined : undo?.transactions[index - 1];
      return { ...decodedTransaction(tx, spent, addressPrefixes), index };
    });
  }

  async #sizesOf(entry: BlockIndexEntry): Promise<BlockSizes> {
    const known = this.#sizes.get(entry);
    if (known !== undefined) return known;
    if (this.#chain.isPruned(entry)) return UNKNOWN_SIZES;
    return this.remember(entry, await this.#chain.readBlock(entry));
  }

  /** Keeps the sizes of a block that is at hand. */
  remember(entry: BlockIndexEntry, block: Block): BlockSizes {
    const sizes = { size_bytes: block.size, stripped_size_bytes: block.strippedSize, weight: block.weight };
    if (this.#sizes.size >= REMEMBERED_BLOCKS_MAX) this.#sizes.delete(this.#sizes.keys().next().value!);
    this.#sizes.set(entry, sizes);
    return sizes;
  }
}

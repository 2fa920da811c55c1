import type { BlockHeaderView, BlockSummary } from "@bitfleet/api/rest/chain.ts";
import type { TransactionView } from "@bitfleet/api/rest/transactions.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { blockSubsidy } from "@bitfleet/protocol/consensus/subsidy.ts";
import { type Block, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import { bitsText, confirmationsOf, difficultyOf, hex256 } from "../chain-json.ts";
import { decodedTransaction } from "./transaction-view.ts";

/** Blocks, and the transactions in them, as the HTTP API shows them. */

/** Figures of blocks remembered, so that a list of blocks reads no files twice. */
const REMEMBERED_BLOCKS_MAX = 4096;

type BlockSizes = Pick<BlockSummary, "size_bytes" | "stripped_size_bytes" | "weight">;
/** Of a block that is not here any more. */
const UNKNOWN_SIZES: BlockSizes = { size_bytes: null, stripped_size_bytes: null, weight: null };

/** What is told of a block without reading it again. */
export interface BlockFigures {
  readonly size: number;
  readonly strippedSize: number;
  readonly weight: number;
  /** What its coinbase takes beyond the subsidy, in satoshis: its fees, of which a miner may give up some. */
  readonly fees: number;
}

/** Where a block stands, and what its header says: what all views of it begin with. */
function headerFields(chain: Chain, entry: BlockIndexEntry) {
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
  };
}

/** A block's header as the HTTP API shows it. */
export function headerView(chain: Chain, entry: BlockIndexEntry): BlockHeaderView {
  return {
    ...headerFields(chain, entry),
    chainwork: hex256(entry.chainwork),
    merkle_root: displayHash(entry.header.merkleRoot),
    transaction_count: entry.transactionCount,
    hex: toHex(encodeBlockHeader(entry.header)),
  };
}

export class BlockViews {
  readonly #chain: Chain;
  readonly #figures = new Map<BlockIndexEntry, BlockFigures>();

  constructor(chain: Chain) {
    this.#chain = chain;
    // Inline: it costs next to nothing, and a queue of its own would hold blocks.
    chain.events.subscribe((event) => this.#take(event), { name: "block views", delivery: "inline" });
  }

  /** One block without its transactions. Rejects with `StorageError` where its data should be here and cannot be read. */
  async summary(entry: BlockIndexEntry): Promise<BlockSummary> {
    const sizes = await this.#sizesOf(entry);
    return {
      ...headerFields(this.#chain, entry),
      merkle_root: displayHash(entry.header.merkleRoot),
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

  /** Of a block that was seen lately; else `undefined`. */
  knownFigures(entry: BlockIndexEntry): BlockFigures | undefined {
    return this.#figures.get(entry);
  }

  /** The same, of a block that is read where it must be; `undefined` where it is not here. Rejects as {@link summary}. */
  async figures(entry: BlockIndexEntry): Promise<BlockFigures | undefined> {
    const known = this.#figures.get(entry);
    if (known !== undefined || !entry.hasData) return known;
    return this.remember(entry, await this.#chain.readBlock(entry));
  }

  /** Keeps the figures of a block that is at hand. */
  remember(entry: BlockIndexEntry, block: Block): BlockFigures {
    const { size, strippedSize, weight } = block;
    const figures = { size, strippedSize, weight, fees: claimedFees(entry, block, this.#chain.network.params) };
    if (this.#figures.size >= REMEMBERED_BLOCKS_MAX) this.#figures.delete(this.#figures.keys().next().value!);
    this.#figures.set(entry, figures);
    return figures;
  }

  async #sizesOf(entry: BlockIndexEntry): Promise<BlockSizes> {
    if (this.#chain.isPruned(entry)) return UNKNOWN_SIZES;
    const known = this.#figures.get(entry);
    const { size, strippedSize, weight } = known ?? this.remember(entry, await this.#chain.readBlock(entry));
    return { size_bytes: size, stripped_size_bytes: strippedSize, weight };
  }

  #take(event: ChainEvent): void {
    // Of a chain that is being fetched nobody looks at each block.
    if (event.type === "block-connected" && !this.#chain.isInitialBlockDownload)
      this.remember(event.entry, event.block);
  }
}

function claimedFees({ height }: BlockIndexEntry, { transactions }: Block, params: ConsensusParams): number {
  const claimed = transactions[0]!.outputs.reduce((sum, { value }) => sum + value, 0n);
  return Math.max(0, Number(claimed - blockSubsidy(height, params)));
}

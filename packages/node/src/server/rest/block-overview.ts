import type { BlockOverview, BlockSibling, BlockStatistics, FeerateSpread } from "@bitfleet/api/rest/chain-charts.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { BlockUndo } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { blockSubsidy } from "@bitfleet/protocol/consensus/subsidy.ts";
import { virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { type Block, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import type { Chain } from "../../chain/chain.ts";
import { coinChanges } from "../rpc/block-stats.ts";
import type { BlockArrivals } from "./block-arrivals.ts";

/** A block in numbers, for pictures of it. */

/** Blocks whose numbers are kept: a page asks for one again with each block that comes. Some 500 KB each, of the largest. */
const KEPT_BLOCKS_MAX = 8;

type BlockNumbers = Pick<BlockOverview, "transactions" | "statistics">;

/** Makes overviews of blocks; what never changes of the last few is kept. */
export class BlockOverviews {
  readonly #chain: Chain;
  readonly #arrivals: Pick<BlockArrivals, "of">;
  readonly #kept = new Map<BlockIndexEntry, BlockNumbers>();

  constructor(chain: Chain, arrivals: Pick<BlockArrivals, "of">) {
    this.#chain = chain;
    this.#arrivals = arrivals;
  }

  /** Of a block whose data is here. Rejects with `StorageError` where it cannot be read. */
  async of(entry: BlockIndexEntry): Promise<BlockOverview> {
    const numbers = await this.#numbersOf(entry);
    return {
      hash: displayHash(entry.hash),
      height: entry.height,
      is_active: this.#chain.isInActiveChain(entry),
      seen: this.#arrivals.of(entry) ?? null,
      header_hex: toHex(encodeBlockHeader(entry.header)),
      ...numbers,
      siblings: this.#siblingsOf(entry),
    };
  }

  async #numbersOf(entry: BlockIndexEntry): Promise<BlockNumbers> {
    const known = this.#kept.get(entry);
    if (known !== undefined) return known;
    const block = await this.#chain.readBlock(entry);
    const undo = await this.#undoOf(entry);
    const numbers = blockNumbers(entry, block, undo, this.#chain.network.params);
    // A block that is connected later has its coins known then.
    if (undo === undefined) return numbers;
    if (this.#kept.size >= KEPT_BLOCKS_MAX) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(entry, numbers);
    return numbers;
  }

  async #undoOf(entry: BlockIndexEntry): Promise<BlockUndo | undefined> {
    if (entry.height === 0) return { transactions: [] };
    return entry.hasUndo ? this.#chain.readUndo(entry) : undefined;
  }

  #siblingsOf(entry: BlockIndexEntry): BlockSibling[] {
    const siblings: BlockSibling[] = [];
    for (const other of this.#chain.entries()) {
      if (other.height !== entry.height || other === entry || other.isSetAside) continue;
      siblings.push({
        hash: displayHash(other.hash),
        timestamp: other.time,
        seen: this.#arrivals.of(other) ?? null,
        transaction_count: other.transactionCount,
        status: statusOf(this.#chain, other),
      });
    }
    return siblings;
  }
}

/** As `getchaintips` has it of the end of a branch. */
function statusOf(chain: Pick<Chain, "isInActiveChain">, entry: BlockIndexEntry): BlockSibling["status"] {
  if (chain.isInActiveChain(entry)) return "active";
  if (entry.isInvalid) return "invalid";
  if (entry.chainTransactionCount === 0) return "headers-only";
  return entry.isValid(BlockStatus.VALID_SCRIPTS) ? "valid-fork" : "valid-headers";
}

/** `undo`: the coins that the block spent, or `undefined` where they are not known. */
export function blockNumbers(
  entry: BlockIndexEntry,
  block: Block,
  undo: BlockUndo | undefined,
  params: Pick<ConsensusParams, "subsidyHalvingInterval">,
): BlockNumbers {
  const { transactions } = block;
  const weights = transactions.map(({ weight }) => weight);
  const fees = undo && transactions.map((tx, index) => (index === 0 ? 0 : feeOf(tx, undo, index)));
  const feerates = fees?.map((fee, index) => Math.floor((fee * 1000) / virtualSizeOf(weights[index]!)));
  return {
    transactions: {
      txids: transactions.map(({ txid }) => displayHash(txid)),
      weights,
      fees: fees ?? null,
      feerates_sat_per_kvb: feerates ?? null,
    },
    statistics: undo && fees && feerates ? statisticsOf(entry, block, undo, { fees, feerates, weights }, params) : null,
  };
}

/** Amounts that can exist are exact as numbers, and numbers cost a tenth of bigints. */
function feeOf(tx: Transaction, undo: BlockUndo, index: number): number {
  let fee = 0;
  for (const { output } of undo.transactions[index - 1]!) fee += Number(output.value);
  return fee - outputSum(tx);
}

const outputSum = ({ outputs }: Transaction) => outputs.reduce((sum, { value }) => sum + Number(value), 0);

interface Lists {
  readonly fees: readonly number[];
  readonly feerates: readonly number[];
  readonly weights: readonly number[];
}

function statisticsOf(
  entry: BlockIndexEntry,
  block: Block,
  undo: BlockUndo,
  { fees, feerates, weights }: Lists,
  params: Pick<ConsensusParams, "subsidyHalvingInterval">,
): BlockStatistics {
  const [, ...spending] = block.transactions;
  const ascending = fees.slice(1).sort((a, b) => a - b);
  const withWitness = spending.filter(({ hasWitness }) => hasWitness);
  const coins = coinChanges(entry, block, undo);
  const inputCount = sumOf(spending, ({ inputs }) => inputs.length);
  return {
    total_fee: sumOf(fees, (fee) => fee),
    subsidy: Number(blockSubsidy(entry.height, params)),
    total_output: sumOf(spending, outputSum),
    min_fee: ascending[0] ?? 0,
    median_fee: median(ascending),
    max_fee: ascending.at(-1) ?? 0,
    feerate_sat_per_kvb: spreadOf(feerates.slice(1), weights.slice(1)),
    input_count: inputCount,
    output_count: coins.outputCount,
    segwit_count: withWitness.length,
    segwit_size_bytes: sumOf(withWitness, ({ size }) => size),
    segwit_weight: sumOf(withWitness, ({ weight }) => weight),
    total_weight: sumOf(spending, ({ weight }) => weight),
    utxo_increase: coins.spendableCount - inputCount,
    utxo_size_increase_bytes: coins.spendableBytes,
  };
}

function sumOf<Item>(items: readonly Item[], numberOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + numberOf(item), 0);
}

/** The middle value, or the mean of the two in the middle, cut off. */
function median(ascending: readonly number[]): number {
  const half = ascending.length >> 1;
  if (ascending.length === 0) return 0;
  return ascending.length % 2 === 1 ? ascending[half]! : Math.floor((ascending[half - 1]! + ascending[half]!) / 2);
}

/** Going from the lowest feerate up until so much of the weight is passed. */
function spreadOf(feerates: readonly number[], weights: readonly number[]): FeerateSpread {
  const order = feerates.map((_, index) => index).sort((a, b) => feerates[a]! - feerates[b]!);
  const total = sumOf(weights, (weight) => weight);
  let passed = 0;
  let reached = 0;
  const upTo = (share: number): number => {
    while (reached < order.length && passed < total * share) passed += weights[order[reached++]!]!;
    return feerates[order[Math.max(0, reached - 1)]!] ?? 0;
  };
  // In this order: each goes on where the one before stopped.
  return {
    min: feerates[order[0]!] ?? 0,
    percentile_10: upTo(0.1),
    percentile_25: upTo(0.25),
    median: upTo(0.5),
    percentile_75: upTo(0.75),
    percentile_90: upTo(0.9),
    max: feerates[order.at(-1)!] ?? 0,
  };
}

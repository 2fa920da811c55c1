import type { RpcValue } from "@bitfleet/api/json.ts";
import type { BlockUndo, Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { blockSubsidy } from "@bitfleet/protocol/consensus/subsidy.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import {
  type Transaction,
  type TxOutput,
  txOutputSize,
  WITNESS_SCALE_FACTOR,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { isUnspendable } from "@bitfleet/protocol/script/script.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";

/** What an unspent output takes beside itself: outpoint (36 bytes), height with coinbase flag (4). */
const COIN_OVERHEAD_BYTES = 40;
/** BIP30: their coinbases repeat earlier ones, so that no coins came into being. */
const REPEATING_BLOCKS: readonly string[] = [
  "00000000000a4d0a398161ffc163c503763b1f4360639393e0e4c8e300e0caec",
  "00000000000743f190a18c5577a3c2d2a1f610ae9601ac046a38084ccb7cd721",
];
/** Parts of the weight whose fee rates are told, as fractions. */
const PERCENTILES = [
  [1, 10],
  [1, 4],
  [1, 2],
  [3, 4],
  [9, 10],
] as const;

interface SpendingStats {
  readonly size: number;
  readonly weight: number;
  readonly hasWitness: boolean;
  readonly inputCount: number;
  readonly fee: bigint;
  /** Satoshis a vbyte, cut off. */
  readonly feerate: bigint;
  readonly outputSum: bigint;
}

/** What getblockstats answers, all of it: amounts in satoshis, sizes in bytes; the coinbase counts only where said. */
export function blockStats(
  entry: BlockIndexEntry,
  block: Block,
  undo: BlockUndo,
  params: Pick<ConsensusParams, "subsidyHalvingInterval">,
): Record<string, RpcValue> {
  const [, ...spending] = block.transactions;
  const stats = spending.map((tx, index) => spendingStats(tx, undo.transactions[index] ?? []));
  const coins = coinChanges(entry, block, undo);
  const fees = stats.map(({ fee }) => fee);
  const feerates = stats.map(({ feerate }) => feerate);
  const sizes = stats.map(({ size }) => BigInt(size));
  const withWitness = stats.filter(({ hasWitness }) => hasWitness);
  const totalFee = sum(fees);
  const totalWeight = sumOf(stats, "weight");
  const inputCount = sumOf(stats, "inputCount");
  return {
    avgfee: average(totalFee, stats.length),
    avgfeerate: average(totalFee * BigInt(WITNESS_SCALE_FACTOR), totalWeight),
    avgtxsize: average(sum(sizes), stats.length),
    blockhash: displayHash(entry.hash),
    feerate_percentiles: feeratePercentiles(stats, totalWeight),
    height: entry.height,
    ins: inputCount,
    maxfee: largest(fees),
    maxfeerate: largest(feerates),
    maxtxsize: largest(sizes),
    medianfee: median(fees),
    mediantime: medianTimePast(entry),
    mediantxsize: median(sizes),
    minfee: smallest(fees),
    minfeerate: smallest(feerates),
    mintxsize: smallest(sizes),
    outs: coins.outputCount,
    subsidy: blockSubsidy(entry.height, params),
    swtotal_size: sumOf(withWitness, "size"),
    swtotal_weight: sumOf(withWitness, "weight"),
    swtxs: withWitness.length,
    time: entry.header.time,
    total_out: sum(stats.map(({ outputSum }) => outputSum)),
    total_size: sumOf(stats, "size"),
    total_weight: totalWeight,
    totalfee: totalFee,
    txs: block.transactions.length,
    utxo_increase: coins.outputCount - inputCount,
    utxo_size_inc: coins.allBytes,
    utxo_increase_actual: coins.spendableCount - inputCount,
    utxo_size_inc_actual: coins.spendableBytes,
  };
}

function spendingStats(tx: Transaction, spent: readonly Coin[]): SpendingStats {
  const outputSum = sum(tx.outputs.map(({ value }) => value));
  const fee = sum(spent.map(({ output }) => output.value)) - outputSum;
  const { size, weight, hasWitness } = tx;
  const feerate = average(fee * BigInt(WITNESS_SCALE_FACTOR), weight);
  return { size, weight, hasWitness, inputCount: tx.inputs.length, fee, feerate, outputSum };
}

/** Outputs made and taken: once all, once without those that nobody can ever spend, which are not kept. */
export function coinChanges(entry: BlockIndexEntry, block: Block, undo: BlockUndo) {
  const repeats = REPEATING_BLOCKS.includes(displayHash(entry.hash));
  const changes = { outputCount: 0, allBytes: 0, spendableCount: 0, spendableBytes: 0 };
  for (const [index, tx] of block.transactions.entries()) {
    const isKept = entry.height > 0 && !(repeats && index === 0);
    changes.outputCount += tx.outputs.length;
    for (const output of tx.outputs) {
      const bytes = coinBytes(output);
      changes.allBytes += bytes;
      if (!isKept || isUnspendable(output.scriptPubKey)) continue;
      changes.spendableCount++;
      changes.spendableBytes += bytes;
    }
  }
  for (const { output } of undo.transactions.flat()) {
    changes.allBytes -= coinBytes(output);
    changes.spendableBytes -= coinBytes(output);
  }
  return changes;
}

const coinBytes = (output: TxOutput) => txOutputSize(output) + COIN_OVERHEAD_BYTES;

/** The fee rate at each percentile of weight, going from the lowest rate up. */
function feeratePercentiles(stats: readonly SpendingStats[], totalWeight: number): bigint[] {
  const byFeerate = stats.toSorted((a, b) => compare(a.feerate, b.feerate));
  let weight = 0;
  let reached = 0;
  return PERCENTILES.map(([part, whole]) => {
    while (reached < byFeerate.length && weight < (totalWeight * part) / whole) weight += byFeerate[reached++]!.weight;
    return byFeerate[Math.max(0, reached - 1)]?.feerate ?? 0n;
  });
}

const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
const average = (total: bigint, count: number) => (count === 0 ? 0n : total / BigInt(count));
const largest = (values: readonly bigint[]) => values.toSorted(compare).at(-1) ?? 0n;
const smallest = (values: readonly bigint[]) => values.toSorted(compare)[0] ?? 0n;

function sumOf(stats: readonly SpendingStats[], name: "size" | "weight" | "inputCount"): number {
  return stats.reduce((total, each) => total + each[name], 0);
}

/** The middle value, or the mean of the two in the middle, cut off. */
function median(values: readonly bigint[]): bigint {
  const sorted = values.toSorted(compare);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return 0n;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2n;
}

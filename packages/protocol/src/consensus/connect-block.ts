import { equalBytes } from "../bytes/bytes.ts";
import type { Block } from "../primitives/block.ts";
import { isCoinbase, type OutPoint, type Transaction, type TxOutput } from "../primitives/transaction.ts";
import {
  displayHash,
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  outPointKeyOf,
  type Sats,
} from "../primitives/types.ts";
import type { ScriptFlags } from "../script/flags.ts";
import { isUnspendable } from "../script/script.ts";
import { type ScriptError, scriptErrorMessage } from "../script/script-error.ts";
import { isMoney, totalValue } from "./amount.ts";
import { isBip30Enforced } from "./bip30.ts";
import type { BlockUndo, ChainLink, Coin, CoinLookup } from "./chain-view.ts";
import { checkTransactionInputs } from "./check-transaction.ts";
import { isActiveAt, scriptFlagsFor } from "./deployments.ts";
import { medianTimePast, sequenceLocks, sequenceLocksMet } from "./locktime.ts";
import type { ConsensusParams } from "./params.ts";
import { MAX_BLOCK_SIGOPS_COST, sigopsCost } from "./sigops.ts";
import { blockSubsidy } from "./subsidy.ts";
import { type BlockReject, blockReject, isReject } from "./verdict.ts";

/** A transaction whose input scripts remain to be run, with the outputs they spend in input order. */
export interface ScriptCheck {
  readonly tx: Transaction;
  readonly spentOutputs: readonly TxOutput[];
}

/** What a connected block does to the coins, and what remains to be checked. */
export interface BlockEffects {
  /** Every coin that inputs spent, those made in the same block included: what takes the block back. */
  readonly undo: BlockUndo;
  /** Coins of the view that are gone. Those made and spent inside the block were never there. */
  readonly spent: readonly OutPointKey[];
  /** Coins that are new, without outputs that nobody can ever spend. */
  readonly created: readonly (readonly [OutPointKey, Coin])[];
  readonly fees: Sats;
  readonly sigopsCost: number;
  /** In block order, the coinbase left out. */
  readonly scripts: readonly ScriptCheck[];
  readonly scriptFlags: ScriptFlags;
}

/** Transactions of a step of {@link connectBlockInSteps}: about ten milliseconds of ordinary ones. */
const STEP_TRANSACTIONS = 500;

/** Outpoints to fetch before {@link connectBlock}: what the inputs spend, outputs of earlier transactions of the block left out. */
export function outPointsOf(block: Pick<Block, "transactions">): readonly OutPoint[] {
  const outPoints: OutPoint[] = [];
  const earlier = new Set<HashKey>();
  for (const tx of block.transactions) {
    if (!isCoinbase(tx)) {
      for (const { previousOutput } of tx.inputs) {
        if (!earlier.has(hashKey(previousOutput.txid))) outPoints.push(previousOutput);
      }
    }
    earlier.add(hashKey(tx.txid));
  }
  return outPoints;
}

/** More outpoints to fetch before {@link connectBlock}: outputs that must not exist yet (BIP30). None where that is certain. */
export function bip30OutPointsOf(block: Block, link: ChainLink, params: ConsensusParams): OutPoint[] {
  if (isGenesis(link, params) || !isBip30Enforced(link, params)) return [];
  return block.transactions.flatMap(({ txid, outputs }) => outputs.map((_, index) => ({ txid, index })));
}

/**
 * Applies a block that passed `checkBlock` and `contextualCheckBlock` to the coins after the block before it. `lookup`
 * knows the outpoints of {@link outPointsOf} and `unwanted`, those of {@link bip30OutPointsOf} unless it is certain that they
 * are not there. Scripts are left to the caller: the block is valid only when all of `scripts` pass under `scriptFlags`; see
 * {@link scriptReject}.
 */
export function connectBlock(
  block: Block,
  link: ChainLink,
  params: ConsensusParams,
  lookup: CoinLookup,
  unwanted: readonly OutPoint[] = bip30OutPointsOf(block, link, params),
): BlockEffects | BlockReject {
  const steps = connectBlockInSteps(block, link, params, lookup, unwanted);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** As {@link connectBlock}, for who has other things to do too: it stops after every few hundred transactions. */
export function* connectBlockInSteps(
  block: Block,
  link: ChainLink,
  params: ConsensusParams,
  lookup: CoinLookup,
  unwanted: readonly OutPoint[],
): Generator<void, BlockEffects | BlockReject> {
  const scriptFlags = scriptFlagsFor(link, params);
  const view = new BlockView(lookup);
  // The genesis coinbase was never added to the coins, so it cannot be spent.
  if (isGenesis(link, params)) return { ...view.changes(), fees: 0n, sigopsCost: 0, scripts: [], scriptFlags };

  const overwritten = unwanted.some((outPoint) => lookup(outPointKey(outPoint)));
  if (overwritten) return blockReject("consensus", "bad-txns-BIP30", "tried to overwrite transaction");

  const isSequenceLocked = sequenceLockRule(link, params);
  const scripts: ScriptCheck[] = [];
  let fees = 0n;
  let cost = 0;
  for (const [index, tx] of block.transactions.entries()) {
    if (index > 0 && index % STEP_TRANSACTIONS === 0) yield;
    let spentOutputs: readonly TxOutput[] = [];
    if (!isCoinbase(tx)) {
      const inputs = checkTransactionInputs(tx, view.coinsOf(tx), link.height);
      if (isReject(inputs)) {
        const detail = `${inputs.detail} in transaction ${displayHash(tx.txid)}`;
        return blockReject("consensus", inputs.reason, detail);
      }
      fees += inputs.fee;
      if (!isMoney(fees)) {
        const detail = "accumulated fee in the block out of range";
        return blockReject("consensus", "bad-txns-accumulated-fee-outofrange", detail);
      }
      if (isSequenceLocked(tx, inputs.coins)) {
        const detail = `contains a non-BIP68-final transaction ${displayHash(tx.txid)}`;
        return blockReject("consensus", "bad-txns-nonfinal", detail);
      }
      spentOutputs = inputs.coins.map((coin) => coin.output);
      scripts.push({ tx, spentOutputs });
    }
    cost += sigopsCost(tx, spentOutputs, scriptFlags);
    if (cost > MAX_BLOCK_SIGOPS_COST) return blockReject("consensus", "bad-blk-sigops", "too many sigops");
    view.apply(tx, link.height);
  }

  const reject = checkCoinbaseAmount(block, fees + blockSubsidy(link.height, params));
  return reject ?? { ...view.changes(), fees, sigopsCost: cost, scripts, scriptFlags };
}

function isGenesis(link: ChainLink, params: Pick<ConsensusParams, "genesis">): boolean {
  return link.height === 0 && equalBytes(link.header.hash, params.genesis.hash);
}

/** BIP68, for one block: whether the relative locks of a transaction still hold there. */
function sequenceLockRule(
  link: ChainLink,
  params: ConsensusParams,
): (tx: Transaction, coins: readonly Coin[]) => boolean {
  const { previous } = link;
  if (previous === undefined) throw new Error("a block to connect has no predecessor");
  if (!isActiveAt("csv", link.height, params)) return () => false;
  const previousMedianTime = medianTimePast(previous);
  return (tx, coins) => {
    const coinHeights = coins.map((coin) => coin.height);
    const locks = sequenceLocks(tx, coinHeights, (height) => link.ancestor(height));
    return !sequenceLocksMet(locks, link.height, previousMedianTime);
  };
}

function checkCoinbaseAmount(block: Block, limit: Sats): BlockReject | undefined {
  const actual = totalValue(block.transactions[0]!.outputs);
  if (actual <= limit) return undefined;
  const detail = `coinbase pays too much (actual=${actual} vs limit=${limit})`;
  return blockReject("consensus", "bad-cb-amount", detail);
}

/** The coins as the transactions of one block see them, one after the other. */
class BlockView {
  readonly #lookup: CoinLookup;
  readonly #created = new Map<OutPointKey, Coin>();
  readonly #spent = new Set<OutPointKey>();
  readonly #undo: (readonly Coin[])[] = [];

  constructor(lookup: CoinLookup) {
    this.#lookup = lookup;
  }

  #coin(key: OutPointKey): Coin | undefined {
    return this.#created.get(key) ?? (this.#spent.has(key) ? undefined : this.#lookup(key));
  }

  /** The coins that a transaction spends, in input order. */
  coinsOf(tx: Transaction): (Coin | undefined)[] {
    return tx.inputs.map((input) => this.#coin(outPointKey(input.previousOutput)));
  }

  /** Spends the inputs and adds the outputs of a transaction whose inputs are there. */
  apply(tx: Transaction, height: number): void {
    const coinbase = isCoinbase(tx);
    if (!coinbase) this.#undo.push(tx.inputs.map((input) => this.#spend(outPointKey(input.previousOutput))));
    const txid = hashKey(tx.txid);
    tx.outputs.forEach((output, index) => {
      if (isUnspendable(output.scriptPubKey)) return;
      this.#created.set(outPointKeyOf(txid, index), { output, height, isCoinbase: coinbase });
    });
  }

  #spend(key: OutPointKey): Coin {
    const coin = this.#coin(key);
    // Two inputs with one outpoint never come here: checkTransaction refuses them (CVE-2018-17144).
    if (coin === undefined) throw new Error("a coin is spent twice by one transaction");
    if (!this.#created.delete(key)) this.#spent.add(key);
    return coin;
  }

  changes(): Pick<BlockEffects, "undo" | "spent" | "created"> {
    return { undo: { transactions: this.#undo }, spent: [...this.#spent], created: [...this.#created] };
  }
}

/** The reject of a block in which input `inputIndex` of `tx` fails its script. */
export function scriptReject(tx: Transaction, inputIndex: number, error: ScriptError): BlockReject {
  const { txid, index } = tx.inputs[inputIndex]!.previousOutput;
  const place = `input ${inputIndex} of ${displayHash(tx.txid)} (wtxid ${displayHash(tx.wtxid)})`;
  const reason = `block-script-verify-flag-failed (${scriptErrorMessage(error)})`;
  return blockReject("consensus", reason, `${place}, spending ${displayHash(txid)}:${index}`);
}

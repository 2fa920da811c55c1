import type { ChainLink, Coin, CoinLookup } from "@bitfleet/protocol/consensus/chain-view.ts";
import { checkTransaction, checkTransactionInputs } from "@bitfleet/protocol/consensus/check-transaction.ts";
import {
  hasSequenceLocks,
  isFinal,
  medianTimePast,
  sequenceLocks,
  sequenceLocksMet,
} from "@bitfleet/protocol/consensus/locktime.ts";
import { MAX_BLOCK_SIGOPS_COST, sigopsCost } from "@bitfleet/protocol/consensus/sigops.ts";
import { isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import { checkDustFee } from "@bitfleet/protocol/policy/ephemeral-dust.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import { checkInputsStandard, checkWitnessStandard } from "@bitfleet/protocol/policy/input-standardness.ts";
import { checkStandard, checkStrippedSize } from "@bitfleet/protocol/policy/standardness.ts";
import { type PolicyReject, policyReject } from "@bitfleet/protocol/policy/verdict.ts";
import {
  isCoinbase,
  type OutPoint,
  type Transaction,
  type TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey, outPointKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import type { Candidate } from "./candidate.ts";
import { Entry } from "./entry.ts";
import type { EntryPool } from "./entry-pool.ts";
import type { MempoolOptions } from "./mempool-options.ts";
import { joinFamily } from "./truc-family.ts";

/** A fifth of what a block may hold: one transaction must not take all of it. */
const SIGOPS_COST_MAX = MAX_BLOCK_SIGOPS_COST / 5;

/** What the mempool and the chain are like while a transaction is looked at. */
export interface CheckContext {
  readonly options: MempoolOptions;
  readonly pool: EntryPool;
  readonly tip: ChainLink;
  /** When the transaction came, in seconds since 1970. */
  readonly arrivalSeconds: number;
  /** What a full mempool asks for, satoshis a thousand vbytes. */
  readonly rollingFeerateSatPerKvb: Sats;
  readonly sequence: number;
  readonly feeDeltaOf: (txid: Txid) => Sats;
  /** Transactions of the same package whose outputs may be spent. */
  readonly packageMembers: ReadonlyMap<HashKey, Transaction>;
}

/** How a transaction came, which decides what is asked of it. */
export interface CheckMode {
  /** It comes back from a block: fees and families do not matter. */
  readonly bypassLimits: boolean;
  /** Its package pays for it: its own feerate does not matter. */
  readonly paidByPackage: boolean;
  readonly allowsReplacement: boolean;
  /** A child of version 3 may take the place of another child. */
  readonly evictsSibling: boolean;
}

/** What can be said of a transaction without its coins. */
export function checkAlone(tx: Transaction, context: CheckContext, mode: CheckMode): PolicyReject | undefined {
  const { options, pool, tip } = context;
  const reject = checkTransaction(tx);
  if (reject !== undefined) return reject;
  if (isCoinbase(tx)) return policyReject("consensus", "coinbase");
  const taste = options.requiresStandard ? checkStandard(tx, options.standardness) : undefined;
  if (taste !== undefined) return taste;
  const size = checkStrippedSize(tx);
  if (size !== undefined) return size;
  if (!isFinalNext(tx, tip)) return policyReject("premature-spend", "non-final");
  if (pool.getByWtxid(tx.wtxid)) return policyReject("conflict", "txn-already-in-mempool");
  if (pool.get(tx.txid)) return policyReject("conflict", "txn-same-nonwitness-data-in-mempool");
  if (!mode.allowsReplacement && pool.conflictsOf(tx).size > 0)
    return policyReject("policy", "bip125-replacement-disallowed");
  return undefined;
}

/** The coins to fetch before {@link checkWithCoins}: those that are in the chain, if they are anywhere. */
export function chainOutPointsOf(tx: Transaction, context: CheckContext): readonly OutPoint[] {
  return tx.inputs.flatMap(({ previousOutput }) =>
    unconfirmedOutput(previousOutput, context) ? [] : [previousOutput],
  );
}

function unconfirmedOutput(outPoint: OutPoint, { pool, packageMembers }: CheckContext): TxOutput | undefined {
  const tx = packageMembers.get(hashKey(outPoint.txid)) ?? pool.get(outPoint.txid)?.tx;
  return tx?.outputs[outPoint.index];
}

/** The coins that a transaction spends, `undefined` for those that are missing; unconfirmed ones as if the next block had them. */
export function coinsOf(tx: Transaction, context: CheckContext, lookup: CoinLookup): readonly (Coin | undefined)[] {
  return tx.inputs.map(({ previousOutput }) => {
    const output = unconfirmedOutput(previousOutput, context);
    if (output === undefined) return lookup(outPointKey(previousOutput));
    return { output, height: context.tip.height + 1, isCoinbase: false };
  });
}

/** Everything but replacement, cluster limits and scripts. The transaction passed {@link checkAlone}, and no coin is missing. */
export function checkWithCoins(
  tx: Transaction,
  coins: readonly Coin[],
  context: CheckContext,
  mode: CheckMode,
): Candidate | PolicyReject {
  const { options, tip } = context;
  if (!areSequenceLocksMetNext(tx, coins, tip)) return policyReject("premature-spend", "non-BIP68-final");
  const inputs = checkTransactionInputs(tx, coins, tip.height + 1);
  if (isReject(inputs)) return inputs;
  const spentOutputs = coins.map(({ output }) => output);
  if (options.requiresStandard) {
    const reject = checkInputsStandard(tx, spentOutputs) ?? checkWitnessStandard(tx, spentOutputs);
    if (reject !== undefined) return reject;
  }
  const entry = new Entry({
    tx,
    fee: inputs.fee,
    feeDelta: context.feeDeltaOf(tx.txid),
    sigopsCost: sigopsCost(tx, spentOutputs, STANDARD_SCRIPT_FLAGS),
    timeSeconds: context.arrivalSeconds,
    height: tip.height,
    // Before everything that may spend it already.
    sequence: mode.bypassLimits ? 0 : context.sequence,
    spendsCoinbase: coins.some(({ isCoinbase: isReward }) => isReward),
    bytesPerSigop: options.bytesPerSigop,
  });
  const reject = checkEntry(entry, context, mode);
  if (reject !== undefined) return reject;
  const conflicts = new Set(context.pool.conflictsOf(tx));
  const candidate = { tx, entry, spentOutputs, conflicts, evictsSibling: false };
  return mode.bypassLimits ? candidate : joinFamily(candidate, context.pool, mode.evictsSibling);
}

function checkEntry(entry: Entry, context: CheckContext, mode: CheckMode): PolicyReject | undefined {
  const { requiresStandard, standardness } = context.options;
  if (requiresStandard) {
    const fees = { base: entry.fee, modified: entry.modifiedFee };
    const reject = checkDustFee(entry.tx, fees, standardness.dustFeerateSatPerKvb);
    if (reject !== undefined) return reject;
  }
  if (entry.sigopsCost > SIGOPS_COST_MAX)
    return policyReject("not-standard", "bad-txns-too-many-sigops", String(entry.sigopsCost));
  if (mode.bypassLimits || mode.paidByPackage) return undefined;
  return checkFeerate(entry.modifiedFee, entry.virtualSize, context);
}

/** Whether a fee suffices for `virtualSize` vbytes: for the mempool as full as it is, and for being relayed at all. */
export function checkFeerate(
  fee: Sats,
  virtualSize: number,
  context: Pick<CheckContext, "options" | "rollingFeerateSatPerKvb">,
): PolicyReject | undefined {
  const rollingFee = feeFor(context.rollingFeerateSatPerKvb, virtualSize);
  if (rollingFee > 0n && fee < rollingFee)
    return policyReject("reconsiderable", "mempool min fee not met", `${fee} < ${rollingFee}`);
  const relayFee = feeFor(context.options.minRelayFeerateSatPerKvb, virtualSize);
  if (fee < relayFee) return policyReject("reconsiderable", "min relay fee not met", `${fee} < ${relayFee}`);
  return undefined;
}

/** Whether the lock time allows a transaction in the block on top of `tip`. */
export function isFinalNext(tx: Transaction, tip: ChainLink): boolean {
  return tx.lockTime === 0 || isFinal(tx, tip.height + 1, medianTimePast(tip));
}

/** BIP68: whether the relative locks allow it there. `coins` in input order. */
export function areSequenceLocksMetNext(tx: Transaction, coins: readonly Coin[], tip: ChainLink): boolean {
  if (!hasSequenceLocks(tx)) return true;
  const heights = coins.map(({ height }) => height);
  const locks = sequenceLocks(tx, heights, (height) => tip.ancestor(height));
  return sequenceLocksMet(locks, tip.height + 1, medianTimePast(tip));
}

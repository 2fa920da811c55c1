import type { Coin, CoinLookup } from "@bitfleet/protocol/consensus/chain-view.ts";
import { isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import { checkDustSpent } from "@bitfleet/protocol/policy/ephemeral-dust.ts";
import { compareFeerates } from "@bitfleet/protocol/policy/feerate.ts";
import { spendsWitnessProgram } from "@bitfleet/protocol/policy/input-standardness.ts";
import { type PolicyReject, policyReject } from "@bitfleet/protocol/policy/verdict.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  displayHash,
  type HashKey,
  hashKey,
  outPointKeyOf,
  type Sats,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { scriptErrorMessage } from "@bitfleet/protocol/script/script-error.ts";
import type { Chain } from "../chain/chain.ts";
import type { Clock, ScriptFailure, ScriptVerifier } from "../ports.ts";
import type { Candidate } from "./candidate.ts";
import {
  type CheckContext,
  type CheckMode,
  chainOutPointsOf,
  checkAlone,
  checkFeerate,
  checkWithCoins,
  coinsOf,
} from "./check-candidate.ts";
import type { EntryPool } from "./entry-pool.ts";
import type { MempoolOptions } from "./mempool-options.ts";
import { ownCopy } from "./own-copy.ts";
import { planOne, planPackage, planRest } from "./replacement-plan.ts";
import type { Staging } from "./staging.ts";
import { packageFamilyViolation } from "./truc-family.ts";

/** Outputs that are looked for in the chain to tell a transaction that is confirmed from one whose parents are missing. */
const OWN_OUTPUTS_MAX = 16;

export interface AcceptorDependencies {
  readonly pool: EntryPool;
  readonly chain: Pick<Chain, "coins" | "tip">;
  readonly scriptVerifier: ScriptVerifier;
  readonly clock: Pick<Clock, "nowMs">;
  /** What a full mempool asks for, satoshis a thousand vbytes. */
  readonly rollingFeerate: () => Sats;
  readonly sequence: () => number;
  readonly feeDeltaOf: (txid: Txid) => Sats;
}

/** What the caller says of a transaction. */
export interface JudgeOptions {
  /** What it may pay at most, satoshis a thousand vbytes. */
  readonly feerateMax?: Sats;
  /** When it came, in seconds since 1970; now where absent. */
  readonly timeSeconds?: number;
}

/** Transactions that may come in, and what changes with them. */
export interface Decision {
  readonly candidates: readonly Candidate[];
  readonly staging: Staging;
}

/** Why a package fails: as a whole, or because of one of its transactions, the position of which is given. */
export interface PackageFailure {
  readonly index: number | undefined;
  readonly reject: PolicyReject;
  /** What is said of the package where one of its transactions is to blame; else that it failed. */
  readonly packageReason?: string;
  /** Those before the failing one that passed every check. */
  readonly passed?: readonly Candidate[];
}

/** Decides on transactions while the tip stands still. Changes nothing. */
export class Acceptor {
  readonly #options: MempoolOptions;
  readonly #deps: AcceptorDependencies;

  constructor(options: MempoolOptions, deps: AcceptorDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Every rule, the cheap ones first. */
  async judge(
    tx: Transaction,
    mode: CheckMode,
    { feerateMax, timeSeconds }: JudgeOptions = {},
  ): Promise<Decision | PolicyReject> {
    const { pool } = this.#deps;
    const candidate = await this.#candidate(tx, this.#context(timeSeconds), mode);
    if (isReject(candidate)) return candidate;
    const staging = planOne(candidate, pool, this.#options);
    if (isReject(staging)) return staging;
    if (exceeds(candidate, feerateMax)) return policyReject("policy", "max feerate exceeded");
    const dust = mode.bypassLimits ? undefined : this.#dustReject(candidate, new Map());
    if (dust !== undefined) return dust;
    return (await this.#scriptReject(candidate)) ?? { candidates: [candidate], staging };
  }

  /**
   * The same for transactions that come together, parents before children, none of which is in the mempool. Those that are `apart` by
   * their txids would be there by themselves before the others are looked at.
   */
  async judgePackage(
    transactions: readonly Transaction[],
    mode: CheckMode,
    {
      feerateMax,
      apart = new Set(),
    }: Pick<JudgeOptions, "feerateMax"> & { readonly apart?: ReadonlySet<HashKey> } = {},
  ): Promise<Decision | PackageFailure> {
    const { pool } = this.#deps;
    const members = new Map<HashKey, Transaction>();
    const context = { ...this.#context(), packageMembers: members };
    const candidates: Candidate[] = [];
    for (const [index, tx] of transactions.entries()) {
      const candidate = await this.#candidate(tx, context, mode);
      if (isReject(candidate)) return { index, reject: candidate };
      if (exceeds(candidate, feerateMax)) return { index, reject: policyReject("policy", "max feerate exceeded") };
      candidates.push(candidate);
      members.set(hashKey(tx.txid), candidate.tx);
    }
    const violation = packageFamilyViolation(candidates, pool);
    if (violation !== undefined)
      return { index: undefined, reject: policyReject("policy", "TRUC-violation", violation) };
    const together = candidates.filter(({ tx }) => !apart.has(hashKey(tx.txid)));
    const { fee, virtualSize } = totalOf(together);
    const cheap = mode.paidByPackage ? checkFeerate(fee, virtualSize, context) : undefined;
    if (cheap !== undefined) return { index: transactions.length - 1, reject: cheap };
    const staging =
      together.length === candidates.length
        ? planPackage(candidates, pool, this.#options)
        : planRest(candidates, new Set(together), pool, this.#options);
    if (isReject(staging)) return { index: undefined, reject: staging };
    for (const [index, candidate] of candidates.entries()) {
      const reject = this.#dustReject(candidate, members);
      if (reject !== undefined) return { index, reject, packageReason: "unspent-dust" };
    }
    for (const [index, candidate] of candidates.entries()) {
      const reject = await this.#scriptReject(candidate);
      if (reject !== undefined) return { index, reject, passed: candidates.slice(0, index) };
    }
    return { candidates, staging };
  }

  #context(timeSeconds?: number): CheckContext {
    const { pool, chain, clock, rollingFeerate, sequence, feeDeltaOf } = this.#deps;
    return {
      options: this.#options,
      pool,
      tip: chain.tip,
      arrivalSeconds: timeSeconds ?? Math.floor(clock.nowMs() / 1000),
      rollingFeerateSatPerKvb: rollingFeerate(),
      sequence: sequence(),
      feeDeltaOf,
      packageMembers: new Map(),
    };
  }

  async #candidate(tx: Transaction, context: CheckContext, mode: CheckMode): Promise<Candidate | PolicyReject> {
    const reject = checkAlone(tx, context, mode);
    if (reject !== undefined) return reject;
    const own = ownCopy(tx);
    const lookup = await this.#fetch(chainOutPointsOf(own, context));
    const coins = coinsOf(own, context, lookup);
    if (!areAllThere(coins)) return this.#missingInputs(own);
    return checkWithCoins(own, coins, context, mode);
  }

  async #fetch(outPoints: Parameters<Chain["coins"]["fetch"]>[0]): Promise<CoinLookup> {
    return outPoints.length === 0 ? () => undefined : this.#deps.chain.coins.fetch(outPoints);
  }

  /** Its inputs may be missing because a block has it already. */
  async #missingInputs({ txid, outputs }: Transaction): Promise<PolicyReject> {
    const own = outputs.slice(0, OWN_OUTPUTS_MAX).map((_, index) => ({ txid, index }));
    const lookup = await this.#fetch(own);
    const key = hashKey(txid);
    const isConfirmed = own.some(({ index }) => lookup(outPointKeyOf(key, index)) !== undefined);
    return isConfirmed
      ? policyReject("conflict", "txn-already-known")
      : policyReject("missing-inputs", "bad-txns-inputs-missingorspent");
  }

  #dustReject(candidate: Candidate, members: ReadonlyMap<HashKey, Transaction>): PolicyReject | undefined {
    const { requiresStandard, standardness } = this.#options;
    if (!requiresStandard) return undefined;
    const parentOf = (txid: Txid) => members.get(hashKey(txid)) ?? this.#deps.pool.get(txid)?.tx;
    return checkDustSpent(candidate.tx, parentOf, standardness.dustFeerateSatPerKvb);
  }

  /** Under the flags of policy, which include those of consensus: what passes them passes in a block. */
  async #scriptReject({ tx, spentOutputs }: Candidate): Promise<PolicyReject | undefined> {
    const failure = await this.#deps.scriptVerifier.verifyAll([{ tx, spentOutputs }], STANDARD_SCRIPT_FLAGS);
    if (failure === undefined) return undefined;
    const isStripped = !tx.hasWitness && spendsWitnessProgram(tx, spentOutputs);
    const reason = `mempool-script-verify-flag-failed (${scriptErrorMessage(failure.error)})`;
    return policyReject(isStripped ? "witness-stripped" : "not-standard", reason, placeOf(tx, failure));
  }
}

function placeOf(tx: Transaction, { inputIndex }: ScriptFailure): string {
  const { txid, index } = tx.inputs[inputIndex]!.previousOutput;
  const names = `${displayHash(tx.txid)} (wtxid ${displayHash(tx.wtxid)})`;
  return `input ${inputIndex} of ${names}, spending ${displayHash(txid)}:${index}`;
}

/** Fees, with what the operator added, and size of transactions that pay for one another. */
export function totalOf(candidates: readonly Candidate[]): { readonly fee: Sats; readonly virtualSize: number } {
  let fee = 0n;
  let virtualSize = 0;
  for (const { entry } of candidates) {
    fee += entry.modifiedFee;
    virtualSize += entry.virtualSize;
  }
  return { fee, virtualSize };
}

function exceeds({ entry }: Candidate, feerateMax: Sats | undefined): boolean {
  if (feerateMax === undefined) return false;
  const own = { fee: entry.modifiedFee, size: entry.virtualSize };
  return compareFeerates(own, { fee: feerateMax, size: 1000 }) > 0;
}

function areAllThere(coins: readonly (Coin | undefined)[]): coins is readonly Coin[] {
  return coins.every((coin) => coin !== undefined);
}

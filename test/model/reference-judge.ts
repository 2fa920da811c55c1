import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { MempoolOptions } from "../../packages/node/src/mempool/mempool-options.ts";
import { type ChainView, coinKey, idOf, type ModelCoin, spentKeys } from "./reference-chain.ts";
import { type ModelEntry, modelEntry } from "./reference-entry.ts";
import { familyFault, packageFamilyFault } from "./reference-families.ts";
import { feerateOrder, Graph } from "./reference-graph.ts";
import type { ReferenceMinimum } from "./reference-minimum.ts";
import { type Change, judgePackageReplacement, judgeReplacement } from "./reference-replacement.ts";
import { isRefused } from "./reference-results.ts";
import {
  areLocksOver,
  coinsFor,
  dustOf,
  feeAt,
  isFinalNext,
  isMature,
  judgeCoins,
  judgeForm,
  judgeScripts,
  type ModelReject,
  missingCoins,
  namesOf,
  refuse,
  sum,
} from "./reference-rules.ts";

/** As what a transaction comes. */
export interface Mode {
  readonly fromBlock?: boolean;
  readonly paidByPackage?: boolean;
  readonly mayReplace?: boolean;
  readonly mayEvictSibling?: boolean;
  readonly feerateMax?: bigint | undefined;
  readonly timeSeconds?: number | undefined;
}

/** By itself. */
export const SINGLE: Mode = { mayReplace: true, mayEvictSibling: true };

/** What a transaction is before replacement is looked at. */
interface Judged {
  readonly entry: ModelEntry;
  readonly coins: readonly ModelCoin[];
  readonly conflicts: readonly ModelEntry[];
  readonly isSibling: boolean;
}

/** What becomes of the mempool when transactions are taken in. */
export interface Decided extends Change {
  readonly paidBy: readonly ModelEntry[];
  readonly evictsSibling: boolean;
}

/** Why a package is not taken: which of it, and what passed before. */
export interface PackageRefusal {
  readonly index: number | undefined;
  readonly reject: ModelReject;
  readonly packageReject: ModelReject;
  readonly passed: readonly ModelEntry[];
}

export const FAILED = refuse("policy", "transaction failed");

/** What the rules ask of the mempool as it stands. */
export interface JudgedPool {
  readonly options: MempoolOptions;
  readonly chain: ChainView;
  readonly entries: readonly ModelEntry[];
  readonly graph: Graph<ModelEntry>;
  readonly deltas: ReadonlyMap<string, bigint>;
  readonly minimum: Pick<ReferenceMinimum, "read">;
  readonly usageBytes: number;
  readonly sequence: number;
  readonly nowSeconds: number;
  find(id: string): ModelEntry | undefined;
  /** The entry that spends a coin. */
  spender(key: string): ModelEntry | undefined;
}

/** Whether transactions may be in the mempool, and what has to go for them. It changes nothing. */
export class ReferenceJudge {
  readonly #pool: JudgedPool;

  constructor(pool: JudgedPool) {
    this.#pool = pool;
  }

  /** The refusal of a transaction that is there already. */
  known(tx: Transaction): ModelReject | undefined {
    const same = this.#pool.find(idOf(tx));
    if (same === undefined) return undefined;
    const isExact = toHex(same.tx.wtxid) === toHex(tx.wtxid);
    return refuse("already-known", isExact ? "txn-already-in-mempool" : "txn-same-nonwitness-data-in-mempool");
  }

  /** All rules for one transaction. `among` are the entries whose clusters count. */
  decide(tx: Transaction, mode: Mode, among: readonly ModelEntry[] = this.#pool.entries): Decided | ModelReject {
    const judged = this.#judge(tx, mode, new Map());
    if ("reason" in judged) return judged;
    const { entry, coins, conflicts, isSibling } = judged;
    const change = judgeReplacement(entry, conflicts, isSibling, new Graph(among), this.#pool.options);
    if (isRefused(change)) return change;
    if (this.#paysTooMuch(entry, mode)) return refuse("policy", "max feerate exceeded");
    const dust = mode.fromBlock ? undefined : this.#dustFault(tx, new Map());
    return dust ?? judgeScripts(tx, coins) ?? { ...change, paidBy: [entry], evictsSibling: isSibling };
  }

  /** All rules for transactions that come together. */
  decidePackage(transactions: readonly Transaction[], mode: Mode): Decided | PackageRefusal {
    const fail = (index: number | undefined, reject: ModelReject, packageReject = FAILED) => ({
      index,
      reject,
      packageReject,
      passed: [],
    });
    const members = new Map<string, Transaction>();
    const judged: Judged[] = [];
    for (const [index, tx] of transactions.entries()) {
      const one = this.#judge(tx, mode, members);
      if ("reason" in one) return fail(index, one);
      if (this.#paysTooMuch(one.entry, mode)) return fail(index, refuse("policy", "max feerate exceeded"));
      judged.push(one);
      members.set(idOf(tx), tx);
    }
    const entries = judged.map(({ entry }) => entry);
    const family = packageFamilyFault(entries, this.#pool.graph);
    if (family !== undefined) return fail(undefined, refuse("policy", "TRUC-violation", family));
    if (mode.paidByPackage) {
      const fee = sum(entries.map(({ modifiedFee }) => modifiedFee));
      const poor = this.#feeFault(
        fee,
        entries.reduce((total, { vsize }) => total + vsize, 0),
      );
      if (poor !== undefined) return fail(transactions.length - 1, poor);
    }
    const conflicts = [...new Set(judged.flatMap((one) => one.conflicts))];
    const change = judgePackageReplacement(entries, conflicts, this.#pool.graph, this.#pool.options);
    if (isRefused(change)) return fail(undefined, change);
    for (const [index, tx] of transactions.entries()) {
      const dust = this.#dustFault(tx, members);
      if (dust !== undefined) return fail(index, dust, refuse("policy", "unspent-dust"));
    }
    for (const [index, { entry, coins }] of judged.entries()) {
      const fault = judgeScripts(entry.tx, coins);
      if (fault !== undefined) return { ...fail(index, fault), passed: entries.slice(0, index) };
    }
    return { ...change, paidBy: entries, evictsSibling: false };
  }

  #judge(tx: Transaction, mode: Mode, members: ReadonlyMap<string, Transaction>): Judged | ModelReject {
    const { chain, options } = this.#pool;
    const form = judgeForm(tx, options);
    if (form !== undefined) return form;
    if (!isFinalNext(tx, chain)) return refuse("premature-spend", "non-final");
    const known = this.known(tx);
    if (known !== undefined) return { ...known, kind: "conflict" };
    const conflicts = [...new Set(spentKeys(tx).flatMap((key) => this.#pool.spender(key) ?? []))];
    if (conflicts.length > 0 && !mode.mayReplace && !mode.fromBlock)
      return refuse("policy", "bip125-replacement-disallowed");
    const coins = coinsFor(tx, (key) => this.#coin(key, members));
    if (coins === undefined) return missingCoins(tx, chain);
    const checked = judgeCoins(tx, coins, chain, options);
    if ("reason" in checked) return checked;
    const entry = modelEntry(tx, {
      fee: checked.fee,
      delta: this.#pool.deltas.get(idOf(tx)) ?? 0n,
      timeSeconds: mode.timeSeconds ?? this.#pool.nowSeconds,
      height: chain.height,
      sequence: mode.fromBlock ? 0 : this.#pool.sequence,
    });
    const paysAny = entry.fee !== 0n || entry.modifiedFee !== 0n;
    if (options.requiresStandard && paysAny && dustOf(tx).length > 0)
      return refuse("not-standard", "dust", "tx with dust output must be 0-fee");
    if (entry.sigopsCost > 16_000) return refuse("not-standard", "bad-txns-too-many-sigops", String(entry.sigopsCost));
    const plain = { entry, coins, conflicts, isSibling: false };
    if (mode.fromBlock) return plain;
    const poor = mode.paidByPackage ? undefined : this.#feeFault(entry.modifiedFee, entry.vsize);
    if (poor !== undefined) return poor;
    const family = familyFault(entry, this.#pool.graph, conflicts);
    if (family === undefined) return plain;
    if (family.sibling !== undefined && mode.mayEvictSibling)
      return { ...plain, conflicts: [...conflicts, family.sibling], isSibling: true };
    return refuse("policy", "TRUC-violation", family.text);
  }

  #coin(key: string, members: ReadonlyMap<string, Transaction>): ModelCoin | undefined {
    const [id, index] = key.split(":") as [string, string];
    const tx = members.get(id) ?? this.#pool.find(id)?.tx;
    const output = tx?.outputs[Number(index)];
    if (output !== undefined) return { output, height: this.#pool.chain.height + 1, isReward: false };
    return this.#pool.chain.coins().get(key);
  }

  #paysTooMuch({ modifiedFee, vsize }: ModelEntry, { feerateMax }: Mode): boolean {
    if (feerateMax === undefined) return false;
    return feerateOrder({ fee: modifiedFee, size: vsize }, { fee: feerateMax, size: 1000 }) > 0;
  }

  #feeFault(fee: bigint, vsize: number): ModelReject | undefined {
    const full = feeAt(this.#pool.minimum.read(this.#pool.usageBytes), vsize);
    if (full > 0n && fee < full) return refuse("reconsiderable", "mempool min fee not met", `${fee} < ${full}`);
    const relay = feeAt(this.#pool.options.minRelayFeerateSatPerKvb, vsize);
    return fee < relay ? refuse("reconsiderable", "min relay fee not met", `${fee} < ${relay}`) : undefined;
  }

  /** Dust of unconfirmed parents is spent by each of their children. */
  #dustFault(tx: Transaction, members: ReadonlyMap<string, Transaction>): ModelReject | undefined {
    if (!this.#pool.options.requiresStandard) return undefined;
    const spent = spentKeys(tx);
    const ids = tx.inputs.map(({ previousOutput }) => toHex(previousOutput.txid));
    const isSpent = ids.every((id) => {
      const parent = members.get(id) ?? this.#pool.find(id)?.tx;
      return parent === undefined || dustOf(parent).every((index) => spent.includes(coinKey(id, index)));
    });
    if (isSpent) return undefined;
    const detail = `${namesOf(tx)} did not spend parent's ephemeral dust`;
    return refuse("policy", "missing-ephemeral-spends", detail);
  }

  /** Why an entry may not be in the next block any more. */
  tipFault({ tx }: ModelEntry): string | undefined {
    if (!isFinalNext(tx, this.#pool.chain)) return "not final any more";
    const coins = coinsFor(tx, (key) => this.#coin(key, new Map()));
    if (coins === undefined) return "misses a coin";
    if (!areLocksOver(tx, coins, this.#pool.chain)) return "coins not old enough any more";
    return coins.every((coin) => isMature(coin, this.#pool.chain)) ? undefined : "reward not old enough any more";
  }
}

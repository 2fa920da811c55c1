import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { MempoolOptions } from "../../packages/node/src/mempool/mempool-options.ts";
import {
  type ChainMove,
  type ChainView,
  coinKey,
  idOf,
  type ModelBlock,
  type ModelCoin,
  type ReferenceChain,
  spentKeys,
} from "./reference-chain.ts";
import { type ModelEntry, modelEntry } from "./reference-entry.ts";
import { familyFault, packageFamilyFault } from "./reference-families.ts";
import { feerateOrder, Graph, type ModelChunk } from "./reference-graph.ts";
import { ReferenceMinimum } from "./reference-minimum.ts";
import { packageShapeFault } from "./reference-packages.ts";
import { type Change, floorDivide, judgePackageReplacement, judgeReplacement } from "./reference-replacement.ts";
import { isRefused, type ModelEvent, type ModelPackageResult, type ModelResult } from "./reference-results.ts";
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
import { beyondLimits } from "./reference-trim.ts";

interface Mode {
  readonly fromBlock?: boolean;
  readonly paidByPackage?: boolean;
  readonly mayReplace?: boolean;
  readonly mayEvictSibling?: boolean;
  readonly feerateMax?: bigint | undefined;
  readonly timeSeconds?: number | undefined;
}

const SINGLE: Mode = { mayReplace: true, mayEvictSibling: true };

/** What a transaction is before replacement is looked at. */
interface Judged {
  readonly entry: ModelEntry;
  readonly coins: readonly ModelCoin[];
  readonly conflicts: readonly ModelEntry[];
  readonly isSibling: boolean;
}

interface Decided extends Change {
  readonly paidBy: readonly ModelEntry[];
  readonly evictsSibling: boolean;
}

/** The mempool as the rules define it: a list of transactions, from which everything is worked out whenever it is needed. */
export class ReferenceMempool {
  readonly options: MempoolOptions;
  readonly #chain: ReferenceChain;
  readonly deltas = new Map<string, bigint>();
  readonly minimum: ReferenceMinimum;
  readonly #now: () => number;
  entries: readonly ModelEntry[] = [];
  unbroadcast: readonly string[] = [];
  sequence = 1;
  /** Since they were last looked at. */
  events: ModelEvent[] = [];
  /** How often transactions had to go after a reorganisation, by why. */
  readonly dropped = new Map<string, number>();

  /** `now` in seconds. */
  constructor(options: MempoolOptions, chain: ReferenceChain, now: () => number) {
    this.options = options;
    this.#chain = chain;
    this.#now = now;
    this.minimum = new ReferenceMinimum(options, now);
  }

  get chain(): ChainView {
    return this.#chain.view;
  }

  get usageBytes(): number {
    return this.entries.reduce((total, { usageBytes }) => total + usageBytes, 0);
  }

  get graph(): Graph<ModelEntry> {
    return new Graph(this.entries);
  }

  find(id: string): ModelEntry | undefined {
    return this.entries.find((entry) => entry.id === id);
  }

  /** The entry that spends a coin. */
  spender(key: string): ModelEntry | undefined {
    return this.entries.find(({ tx }) => spentKeys(tx).includes(key));
  }

  prioritise(id: string, delta: bigint): void {
    const total = (this.deltas.get(id) ?? 0n) + delta;
    if (total === 0n) this.deltas.delete(id);
    else this.deltas.set(id, total);
    this.entries = this.entries.map((entry) =>
      entry.id === id ? { ...entry, modifiedFee: entry.fee + total } : entry,
    );
  }

  delivered(id: string): void {
    this.unbroadcast = this.unbroadcast.filter((other) => other !== id);
  }

  sentByUser(id: string): void {
    if (!this.unbroadcast.includes(id)) this.unbroadcast = [...this.unbroadcast, id];
  }

  accept(
    tx: Transaction,
    { testOnly = false, feerateMax, timeSeconds }: { testOnly?: boolean; feerateMax?: bigint; timeSeconds?: number },
  ): ModelResult {
    const decided = this.#decide(tx, { ...SINGLE, feerateMax, timeSeconds });
    if (isRefused(decided)) return decided;
    const [entry] = decided.arrivals as [ModelEntry];
    const result = { ...decided, entry, replaced: decided.removed };
    if (testOnly) return result;
    this.#remove(decided.removed, "replaced");
    this.entries = [...this.entries, entry];
    this.#limit();
    if (this.find(entry.id) === undefined) return refuse("reconsiderable", "mempool full");
    this.#tell("added", "alone", entry.id);
    return result;
  }

  /** A child and its parents: each by itself where it can, the rest together. */
  acceptPackage(transactions: readonly Transaction[], feerateMax?: bigint): ModelPackageResult {
    const fault = packageShapeFault(transactions, true);
    if (fault !== undefined) return { results: [], packageReject: refuse("policy", fault) };
    const results: ModelResult[] = [];
    const together: number[] = [];
    let packageReject: ModelReject | undefined;
    for (const [index, tx] of transactions.entries()) {
      const known = this.#known(tx);
      const result = known ?? this.#takeInPackage(tx, feerateMax);
      results.push(result);
      if (known !== undefined || !isRefused(result)) continue;
      const mayHelp = result.kind === "reconsiderable" || result.kind === "missing-inputs";
      if (mayHelp && transactions.length > 1) together.push(index);
      else packageReject = FAILED;
    }
    if (packageReject === undefined && together.length === 1) {
      const result = this.#takeInPackage(transactions[together[0]!]!, feerateMax);
      results[together[0]!] = result;
      if (isRefused(result)) packageReject = FAILED;
    } else if (packageReject === undefined && together.length > 1) {
      packageReject = this.#takeTogether(transactions, together, results, feerateMax);
    }
    this.#limit();
    transactions.forEach((tx, index) => {
      const result = results[index]!;
      const wasIn = !isRefused(result) || result.kind === "already-known";
      if (!wasIn || this.find(idOf(tx)) !== undefined) return;
      results[index] = refuse("policy", "mempool full");
      packageReject = FAILED;
    });
    return { results, packageReject };
  }

  /** What would become of transactions that come together, each paying for itself and none replacing. */
  testPackage(transactions: readonly Transaction[]): ModelPackageResult {
    const fault = packageShapeFault(transactions, false);
    const nothing = transactions.map(() => undefined);
    if (fault !== undefined) return { results: nothing, packageReject: refuse("policy", fault) };
    const outcome = this.#decidePackage(transactions, {});
    if ("arrivals" in outcome) {
      const results = outcome.arrivals.map(alone);
      return { results, packageReject: undefined };
    }
    if (outcome.index === undefined) return { results: nothing, packageReject: outcome.reject };
    const results = transactions.map((_, index) => {
      if (index === outcome.index) return outcome.reject;
      const entry = index < outcome.index! ? outcome.passed[index] : undefined;
      return entry && alone(entry);
    });
    return { results, packageReject: undefined };
  }

  /** The tip went through all of this at once. */
  follow(moves: readonly ChainMove[]): void {
    let waiting: Transaction[] = [];
    for (const { type, block, isGivenUp } of moves) {
      const { transactions } = block.block;
      if (isGivenUp) {
        for (const tx of transactions) {
          const orphans = this.entries.filter(({ spends }) => spends.includes(idOf(tx)));
          this.#drop("spends what was given up", orphans.length);
          this.#remove(this.graph.withDescendants(orphans), "reorg");
        }
      } else if (type === "disconnect") {
        // Behind those of the blocks below, once these come.
        waiting = [...transactions, ...waiting];
      } else {
        const ids = transactions.map(idOf);
        waiting = waiting.filter((tx) => !ids.includes(idOf(tx)));
        this.#blockCame(block);
      }
    }
    if (moves.some(({ type }) => type === "disconnect")) this.#comeBack(waiting);
  }

  /** For the next block: chunks in the order of mining, where all before them in their cluster are in. */
  template(maxWeight: number, reservedWeight: number, minFeerate: bigint): ModelEntry[] {
    const selected: ModelEntry[] = [];
    const left: ModelEntry[] = [];
    for (const { items, fee, size } of this.graph.miningOrder()) {
      const touches = this.graph.cluster(items[0]!).some((entry) => left.includes(entry));
      if (touches) continue;
      if (feerateOrder({ fee, size: Math.floor((size + 3) / 4) }, { fee: minFeerate, size: 1000 }) < 0) break;
      const weight = selected.reduce((total, { tx }) => total + tx.weight, reservedWeight);
      if (weight + size < maxWeight) selected.push(...items);
      else left.push(...items);
    }
    return selected;
  }

  #known(tx: Transaction): ModelReject | undefined {
    const same = this.find(idOf(tx));
    if (same === undefined) return undefined;
    const isExact = toHex(same.tx.wtxid) === toHex(tx.wtxid);
    return refuse("already-known", isExact ? "txn-already-in-mempool" : "txn-same-nonwitness-data-in-mempool");
  }

  #takeInPackage(tx: Transaction, feerateMax: bigint | undefined): ModelResult {
    const decided = this.#decide(tx, { ...SINGLE, feerateMax });
    if (isRefused(decided)) return decided;
    this.#apply(decided, "package");
    return { ...decided, entry: decided.arrivals[0]!, replaced: decided.removed };
  }

  #takeTogether(
    transactions: readonly Transaction[],
    together: readonly number[],
    results: ModelResult[],
    feerateMax: bigint | undefined,
  ): ModelReject | undefined {
    const members = together.map((index) => transactions[index]!);
    const outcome = this.#decidePackage(members, { mayReplace: true, paidByPackage: true, feerateMax });
    if ("arrivals" in outcome) {
      this.#apply(outcome, "package");
      outcome.arrivals.forEach((entry, index) => {
        const replaced = index === 0 ? outcome.removed : [];
        results[together[index]!] = { entry, replaced, paidBy: outcome.arrivals, evictsSibling: false };
      });
      return undefined;
    }
    if (outcome.index === undefined) return outcome.reject;
    results[together[outcome.index]!] = outcome.reject;
    return outcome.packageReject;
  }

  #apply({ arrivals, removed }: Change, how: string): void {
    this.#remove(removed, "replaced");
    for (const entry of arrivals) {
      this.entries = [...this.entries, entry];
      this.#tell("added", how, entry.id);
    }
  }

  /** All rules for one transaction. `among` are the entries whose clusters count. */
  #decide(tx: Transaction, mode: Mode, among: readonly ModelEntry[] = this.entries): Decided | ModelReject {
    const judged = this.#judge(tx, mode, new Map());
    if ("reason" in judged) return judged;
    const { entry, coins, conflicts, isSibling } = judged;
    const change = judgeReplacement(entry, conflicts, isSibling, new Graph(among), this.options);
    if (isRefused(change)) return change;
    if (this.#paysTooMuch(entry, mode)) return refuse("policy", "max feerate exceeded");
    const dust = mode.fromBlock ? undefined : this.#dustFault(tx, new Map());
    return dust ?? judgeScripts(tx, coins) ?? { ...change, paidBy: [entry], evictsSibling: isSibling };
  }

  #decidePackage(
    transactions: readonly Transaction[],
    mode: Mode,
  ):
    | Decided
    | {
        readonly index: number | undefined;
        readonly reject: ModelReject;
        readonly packageReject: ModelReject;
        readonly passed: readonly ModelEntry[];
      } {
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
    const family = packageFamilyFault(entries, this.graph);
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
    const change = judgePackageReplacement(entries, conflicts, this.graph, this.options);
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
    const { chain, options } = this;
    const form = judgeForm(tx, options);
    if (form !== undefined) return form;
    if (!isFinalNext(tx, chain)) return refuse("premature-spend", "non-final");
    const known = this.#known(tx);
    if (known !== undefined) return { ...known, kind: "conflict" };
    const conflicts = [...new Set(spentKeys(tx).flatMap((key) => this.spender(key) ?? []))];
    if (conflicts.length > 0 && !mode.mayReplace && !mode.fromBlock)
      return refuse("policy", "bip125-replacement-disallowed");
    const coins = coinsFor(tx, (key) => this.#coin(key, members));
    if (coins === undefined) return missingCoins(tx, chain);
    const checked = judgeCoins(tx, coins, chain, options);
    if ("reason" in checked) return checked;
    const entry = modelEntry(tx, {
      fee: checked.fee,
      delta: this.deltas.get(idOf(tx)) ?? 0n,
      timeSeconds: mode.timeSeconds ?? this.#now(),
      height: chain.height,
      sequence: mode.fromBlock ? 0 : this.sequence,
    });
    const paysAny = entry.fee !== 0n || entry.modifiedFee !== 0n;
    if (options.requiresStandard && paysAny && dustOf(tx).length > 0)
      return refuse("not-standard", "dust", "tx with dust output must be 0-fee");
    if (entry.sigopsCost > 16_000) return refuse("not-standard", "bad-txns-too-many-sigops", String(entry.sigopsCost));
    const plain = { entry, coins, conflicts, isSibling: false };
    if (mode.fromBlock) return plain;
    const poor = mode.paidByPackage ? undefined : this.#feeFault(entry.modifiedFee, entry.vsize);
    if (poor !== undefined) return poor;
    const family = familyFault(entry, this.graph, conflicts);
    if (family === undefined) return plain;
    if (family.sibling !== undefined && mode.mayEvictSibling)
      return { ...plain, conflicts: [...conflicts, family.sibling], isSibling: true };
    return refuse("policy", "TRUC-violation", family.text);
  }

  #coin(key: string, members: ReadonlyMap<string, Transaction>): ModelCoin | undefined {
    const [id, index] = key.split(":") as [string, string];
    const tx = members.get(id) ?? this.find(id)?.tx;
    const output = tx?.outputs[Number(index)];
    if (output !== undefined) return { output, height: this.chain.height + 1, isReward: false };
    return this.chain.coins().get(key);
  }

  #paysTooMuch({ modifiedFee, vsize }: ModelEntry, { feerateMax }: Mode): boolean {
    if (feerateMax === undefined) return false;
    return feerateOrder({ fee: modifiedFee, size: vsize }, { fee: feerateMax, size: 1000 }) > 0;
  }

  #feeFault(fee: bigint, vsize: number): ModelReject | undefined {
    const full = feeAt(this.minimum.read(this.usageBytes), vsize);
    if (full > 0n && fee < full) return refuse("reconsiderable", "mempool min fee not met", `${fee} < ${full}`);
    const relay = feeAt(this.options.minRelayFeerateSatPerKvb, vsize);
    return fee < relay ? refuse("reconsiderable", "min relay fee not met", `${fee} < ${relay}`) : undefined;
  }

  /** Dust of unconfirmed parents is spent by each of their children. */
  #dustFault(tx: Transaction, members: ReadonlyMap<string, Transaction>): ModelReject | undefined {
    if (!this.options.requiresStandard) return undefined;
    const spent = spentKeys(tx);
    const ids = tx.inputs.map(({ previousOutput }) => toHex(previousOutput.txid));
    const isSpent = ids.every((id) => {
      const parent = members.get(id) ?? this.find(id)?.tx;
      return parent === undefined || dustOf(parent).every((index) => spent.includes(coinKey(id, index)));
    });
    if (isSpent) return undefined;
    const detail = `${namesOf(tx)} did not spend parent's ephemeral dust`;
    return refuse("policy", "missing-ephemeral-spends", detail);
  }

  #blockCame({ block }: ModelBlock): void {
    for (const tx of block.transactions) {
      const own = this.find(idOf(tx));
      if (own !== undefined) this.#remove([own], "block");
      for (const key of spentKeys(tx)) {
        const conflict = this.spender(key);
        if (conflict === undefined) continue;
        this.deltas.delete(conflict.id);
        this.#remove(this.graph.withDescendants([conflict]), "conflict");
      }
      this.deltas.delete(idOf(tx));
    }
    this.minimum.blockCame();
  }

  #comeBack(waiting: readonly Transaction[]): void {
    let back: readonly ModelEntry[] = [];
    for (const tx of waiting) {
      const isReward = tx.inputs[0]!.previousOutput.index === 0xffffffff;
      // Those that spend what comes back are not looked at yet.
      const decided = isReward ? FAILED : this.#decide(tx, { fromBlock: true }, back);
      if (isRefused(decided)) {
        const orphans = this.entries.filter(({ spends }) => spends.includes(idOf(tx)));
        this.#drop(
          isReward ? "spends a lost reward" : `spends what did not come back (${decided.reason})`,
          orphans.length,
        );
        this.#drop(`did not come back (${isReward ? "reward" : decided.reason})`, 1);
        this.#remove(this.graph.withDescendants(orphans), "reorg");
        back = back.filter(({ id }) => this.find(id) !== undefined);
      } else {
        this.#apply(decided, "block");
        back = [...back, decided.arrivals[0]!];
      }
    }
    this.#trim(back);
    const unfit = this.entries.filter((entry) => {
      const fault = this.#tipFault(entry);
      if (fault !== undefined) this.#drop(fault, 1);
      return fault !== undefined;
    });
    this.#remove(this.graph.withDescendants(unfit), "reorg");
    this.#limit();
  }

  #trim(back: readonly ModelEntry[]): void {
    const gone = beyondLimits(this.entries, back, this.options);
    this.#drop("a cluster is too large", gone.length);
    this.#remove(gone, "sizelimit");
  }

  /** Why an entry may not be in the next block any more. */
  #tipFault({ tx }: ModelEntry): string | undefined {
    if (!isFinalNext(tx, this.chain)) return "not final any more";
    const coins = coinsFor(tx, (key) => this.#coin(key, new Map()));
    if (coins === undefined) return "misses a coin";
    if (!areLocksOver(tx, coins, this.chain)) return "coins not old enough any more";
    return coins.every((coin) => isMature(coin, this.chain)) ? undefined : "reward not old enough any more";
  }

  #drop(why: string, count: number): void {
    if (count > 0) this.dropped.set(why, (this.dropped.get(why) ?? 0) + count);
  }

  /** Too old, then too much: the last chunk in the order of mining goes first. */
  #limit(): void {
    const oldest = this.#now() - this.options.expirySeconds;
    const expired = this.entries.filter(({ timeSeconds }) => timeSeconds < oldest);
    this.#remove(this.graph.withDescendants(expired), "expiry");
    while (this.usageBytes > this.options.usageBytesMax) {
      const { items, fee, size } = this.#worst();
      this.minimum.thrownOut(floorDivide(fee * 1000n, BigInt(Math.floor((size + 3) / 4))));
      this.#remove(items, "sizelimit");
    }
  }

  #worst(): ModelChunk<ModelEntry> {
    return this.graph.miningOrder().at(-1)!;
  }

  #remove(gone: readonly ModelEntry[], why: string): void {
    this.entries = this.entries.filter((entry) => !gone.includes(entry));
    this.unbroadcast = this.unbroadcast.filter((id) => !gone.some((entry) => entry.id === id));
    for (const { id } of gone) this.#tell("removed", why, id);
  }

  #tell(type: ModelEvent["type"], why: string, id: string): void {
    this.events.push({ type, why, id });
    this.sequence++;
  }
}

const alone = (entry: ModelEntry) => ({ entry, replaced: [], paidBy: [entry], evictsSibling: false });
const FAILED = refuse("policy", "transaction failed");

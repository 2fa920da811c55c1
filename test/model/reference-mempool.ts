import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { MempoolOptions } from "../../packages/node/src/mempool/mempool-options.ts";
import {
  type ChainMove,
  type ChainView,
  idOf,
  type ModelBlock,
  type ReferenceChain,
  spentKeys,
} from "./reference-chain.ts";
import type { ModelEntry } from "./reference-entry.ts";
import { feerateOrder, Graph, type ModelChunk } from "./reference-graph.ts";
import { FAILED, type JudgedPool, ReferenceJudge, SINGLE } from "./reference-judge.ts";
import { ReferenceMinimum } from "./reference-minimum.ts";
import { packageShapeFault } from "./reference-packages.ts";
import { type Change, floorDivide } from "./reference-replacement.ts";
import { isRefused, type ModelEvent, type ModelPackageResult, type ModelResult } from "./reference-results.ts";
import { type ModelReject, refuse } from "./reference-rules.ts";
import { beyondLimits } from "./reference-trim.ts";

/** The mempool as the rules define it: a list of transactions, from which everything is worked out whenever it is needed. */
export class ReferenceMempool implements JudgedPool {
  readonly options: MempoolOptions;
  readonly #chain: ReferenceChain;
  readonly deltas = new Map<string, bigint>();
  readonly minimum: ReferenceMinimum;
  readonly #now: () => number;
  readonly #judge = new ReferenceJudge(this);
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

  get nowSeconds(): number {
    return this.#now();
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
    const decided = this.#judge.decide(tx, { ...SINGLE, feerateMax, timeSeconds });
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
      const known = this.#judge.known(tx);
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
    const outcome = this.#judge.decidePackage(transactions, {});
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

  #takeInPackage(tx: Transaction, feerateMax: bigint | undefined): ModelResult {
    const decided = this.#judge.decide(tx, { ...SINGLE, feerateMax });
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
    const outcome = this.#judge.decidePackage(members, { mayReplace: true, paidByPackage: true, feerateMax });
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
      const decided = isReward ? FAILED : this.#judge.decide(tx, { fromBlock: true }, back);
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
      const fault = this.#judge.tipFault(entry);
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

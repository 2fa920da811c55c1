import { isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import { feerateSatPerKvb, feerateText, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { packageFault } from "@bitfleet/protocol/policy/packages.ts";
import { policyReject } from "@bitfleet/protocol/policy/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { isCoinbase, type OutPoint, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, outPointKey, type Sats, type Txid, type Wtxid } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainEvent } from "../chain/chain-events.ts";
import type { Clock, Logger, ScriptVerifier } from "../ports.ts";
import { socketTurn } from "../turns.ts";
import {
  type AcceptResult,
  type PackageResult,
  type PackageTestResult,
  rejected,
  type TransactionReject,
} from "./accept-result.ts";
import { Acceptor, type Decision, totalOf } from "./acceptor.ts";
import { agingOutPoints, notFittingTip } from "./after-reorganisation.ts";
import type { CheckMode } from "./check-candidate.ts";
import { DisconnectedTransactions } from "./disconnected.ts";
import {
  type Chunk,
  type Cluster,
  type Entry,
  type MempoolEntry,
  type OrderedChunk,
  withDescendants,
} from "./entry.ts";
import { EntryPool } from "./entry-pool.ts";
import { FeeDeltas } from "./fee-deltas.ts";
import { type Arrival, type MempoolEvent, MempoolEvents, type RemovalReason } from "./mempool-events.ts";
import type { MempoolOptions } from "./mempool-options.ts";
import { packageOutcome, takePackage } from "./package-acceptance.ts";
import { rehearsePackage } from "./package-rehearsal.ts";
import { RollingMinimum } from "./rolling-minimum.ts";
import { beyondClusterLimits } from "./trim-clusters.ts";
import { UnbroadcastSet } from "./unbroadcast.ts";

export type { AcceptResult, MempoolEntry, MempoolEvent, MempoolOptions, TransactionReject };

export interface MempoolDependencies {
  readonly chain: Pick<Chain, "atTip" | "coins" | "events" | "settleWith" | "tip">;
  readonly scriptVerifier: ScriptVerifier;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

export interface AcceptOptions {
  /** Tell what would happen, and change nothing. */
  readonly testOnly?: boolean;
  /** Refuse what pays more than this, satoshis a thousand vbytes. */
  readonly feerateMax?: Sats;
  /** When it came, in seconds since 1970, where that was not now. */
  readonly timeSeconds?: number;
}

/** A transaction of a mempool that is kept elsewhere. */
export interface KeptTransaction {
  readonly tx: Transaction;
  /** When it came, in seconds since 1970. */
  readonly timeSeconds: number;
  /** What the operator adds to its fee. */
  readonly feeDelta: Sats;
}

interface TakeMode extends CheckMode {
  readonly arrival: Arrival;
}

/** Transactions of lost blocks between two turns of others. */
const SETTLED_PER_TURN = 64;

const SINGLE: TakeMode = {
  arrival: "alone",
  bypassLimits: false,
  paidByPackage: false,
  allowsReplacement: true,
  evictsSibling: true,
};
const FROM_BLOCK: TakeMode = { ...SINGLE, arrival: "block", bypassLimits: true };
const OF_PACKAGE: TakeMode = { ...SINGLE, arrival: "package" };
const IN_PACKAGE: TakeMode = { ...OF_PACKAGE, paidByPackage: true, evictsSibling: false };
const IN_TESTED_PACKAGE: CheckMode = { ...SINGLE, allowsReplacement: false, evictsSibling: false };

/**
 * Transactions that wait for a block: all that are here could be in the next one. Decisions are made while the tip stands
 * still, one after the other; whatever moves the tip has its effect here before anybody else acts upon it.
 */
export class Mempool {
  readonly options: MempoolOptions;
  readonly events = new MempoolEvents();
  readonly unbroadcast: UnbroadcastSet;
  readonly #deps: MempoolDependencies;
  readonly #pool = new EntryPool();
  readonly #deltas = new FeeDeltas();
  readonly #disconnected = new DisconnectedTransactions();
  #minimum: RollingMinimum;
  readonly #acceptor: Acceptor;
  readonly #unsubscribe: readonly (() => void)[];
  #sequence = 1;
  #changeCount = 0;

  constructor(options: MempoolOptions, deps: MempoolDependencies) {
    this.options = options;
    this.#deps = deps;
    this.unbroadcast = new UnbroadcastSet(deps.log);
    this.#minimum = new RollingMinimum(options, deps.clock);
    this.#acceptor = new Acceptor(options, {
      ...deps,
      pool: this.#pool,
      rollingFeerate: () => this.rollingFeerateSatPerKvb,
      sequence: () => this.#sequence,
      feeDeltaOf: (txid) => this.#deltas.get(txid),
    });
    const onEvent: Parameters<Chain["events"]["subscribe"]>[0] = (event) => {
      if (event.type === "block-connected") this.#blockConnected(event.block);
      else if (event.type === "block-disconnected") this.#blockDisconnected(event);
    };
    this.#unsubscribe = [
      deps.chain.events.subscribe(onEvent, { name: "mempool", delivery: "inline" }),
      deps.chain.settleWith(() => this.#settle()),
    ];
  }

  /** Follows the chain no longer. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  get size(): number {
    return this.#pool.size;
  }

  /** Of all transactions together, in vbytes. */
  get virtualSize(): number {
    return this.#pool.virtualSize;
  }

  /** Estimated memory. */
  get usageBytes(): number {
    return this.#pool.usageBytes;
  }

  get totalFee(): Sats {
    return this.#pool.totalFee;
  }

  /** Grows by one with every transaction that comes or goes. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Grows with every change, that of what a waiting transaction counts as paying too. */
  get changeCount(): number {
    return this.#changeCount;
  }

  get(txid: Txid): MempoolEntry | undefined {
    return this.#pool.get(txid);
  }

  getByWtxid(wtxid: Wtxid): MempoolEntry | undefined {
    return this.#pool.getByWtxid(wtxid);
  }

  has(txid: Txid): boolean {
    return this.#pool.get(txid) !== undefined;
  }

  hasWtxid(wtxid: Wtxid): boolean {
    return this.#pool.getByWtxid(wtxid) !== undefined;
  }

  /** In the order in which they came. Not to be kept across an await. */
  entries(): Iterable<MempoolEntry> {
    return this.#pool.entries();
  }

  /** The entry that spends an output. */
  spender(outPoint: OutPoint): MempoolEntry | undefined {
    return this.#pool.spenderOf(outPointKey(outPoint));
  }

  /**
   * All entries in the order in which they should be mined, in chunks that are mined together or not at all. To be read before
   * the mempool changes.
   */
  chunksInMiningOrder(): Iterable<OrderedChunk> {
    return this.#pool.chunksInMiningOrder();
  }

  /** Everything that a transaction of the mempool is connected with; `undefined` where it is not here. */
  clusterOf(txid: Txid): Cluster | undefined {
    const entry = this.#pool.get(txid);
    return entry && this.#pool.clusterOf(entry);
  }

  /** The chunk that a transaction of the mempool is in. */
  chunkOf(txid: Txid): Chunk | undefined {
    const entry = this.#pool.get(txid);
    return entry && this.#pool.chunkOf(entry);
  }

  /** What a transaction must pay because the pool was full, satoshis a thousand vbytes; 0 where it was not, or long ago. */
  get rollingFeerateSatPerKvb(): Sats {
    return this.#minimum.current(this.#pool.usageBytes);
  }

  /** What a transaction pays at least to be taken, satoshis a thousand vbytes. */
  get minFeerateSatPerKvb(): Sats {
    const rolling = this.rollingFeerateSatPerKvb;
    const { minRelayFeerateSatPerKvb: relay } = this.options;
    // biome-ignore lint/complexity/useMathMinMax: these are bigints
    return rolling > relay ? rolling : relay;
  }

  /** What the operator adds to the fees of transactions, here or not. */
  get feeDeltas(): Pick<FeeDeltas, "entries" | "get"> {
    return this.#deltas;
  }

  /** Has a transaction treated as if it paid `delta` more. Adds up with what was said before. */
  prioritise(txid: Txid, delta: Sats): void {
    const sum = this.#deltas.add(txid, delta);
    const entry = this.#pool.get(txid);
    if (entry === undefined) return;
    this.#pool.setFeeDelta(entry, sum);
    this.#changeCount++;
  }

  /** Takes a transaction, or says why not. */
  accept(tx: Transaction, options: AcceptOptions = {}): Promise<AcceptResult> {
    return this.#deps.chain.atTip(async () => {
      const result = await this.#take(tx, SINGLE, options);
      if (result.kind === "rejected" || options.testOnly || this.has(tx.txid)) return result;
      return rejected(policyReject("reconsiderable", "mempool full"));
    });
  }

  /** Takes a child and its parents, the child last, where they pay enough together. */
  acceptPackage(
    transactions: readonly Transaction[],
    options: Pick<AcceptOptions, "feerateMax"> = {},
  ): Promise<PackageResult> {
    return this.#deps.chain.atTip(() =>
      takePackage(transactions, {
        pool: this.#pool,
        takeOne: (tx) => this.#take(tx, OF_PACKAGE, options),
        takeTogether: async (members) => {
          const decision = await this.#acceptor.judgePackage(members, IN_PACKAGE, options);
          return "candidates" in decision ? this.#applyPackage(decision) : decision;
        },
        limit: () => this.#limit(),
      }),
    );
  }

  /**
   * Has these transactions wait, parents first, and no others; also what an operator has said of fees and what was paid for space is
   * as with a mempool that is new. How many there are then: one that does not fit the chain is left out.
   */
  replaceAll(transactions: readonly KeptTransaction[]): Promise<number> {
    return this.#deps.chain.atTip(async () => {
      for (const entry of [...this.#pool.entries()]) this.#remove(entry, "reorg");
      for (const { txid } of this.#deltas.entries()) this.#deltas.delete(txid);
      this.#minimum = new RollingMinimum(this.options, this.#deps.clock);
      for (const [index, { tx, timeSeconds, feeDelta }] of transactions.entries()) {
        if (index % SETTLED_PER_TURN === SETTLED_PER_TURN - 1) await socketTurn();
        if (feeDelta !== 0n) this.prioritise(tx.txid, feeDelta);
        await this.#take(tx, FROM_BLOCK, { timeSeconds });
      }
      this.#limit();
      return this.size;
    });
  }

  /** What would become of transactions that come together, parents first; changes nothing. */
  testPackage(transactions: readonly Transaction[]): Promise<PackageTestResult> {
    return this.#deps.chain.atTip(async () => {
      const fault = packageFault(transactions);
      if (fault !== undefined)
        return { results: transactions.map(() => undefined), packageReject: policyReject("policy", fault) };
      const decision = await this.#acceptor.judgePackage(transactions, IN_TESTED_PACKAGE);
      return packageOutcome(transactions, decision);
    });
  }

  /** What {@link acceptPackage} would say of transactions none of which is here; changes nothing. */
  testTogether(transactions: readonly Transaction[]): Promise<PackageTestResult> {
    const acceptor = this.#acceptor;
    return this.#deps.chain.atTip(() =>
      rehearsePackage(transactions, {
        judgeOne: (tx) => acceptor.judge(tx, OF_PACKAGE),
        judgeEach: (all) => acceptor.judgePackage(all, IN_TESTED_PACKAGE),
        judgeTogether: (all, apart) => acceptor.judgePackage(all, IN_PACKAGE, { apart }),
      }),
    );
  }

  async #take(tx: Transaction, mode: TakeMode, options: AcceptOptions): Promise<AcceptResult> {
    const decision = await this.#acceptor.judge(tx, mode, options);
    if (isReject(decision)) return rejected(decision);
    const [{ entry }] = decision.candidates as [Decision["candidates"][number]];
    const replaced = [...decision.staging.removed].map((removed) => removed.tx);
    if (!options.testOnly) this.#apply(decision, mode.arrival);
    const effective = { fee: entry.modifiedFee, virtualSize: entry.virtualSize, wtxids: [entry.tx.wtxid] };
    return { kind: "accepted", entry, replaced, effective };
  }

  #applyPackage(decision: Decision): readonly AcceptResult[] {
    const replaced = [...decision.staging.removed].map(({ tx }) => tx);
    const wtxids = decision.candidates.map(({ tx }) => tx.wtxid);
    const effective = { ...totalOf(decision.candidates), wtxids };
    this.#apply(decision, IN_PACKAGE.arrival);
    // What is replaced is told once, with the first.
    return decision.candidates.map(({ entry }, index) => ({
      kind: "accepted",
      entry,
      replaced: index === 0 ? replaced : [],
      effective,
    }));
  }

  #apply({ candidates, staging }: Decision, arrival: Arrival): void {
    this.#logReplaced(candidates, staging.removed);
    const replacedBy = candidates.map(({ tx }) => tx.txid);
    for (const entry of staging.removed) this.#remove(entry, "replaced", replacedBy);
    for (const { entry } of candidates) {
      this.#pool.add(entry);
      this.#changeCount++;
    }
    // As Core tells it: nobody hears of one that comes alone before it has its place, nor at all where it gets none.
    if (arrival === "alone") this.#limit();
    for (const { entry, spentOutputs } of candidates) {
      if (this.has(entry.tx.txid))
        this.events.emit({ type: "transaction-added", entry, spentOutputs, arrival, sequence: this.#sequence++ });
    }
  }

  #logReplaced(candidates: Decision["candidates"], removed: ReadonlySet<Entry>): void {
    if (removed.size === 0) return;
    const { fee, virtualSize } = totalOf(candidates);
    const txids = candidates.map(({ tx }) => displayHash(tx.txid)).join(" ");
    for (const entry of removed) {
      const old = `${displayHash(entry.tx.txid)} (wtxid=${displayHash(entry.tx.wtxid)}, fees=${entry.fee}, vsize=${entry.virtualSize})`;
      this.#deps.log.debug(
        "mempool",
        `replacing mempool tx ${old}. New tx ${txids} (fees=${fee}, vsize=${virtualSize})`,
      );
    }
  }

  #remove(entry: Entry, reason: RemovalReason, replacedBy?: readonly Txid[]): void {
    this.#pool.remove(entry);
    this.unbroadcast.left(entry.tx.txid);
    this.#changeCount++;
    const by = replacedBy && { replacedBy };
    this.events.emit({ type: "transaction-removed", entry, reason, ...by, sequence: this.#sequence++ });
  }

  #removeWithDescendants(entries: Iterable<Entry>, reason: RemovalReason, replacedBy?: readonly Txid[]): number {
    const all = withDescendants(entries);
    for (const entry of all) this.#remove(entry, reason, replacedBy);
    return all.size;
  }

  #blockConnected(block: Block): void {
    this.#disconnected.connected(block);
    for (const tx of block.transactions) {
      const entry = this.#pool.get(tx.txid);
      if (entry !== undefined) this.#remove(entry, "block");
      for (const { previousOutput } of tx.inputs) {
        const conflict = this.#pool.spenderOf(outPointKey(previousOutput));
        if (conflict === undefined) continue;
        // Not of its descendants, though the next input may conflict with one of them: that is gone by then.
        this.#deltas.delete(conflict.tx.txid);
        this.#removeWithDescendants([conflict], "conflict", [tx.txid]);
      }
      this.#deltas.delete(tx.txid);
    }
    this.#minimum.blockConnected();
  }

  #blockDisconnected({ block, isGivenUp }: Extract<ChainEvent, { type: "block-disconnected" }>): void {
    const allLost = isGivenUp ? this.#disconnected.givenUp(block) : this.#disconnected.disconnected(block);
    for (const lost of allLost) {
      this.#removeWithDescendants(this.#pool.childrenOf(lost), "reorg");
    }
  }

  /** The tip has moved. After a reorganisation what was in lost blocks comes back, and what no longer fits goes. */
  async #settle(): Promise<void> {
    if (this.#disconnected.isEmpty) return;
    const back: Entry[] = [];
    for (const [index, tx] of this.#disconnected.take().entries()) {
      if (index % SETTLED_PER_TURN === SETTLED_PER_TURN - 1) await socketTurn();
      const isBack = !isCoinbase(tx) && (await this.#take(tx, FROM_BLOCK, {})).kind === "accepted";
      const entry = isBack ? this.#pool.get(tx.txid) : undefined;
      if (entry !== undefined) back.push(entry);
      else this.#removeWithDescendants(this.#pool.childrenOf(tx), "reorg");
    }
    this.#joinDescendants(back);
    const { chain } = this.#deps;
    const lookup = await chain.coins.fetch(agingOutPoints(this.#pool));
    this.#removeWithDescendants(notFittingTip(this.#pool, chain.tip, lookup), "reorg");
    this.#limit();
  }

  /** Links what came back with what spends it; where clusters are too large then, something has to go. */
  #joinDescendants(back: readonly Entry[]): void {
    const met = back.flatMap((entry) => [entry, ...this.#pool.childrenOf(entry.tx)]);
    const before = new Set(met.map((entry) => this.#pool.clusterOf(entry)));
    for (const entry of back) this.#pool.adoptChildren(entry);
    for (const entry of beyondClusterLimits(back, before, this.options)) this.#remove(entry, "sizelimit");
  }

  /** Throws out what is too old, then what pays least until the rest fits. */
  #limit(): void {
    this.#expire();
    let count = 0;
    let highest = 0n;
    while (this.#pool.usageBytes > this.options.usageBytesMax) {
      const worst = this.#pool.worstChunk()!;
      const bumped = this.#minimum.thrownOut(feerateSatPerKvb(worst.fee, virtualSizeOf(worst.size)));
      if (bumped > highest) highest = bumped;
      for (const entry of worst.entries) this.#remove(entry, "sizelimit");
      count += worst.entries.length;
    }
    if (highest === 0n) return;
    const text = `Removed ${count} txn, rolling minimum fee bumped to ${feerateText(highest)}`;
    this.#deps.log.debug("mempool", text);
  }

  #expire(): void {
    const before = Math.floor(this.#deps.clock.nowMs() / 1000) - this.options.expirySeconds;
    const count = this.#removeWithDescendants(this.#pool.enteredBefore(before), "expiry");
    if (count > 0) this.#deps.log.debug("mempool", `Expired ${count} transactions from the memory pool`);
  }
}

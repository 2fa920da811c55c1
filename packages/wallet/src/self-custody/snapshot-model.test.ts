import { isCoinbase, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type BlockHash,
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  outPointKeyOf,
} from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { balancesOf } from "../ledger/balances.ts";
import { EMPTY_CHANGE_SET } from "../ledger/change-set.ts";
import { coinbaseTo, ownerOf, type Payments, pay } from "../ledger/ledger-test-kit.ts";
import { MemoryLedgerStore } from "../ledger/memory-ledger-store.ts";
import { abandonTransaction, transactionCreated } from "../ledger/own-rules.ts";
import { hashOf } from "../ledger/store-test-kit.ts";
import { type BlockReference, transactionOf, type WalletTransaction } from "../ledger/wallet-transaction.ts";
import { checkSnapshot, type Snapshot, type SnapshotTransaction } from "./snapshot.ts";
import { snapshotTaken, toBeSentAgain } from "./snapshot-rules.ts";

/**
 * Random lives of a chain and a mempool, of which wallets are told moments and not events. One looks after each step, one now and then, one
 * begins anew with all of it each time: whenever they have looked, each must be where chain and mempool are, however it got there.
 */

interface Block extends BlockReference {
  readonly time: number;
  readonly transactions: readonly Transaction[];
}

const NOW = 1_700_000_000;

/** A wallet that looks. */
class Looker {
  store = new MemoryLedgerStore();

  get context() {
    return { ownerOf, nowSeconds: NOW, avoidReuse: false };
  }

  get query() {
    return { tipHeight: this.store.bestBlock()?.height ?? -1, spendsUnconfirmedChange: true, avoidReuse: false };
  }

  /** As a server tells it: newest first, up to what is known. */
  look(world: World, isIncremental: boolean): void {
    const snapshot = world.snapshotFor(isIncremental ? this.store : undefined);
    checkSnapshot(snapshot);
    this.store.apply(snapshotTaken(this.store, snapshot, this.context));
    // Looking again at the same changes nothing.
    const again = snapshotTaken(this.store, world.snapshotFor(this.store), this.context);
    expect({ ...again, bestBlock: undefined }).toEqual(EMPTY_CHANGE_SET);
  }

  created(transaction: Transaction): void {
    this.store.apply(transactionCreated(this.store, transaction, {}, this.context));
  }

  abandon({ txid }: WalletTransaction): void {
    const changes = abandonTransaction(this.store, txid);
    if (!("error" in changes)) this.store.apply(changes);
  }

  restart(): void {
    const kept = structuredClone(this.store.snapshot());
    this.store = new MemoryLedgerStore();
    this.store.apply(kept);
  }

  get records(): readonly WalletTransaction[] {
    return this.store.history({ limit: 10_000 });
  }
}

class World {
  chain: Block[] = [];
  mempool: Transaction[] = [];
  /** Looks after each step; now and then. */
  readonly diligent = new Looker();
  readonly lazy = new Looker();
  readonly all: Transaction[] = [];
  readonly #next: (bound: number) => number;
  #branch = 0;

  constructor(next: (bound: number) => number) {
    this.#next = next;
    this.mine([]);
  }

  one<Item>(items: readonly Item[]): Item | undefined {
    return items.length === 0 ? undefined : items[this.#next(items.length)];
  }

  get tip(): Block {
    return this.chain.at(-1)!;
  }

  unspent(withMempool: boolean): Map<OutPointKey, readonly [Transaction, number]> {
    const unspent = new Map<OutPointKey, readonly [Transaction, number]>();
    const all = this.chain.flatMap((block) => block.transactions);
    for (const transaction of withMempool ? [...all, ...this.mempool] : all) {
      for (const { previousOutput } of transaction.inputs) unspent.delete(outPointKey(previousOutput));
      for (const index of transaction.outputs.keys())
        unspent.set(outPointKeyOf(hashKey(transaction.txid), index), [transaction, index]);
    }
    return unspent;
  }

  /** Of unspent outputs: the wallet's, others', or any. */
  payment(whose: "my" | "their" | "any"): Transaction | undefined {
    const isMine = ([transaction, index]: readonly [Transaction, number]) =>
      ownerOf(transaction.outputs[index]!.scriptPubKey) !== undefined;
    const free = [...this.unspent(true).values()].filter(
      (each) => !this.isHeld(each) && (whose === "any" || isMine(each) === (whose === "my")),
    );
    const first = this.one(free);
    const second = this.#next(3) === 0 ? this.one(free) : undefined;
    return this.paymentOf([...new Set([first, second].filter((each) => each !== undefined))]);
  }

  /** By a payment that the wallet made and keeps to itself. */
  isHeld([transaction, index]: readonly [Transaction, number]): boolean {
    const key = outPointKeyOf(hashKey(transaction.txid), index);
    return toBeSentAgain(this.diligent.store).some((record) =>
      transactionOf(record).inputs.some((input) => outPointKey(input.previousOutput) === key),
    );
  }

  paymentOf(spent: readonly (readonly [Transaction, number])[]): Transaction | undefined {
    if (spent.length === 0) return undefined;
    const total = spent.reduce((sum, [transaction, index]) => sum + Number(transaction.outputs[index]!.value), 0);
    const count = 1 + this.#next(3);
    const share = Math.floor(total / count);
    if (share === 0) return undefined;
    const payments: Payments = Array.from(
      { length: count },
      () => [`${this.one(["my", "their"])} ${this.#next(12)}`, share] as const,
    );
    const made = pay(spent, payments, { lockTime: this.all.length });
    this.all.push(made);
    return made;
  }

  rivalOf(transaction: Transaction): Transaction | undefined {
    const known = [...this.all, ...this.chain.flatMap((block) => block.transactions)];
    return this.paymentOf(
      transaction.inputs.flatMap(({ previousOutput: { txid, index } }) => {
        const source = known.find((each) => hashKey(each.txid) === hashKey(txid));
        return source === undefined ? [] : [[source, index] as const];
      }),
    );
  }

  broadcast(transaction: Transaction): void {
    if (this.mempool.includes(transaction)) return;
    const kept = this.mempool;
    this.mempool = without(
      kept,
      kept.filter((each) => excludes(each, transaction)),
    );
    const unspent = this.unspent(true);
    if (transaction.inputs.every((input) => unspent.has(outPointKey(input.previousOutput))))
      this.mempool.push(transaction);
    else this.mempool = kept;
  }

  mine(transactions: readonly Transaction[]): void {
    const height = this.chain.length;
    const block = {
      hash: hashOf(`block ${height} of ${this.#branch++}`) as BlockHash,
      height,
      time: 1_600_000_000 + height,
      transactions: [coinbaseTo(`${this.one(["my", "their"])} ${this.#next(12)}`, 6000 + height), ...transactions],
    };
    this.chain.push(block);
    this.settle([]);
  }

  /** What of the mempool, and of what came back to it, can wait behind the chain as it is. */
  settle(back: readonly Transaction[]): void {
    const inChain = new Set(this.chain.flatMap(({ transactions }) => transactions));
    const waiting = [...back, ...this.mempool].filter((each) => !inChain.has(each) && !isCoinbase(each));
    this.mempool = [];
    for (const each of new Set(waiting)) {
      const unspent = this.unspent(true);
      if (each.inputs.every((input) => unspent.has(outPointKey(input.previousOutput)))) this.mempool.push(each);
    }
  }

  /** Some of the mempool, with all that they depend on. */
  candidates(): Transaction[] {
    const available = this.unspent(false);
    return this.mempool.filter((each) => {
      if (this.#next(3) === 0 || !each.inputs.every((input) => available.has(outPointKey(input.previousOutput))))
        return false;
      for (const index of each.outputs.keys()) available.set(outPointKeyOf(hashKey(each.txid), index), [each, index]);
      return true;
    });
  }

  reorganise(): void {
    const depth = Math.min(1 + this.#next(3), this.chain.length - 1);
    const gone = this.chain.splice(this.chain.length - depth, depth).flatMap((block) => block.transactions);
    this.settle(this.#next(4) === 0 ? [] : gone);
    for (let count = 0; count <= depth; count++) this.mine(this.candidates());
  }

  /** All that touches the wallet's scripts. */
  snapshotFor(known: MemoryLedgerStore | undefined): Snapshot {
    const mine = new Set<OutPointKey>();
    const touches = (transaction: Transaction) => {
      let isTouched = transaction.inputs.some((input) => mine.has(outPointKey(input.previousOutput)));
      for (const [index, { scriptPubKey }] of transaction.outputs.entries()) {
        if (ownerOf(scriptPubKey) === undefined) continue;
        mine.add(outPointKeyOf(hashKey(transaction.txid), index));
        isTouched = true;
      }
      return isTouched;
    };
    const found: SnapshotTransaction[] = [];
    for (const { hash, height, time, transactions } of this.chain) {
      for (const [indexInBlock, transaction] of transactions.entries()) {
        const place = { block: { hash, height }, blockTime: time, indexInBlock };
        if (touches(transaction)) found.push({ transaction, place, seenAt: 0 });
      }
    }
    const waiting = this.mempool.filter(touches).map((transaction) => ({ transaction, place: undefined, seenAt: NOW }));
    const newestFirst = found.reverse();
    const stop = newestFirst.findIndex(({ transaction, place }) => {
      const state = known?.transaction(transaction.txid)?.state;
      return state?.kind === "confirmed" && hashKey(state.block.hash) === hashKey(place!.block.hash);
    });
    const told = stop < 0 ? newestFirst : newestFirst.slice(0, stop + 1);
    // The order in which a server tells of the mempool says nothing.
    const transactions = [...waiting.reverse(), ...told];
    const sameUpTo = stop < 0 ? -1 : newestFirst[stop]!.place!.block.height;
    return { tip: { hash: this.tip.hash, height: this.tip.height }, sameUpTo, transactions };
  }
}

function excludes(a: Transaction, b: Transaction): boolean {
  const spent = new Set(a.inputs.map((input) => outPointKey(input.previousOutput)));
  return a !== b && b.inputs.some((input) => spent.has(outPointKey(input.previousOutput)));
}

/** Without these and what depends on them. */
function without(all: readonly Transaction[], gone: readonly Transaction[]): Transaction[] {
  const lost = new Set(gone);
  for (const each of all) {
    const parents = new Set([...lost].map(({ txid }) => hashKey(txid)));
    if (each.inputs.some((input) => parents.has(hashKey(input.previousOutput.txid)))) lost.add(each);
  }
  return all.filter((each) => !lost.has(each));
}

const STEPS: Record<string, (world: World) => void> = {
  othersPay: (world) => {
    const made = world.payment("their");
    if (made) world.broadcast(made);
  },
  walletPays: (world) => {
    const made = world.payment("my");
    if (!made) return;
    for (const wallet of [world.diligent, world.lazy]) wallet.created(made);
    world.broadcast(made);
  },
  walletKeepsToItself: (world) => {
    const made = world.payment("my");
    if (made) for (const wallet of [world.diligent, world.lazy]) wallet.created(made);
  },
  bothPay: (world) => {
    const made = world.payment("any");
    if (made) world.broadcast(made);
  },
  replace: (world) => {
    const old = world.one(world.mempool);
    const rival = old && world.rivalOf(old);
    if (rival) world.broadcast(rival);
  },
  expire: (world) => {
    const gone = world.one(world.mempool);
    if (gone) world.mempool = without(world.mempool, [gone]);
  },
  sendAgain: (world) => {
    for (const record of toBeSentAgain(world.diligent.store)) world.broadcast(transactionOf(record));
  },
  mine: (world) => world.mine(world.candidates()),
  mineRival: (world) => {
    const excluded = world.one(world.all);
    const rival = excluded && world.rivalOf(excluded);
    const unspent = world.unspent(false);
    if (rival?.inputs.every((input) => unspent.has(outPointKey(input.previousOutput)))) world.mine([rival]);
  },
  reorganise: (world) => world.reorganise(),
  abandon: (world) => {
    const record = world.one([...world.diligent.store.unconfirmedTransactions()]);
    if (record)
      for (const wallet of [world.diligent, world.lazy])
        if (wallet.store.transaction(record.txid)) wallet.abandon(record);
  },
  restart: (world) => {
    for (const wallet of [world.diligent, world.lazy]) wallet.restart();
  },
};

/** Where chain and mempool have it, excluded where they exclude it, and the sums are those of what is unspent. */
function check(world: World, wallet: Looker): void {
  const confirmed = new Map(
    world.chain.flatMap(({ height, transactions }) =>
      transactions.map((each) => [hashKey(each.txid), height] as const),
    ),
  );
  const waiting = new Set(world.mempool.map((each) => hashKey(each.txid)));
  for (const record of wallet.records) checkRecord(record, { world, wallet, confirmed, waiting });

  const sums = balancesOf(wallet.store, wallet.query, { includesNonMempool: true });
  const mine = [...world.unspent(true).values()].filter(
    ([transaction, index]) => ownerOf(transaction.outputs[index]!.scriptPubKey) !== undefined,
  );
  const expected = mine.reduce((sum, [transaction, index]) => sum + transaction.outputs[index]!.value, 0n);
  expect(sums.trusted + sums.untrustedPending + sums.immature).toBe(expected);
}

interface Truth {
  readonly world: World;
  readonly wallet: Looker;
  readonly confirmed: ReadonlyMap<HashKey, number>;
  readonly waiting: ReadonlySet<HashKey>;
}

function checkRecord(record: WalletTransaction, { world, wallet, confirmed, waiting }: Truth): void {
  const key = hashKey(record.txid);
  const { state } = record;
  expect(state.kind === "confirmed" ? state.block.height : undefined).toBe(confirmed.get(key));
  expect(state.kind === "in-mempool").toBe(waiting.has(key));
  if (state.kind === "confirmed" || state.kind === "in-mempool") {
    expect(record.mempoolConflicts).toEqual([]);
    return;
  }
  if (record.isCoinbase) {
    expect(state).toMatchObject({ kind: "inactive", isAbandoned: true, leftBlock: {} });
    return;
  }
  // What the wallet cannot see excludes nothing for it: rivals that neither pay nor spend what is the wallet's.
  const rivalHeights = knownRivals(record, wallet).flatMap((rival) => confirmed.get(hashKey(rival.txid)) ?? []);
  if (rivalHeights.length > 0) expect(state.kind).toBe("conflicted");
  if (state.kind === "conflicted") expect(world.chain[state.block.height]?.hash).toEqual(state.block.hash);
  for (const rival of knownRivals(record, wallet))
    if (waiting.has(hashKey(rival.txid))) expect(record.mempoolConflicts).toContainEqual(rival.txid);
  for (const txid of record.mempoolConflicts) expect(waiting.has(hashKey(txid))).toBe(true);
  checkDescent(record, wallet);
}

/** What keeps a transaction out keeps out what depends on it, too. */
function checkDescent(record: WalletTransaction, { store }: Looker): void {
  for (const { previousOutput } of transactionOf(record).inputs) {
    const parent = store.transaction(previousOutput.txid);
    if (parent === undefined || parent.state.kind === "confirmed" || parent.state.kind === "in-mempool") continue;
    for (const txid of parent.mempoolConflicts) expect(record.mempoolConflicts).toContainEqual(txid);
    if (parent.state.kind === "conflicted") expect(record.state.kind).toBe("conflicted");
    if (parent.isCoinbase && record.state.kind !== "conflicted")
      expect(record.state).toMatchObject({ isAbandoned: true });
  }
}

function knownRivals(record: WalletTransaction, { store }: Looker): readonly WalletTransaction[] {
  return transactionOf(record).inputs.flatMap(({ previousOutput }) =>
    store
      .spendersOf(previousOutput)
      .flatMap((txid) => (hashKey(txid) === hashKey(record.txid) ? [] : store.transaction(txid)!)),
  );
}

/** What is said of a transaction now, without how it came about. */
function sayings(wallet: Looker): ReadonlyMap<HashKey, unknown> {
  return new Map(
    wallet.records.map(({ txid, state, mempoolConflicts, isFromMe }) => {
      const { leftBlock: _, ...said } = state as WalletTransaction["state"] & { leftBlock?: unknown };
      return [hashKey(txid), { said, isFromMe, conflicts: mempoolConflicts.map((each) => hashKey(each)) }];
    }),
  );
}

test("however a wallet looks, it comes to what chain and mempool are", { timeout: 120_000 }, () => {
  const step = fc.record({
    name: fc.constantFrom(...Object.keys(STEPS)),
    looks: fc.nat(3),
    choices: fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 45 }), (steps) => {
      let choices: readonly number[] = [];
      let taken = 0;
      const world = new World((bound) => (choices[taken++ % choices.length] ?? 0) % bound);
      world.diligent.look(world, true);
      for (const { name, looks, choices: given } of steps) {
        choices = given;
        taken = 0;
        STEPS[name]!(world);
        world.diligent.look(world, true);
        check(world, world.diligent);
        if (looks > 0) continue;
        world.lazy.look(world, true);
        check(world, world.lazy);
        const fresh = new Looker();
        fresh.look(world, false);
        check(world, fresh);
        // What is in chain or mempool is the same to all three; what is not, to those that were told of it.
        const [diligent, lazy] = [sayings(world.diligent), sayings(world.lazy)];
        for (const [key, said] of sayings(fresh)) {
          expect(diligent.get(key)).toEqual(said);
          expect(lazy.get(key)).toEqual(said);
        }
      }
    }),
    { numRuns: Number(process.env.LEDGER_MODEL_RUNS ?? 25) },
  );
});

import { isCoinbase, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  outPointKeyOf,
} from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { availableCoins } from "./available-coins.ts";
import { coinbaseTo, ownerOf, type Payments, pay, TestLedger } from "./ledger-test-kit.ts";
import type { MemoryLedgerStore } from "./memory-ledger-store.ts";
import { transactionOf, type WalletTransaction } from "./wallet-transaction.ts";

/**
 * Random lives of a wallet beside a chain and a mempool of a few lines: after each step the wallet must hold what the set of unspent
 * outputs has for its scripts. A second wallet, which sees only what a scan picks and has a cache, must be in the same state.
 */

interface Unspent {
  readonly transaction: Transaction;
  readonly index: number;
}

class World {
  readonly chain: (readonly Transaction[])[] = [];
  mempool: Transaction[] = [];
  readonly wallets = [new TestLedger(), new TestLedger({ isScanned: true })] as const;
  /** All that ever was, to be mined or spent again. */
  readonly all: Transaction[] = [];
  readonly #next: (bound: number) => number;

  constructor(next: (bound: number) => number) {
    this.#next = next;
    this.mine([coinbaseTo("their 0", 9000)]);
  }

  /** Unspent outputs of the chain, and of the mempool on top where asked. */
  unspent(withMempool: boolean): Map<OutPointKey, Unspent> {
    const unspent = new Map<OutPointKey, Unspent>();
    for (const transaction of [...this.chain.flat(), ...(withMempool ? this.mempool : [])]) {
      for (const { previousOutput } of transaction.inputs) unspent.delete(outPointKey(previousOutput));
      const txid = hashKey(transaction.txid);
      for (const index of transaction.outputs.keys()) unspent.set(outPointKeyOf(txid, index), { transaction, index });
    }
    return unspent;
  }

  one<Item>(items: readonly Item[]): Item | undefined {
    return items.length === 0 ? undefined : items[this.#next(items.length)];
  }

  payments(total: bigint, first: "my" | "their"): Payments {
    const count = 1 + this.#next(3);
    const share = Math.floor(Number(total) / count);
    const names = [first, this.one(["my", "their"])!, this.one(["my", "their"])!];
    return Array.from(
      { length: share > 0 ? count : 0 },
      (_, index) => [`${names[index]} ${this.#next(12)}`, share] as const,
    );
  }

  /** A transaction of unspent outputs: the wallet's (`my`), others', or any. */
  payment(whose: "my" | "their" | "any"): Transaction | undefined {
    const isWhose = ({ transaction, index }: Unspent) =>
      whose === "any" || (ownerOf(transaction.outputs[index]!.scriptPubKey) !== undefined) === (whose === "my");
    const held = whose !== "their" ? this.heldByInactive() : new Set<OutPointKey>();
    const free = [...this.unspent(true)]
      .filter(([key, each]) => isWhose(each) && !held.has(key))
      .map(([, each]) => each);
    const chosen = new Set(
      [this.one(free), this.#next(3) === 0 ? this.one(free) : undefined].filter((each) => each !== undefined),
    );
    return this.paymentOf([...chosen]);
  }

  heldByInactive(): Set<OutPointKey> {
    const records = [...this.wallets[0].store.unconfirmedTransactions()];
    const inactive = records.filter((record) => record.state.kind === "inactive" && !record.state.isAbandoned);
    const spent = inactive.flatMap((record) =>
      transactionOf(record).inputs.map((input) => outPointKey(input.previousOutput)),
    );
    return new Set(spent);
  }

  paymentOf(spent: readonly Unspent[]): Transaction | undefined {
    if (spent.length === 0) return undefined;
    const total = spent.reduce((sum, { transaction, index }) => sum + transaction.outputs[index]!.value, 0n);
    const payments = this.payments(total, this.one(["my", "their"] as const)!);
    if (payments.length === 0) return undefined;
    const transaction = pay(
      spent.map((each) => [each.transaction, each.index] as const),
      payments,
      { lockTime: this.all.length },
    );
    this.all.push(transaction);
    return transaction;
  }

  /** One that spends what another spends. */
  rivalOf(transaction: Transaction): Transaction | undefined {
    const spent = transaction.inputs.map(({ previousOutput: { txid, index } }) => {
      const source = [...this.all, ...this.chain.flat()].find((each) => hashKey(each.txid) === hashKey(txid));
      return source && { transaction: source, index };
    });
    return this.paymentOf(spent.filter((each) => each !== undefined));
  }

  /** Puts a transaction into the mempool if its inputs are there, in place of what excludes it. */
  broadcast(transaction: Transaction): void {
    if (this.mempool.includes(transaction)) return;
    const rivals = this.mempool.filter((each) => excludes(each, transaction));
    const evicted = this.withDescendants(rivals);
    const left = this.mempool.filter((each) => !evicted.includes(each));
    const kept = this.mempool;
    this.mempool = left;
    const unspent = this.unspent(true);
    if (!transaction.inputs.every((input) => unspent.has(outPointKey(input.previousOutput)))) {
      this.mempool = kept;
      return;
    }
    for (const each of evicted.reverse()) this.tell((wallet) => wallet.removed(each, "replaced"));
    this.mempool.push(transaction);
    this.tell((wallet) => wallet.seen(transaction));
  }

  withDescendants(roots: readonly Transaction[]): Transaction[] {
    const found = new Set(roots);
    for (const each of this.mempool) {
      const parents = new Set([...found].map(({ txid }) => hashKey(txid)));
      if (each.inputs.some((input) => parents.has(hashKey(input.previousOutput.txid)))) found.add(each);
    }
    return this.mempool.filter((each) => found.has(each));
  }

  evict(root: Transaction, reason: "expiry" | "conflict"): void {
    const evicted = this.withDescendants([root]);
    this.mempool = this.mempool.filter((each) => !evicted.includes(each));
    for (const each of evicted.reverse()) this.tell((wallet) => wallet.removed(each, reason));
  }

  /** Mines transactions whose inputs are in the chain or among them; what they exclude leaves the mempool first, as in a node. */
  mine(transactions: readonly Transaction[]): void {
    for (const each of transactions) {
      for (const rival of this.mempool.filter((waiting) => waiting !== each && excludes(waiting, each))) {
        if (this.mempool.includes(rival)) this.evict(rival, "conflict");
      }
    }
    this.mempool = this.mempool.filter((each) => !transactions.includes(each));
    this.chain.push(transactions);
    this.tell((wallet) => void wallet.connect(transactions));
  }

  /** Some of the mempool, in its order, with all that they depend on, behind a coinbase. */
  candidates(): Transaction[] {
    const chosen = this.mempool.filter(() => this.#next(3) > 0);
    const block = [coinbaseTo(`${this.one(["my", "their"])} ${this.#next(12)}`, 3000 + this.chain.length)];
    const available = this.unspent(false);
    for (const each of chosen) {
      if (!each.inputs.every((input) => available.has(outPointKey(input.previousOutput)))) continue;
      block.push(each);
      for (const index of each.outputs.keys())
        available.set(outPointKeyOf(hashKey(each.txid), index), { transaction: each, index });
    }
    return block;
  }

  disconnect(): readonly Transaction[] {
    const block = this.chain.pop()!;
    this.tell((wallet) => void wallet.disconnect());
    return block;
  }

  /** What was in blocks and can be waiting again, does so; what it excludes, and what has lost its parents, goes. */
  refill(transactions: readonly Transaction[]): void {
    const waiting = [...transactions.filter((each) => !isCoinbase(each)), ...this.mempool];
    const before = this.mempool;
    this.mempool = [];
    const unspent = this.unspent(false);
    for (const each of waiting) {
      if (this.mempool.includes(each)) continue;
      if (!each.inputs.every((input) => unspent.has(outPointKey(input.previousOutput)))) continue;
      for (const { previousOutput } of each.inputs) unspent.delete(outPointKey(previousOutput));
      for (const index of each.outputs.keys())
        unspent.set(outPointKeyOf(hashKey(each.txid), index), { transaction: each, index });
      this.mempool.push(each);
    }
    for (const each of before) if (!this.mempool.includes(each)) this.tell((wallet) => wallet.removed(each, "reorg"));
    for (const each of this.mempool) if (!before.includes(each)) this.tell((wallet) => wallet.seen(each));
  }

  tell(event: (wallet: TestLedger) => void): void {
    for (const wallet of this.wallets) event(wallet);
  }
}

function excludes(a: Transaction, b: Transaction): boolean {
  const spent = new Set(a.inputs.map((input) => outPointKey(input.previousOutput)));
  return (
    !isCoinbase(a) &&
    hashKey(a.txid) !== hashKey(b.txid) &&
    b.inputs.some((input) => spent.has(outPointKey(input.previousOutput)))
  );
}

type Step = (world: World) => void;

const STEPS: Record<string, Step> = {
  othersPay: (world) => {
    const transaction = world.payment("their");
    if (transaction) world.broadcast(transaction);
  },
  walletPays: (world) => {
    const transaction = world.payment("my");
    if (!transaction) return;
    world.tell((wallet) => wallet.created(transaction, { comment: "paid" }));
    world.broadcast(transaction);
  },
  walletKeepsToItself: (world) => {
    const transaction = world.payment("my");
    if (transaction) world.tell((wallet) => wallet.created(transaction));
  },
  walletAndOthersPay: (world) => {
    const transaction = world.payment("any");
    if (transaction) world.broadcast(transaction);
  },
  replace: (world) => {
    const replaced = world.one(world.mempool);
    const rival = replaced && world.rivalOf(replaced);
    if (rival) world.broadcast(rival);
  },
  expire: (world) => {
    const transaction = world.one(world.mempool);
    if (transaction) world.evict(transaction, "expiry");
  },
  broadcastAgain: (world) => {
    const transaction = world.one(world.all);
    if (transaction && !world.chain.flat().includes(transaction)) world.broadcast(transaction);
  },
  mine: (world) => world.mine(world.candidates()),
  mineRival: (world) => {
    const excluded = world.one(world.all);
    const rival = excluded && world.rivalOf(excluded);
    const unspent = world.unspent(false);
    if (!rival?.inputs.every((input) => unspent.has(outPointKey(input.previousOutput)))) return;
    world.mine([coinbaseTo("their 1"), rival]);
  },
  mineUnseen: (world) => {
    const first = world.payment("their");
    const unspent = world.unspent(false);
    if (!first?.inputs.every((input) => unspent.has(outPointKey(input.previousOutput)))) return;
    const second = world.paymentOf([{ transaction: first, index: 0 }]);
    world.mine([coinbaseTo("their 1"), first, ...(second ? [second] : [])]);
  },
  rescan: (world) => {
    for (const wallet of world.wallets) {
      const before = comparable(wallet.memory);
      for (const height of world.chain.keys()) wallet.rescan(height);
      expect(comparable(wallet.memory)).toEqual(before);
    }
  },
  reorganise: (world) => {
    const depth = Math.min(1 + (world.one([0, 1, 2]) ?? 0), world.chain.length - 1);
    const gone = Array.from({ length: depth }, () => world.disconnect());
    world.refill(gone.reverse().flat());
    for (let count = 0; count <= depth; count++) world.mine(world.candidates());
  },
  connectAndDisconnect: (world) => {
    const before = statesOf(world.wallets[0]);
    const balances = world.wallets[0].balances({ includesNonMempool: true });
    world.mine(world.candidates());
    world.refill(world.disconnect());
    const after = statesOf(world.wallets[0]);
    // What was given up counts again once a block has excluded it for a while, as with Core.
    for (const [key, state] of before) if (!state.startsWith("abandoned")) expect(after.get(key)).toBe(state);
    expect(world.wallets[0].balances({ includesNonMempool: true })).toEqual(
      [...before.values()].some((state) => state.startsWith("abandoned")) ? expect.anything() : balances,
    );
  },
  abandon: (world) => {
    const record = world.one([...world.wallets[0].store.unconfirmedTransactions()]);
    if (record) world.tell((wallet) => void wallet.abandon(transactionOf(record)));
  },
  restart: (world) => world.tell((wallet) => wallet.restart(world.mempool)),
};

function statesOf(wallet: TestLedger): Map<HashKey, string> {
  const records = wallet.store.history({ limit: 10_000 });
  return new Map(
    records.map((record) => [
      hashKey(record.txid),
      `${wallet.stateOf(transactionOf(record))} [${record.mempoolConflicts.map((txid) => hashKey(txid)).join()}]`,
    ]),
  );
}

function check(world: World): void {
  for (const wallet of world.wallets) {
    checkHoldings(world, wallet);
    checkStates(world, wallet);
    checkDerived(wallet);
  }
  expect(comparable(world.wallets[1].memory)).toEqual(comparable(world.wallets[0].memory));
}

/** The sums are those of the unspent outputs that pay the wallet. */
function checkHoldings(world: World, wallet: TestLedger): void {
  const mine = [...world.unspent(true).values()].filter(
    ({ transaction, index }) => ownerOf(transaction.outputs[index]!.scriptPubKey) !== undefined,
  );
  const sumOf = (some: readonly Unspent[]) =>
    some.reduce((sum, { transaction, index }) => sum + transaction.outputs[index]!.value, 0n);
  const heights = new Map(world.chain.flatMap((block, height) => block.map((each) => [each, height] as const)));
  const isImmature = ({ transaction }: Unspent) =>
    isCoinbase(transaction) && world.chain.length - heights.get(transaction)! <= 100;
  const isTrusted = (transaction: Transaction): boolean => {
    if (heights.has(transaction)) return true;
    return transaction.inputs.every(({ previousOutput: { txid, index } }) => {
      const parent = [...world.chain.flat(), ...world.mempool].find((each) => hashKey(each.txid) === hashKey(txid))!;
      return ownerOf(parent.outputs[index]!.scriptPubKey) !== undefined && isTrusted(parent);
    });
  };
  const { trusted, untrustedPending, immature, nonMempool } = wallet.balances({ includesNonMempool: true });
  const mature = mine.filter((each) => !isImmature(each));
  expect(immature).toBe(sumOf(mine.filter(isImmature)));
  expect(trusted).toBe(sumOf(mature.filter((each) => isTrusted(each.transaction))));
  expect(untrustedPending).toBe(sumOf(mature.filter((each) => !isTrusted(each.transaction))));
  expect(wallet.balances().trusted + wallet.balances().untrustedPending + wallet.balances().immature).toBe(
    trusted + untrustedPending + immature + nonMempool,
  );
  const available = availableCoins(wallet.store, wallet.context).map(({ coin }) => coin.value);
  expect(available.reduce((sum, value) => sum + value, 0n)).toBe(wallet.balances().trusted);
}

/** Every transaction is where chain and mempool have it, and excluded where they exclude it. */
function checkStates(world: World, wallet: TestLedger): void {
  const confirmed = new Map(
    world.chain.flatMap((block, height) => block.map((each) => [hashKey(each.txid), height] as const)),
  );
  const waiting = new Set(world.mempool.map((each) => hashKey(each.txid)));
  const spentInChain = new Map(
    world.chain.flat().flatMap((each) => each.inputs.map((input) => [outPointKey(input.previousOutput), each])),
  );
  for (const record of wallet.store.history({ limit: 10_000 })) {
    const key = hashKey(record.txid);
    const { kind } = record.state;
    expect(kind === "confirmed" ? record.state.block.height : undefined).toBe(confirmed.get(key));
    expect(kind === "in-mempool").toBe(waiting.has(key));
    for (const rival of record.mempoolConflicts) expect(waiting.has(hashKey(rival))).toBe(true);
    if (confirmed.has(key)) expect(record.mempoolConflicts).toEqual([]);
    else if (record.isCoinbase) checkOrphan(wallet, record);
    if (confirmed.has(key) || record.isCoinbase) continue;
    const inputs = transactionOf(record).inputs;
    const rivals = world.mempool.filter((each) => excludes(each, transactionOf(record)));
    for (const { txid } of rivals) expect(record.mempoolConflicts).toContainEqual(txid);
    const isExcluded = inputs.some((input) => spentInChain.has(outPointKey(input.previousOutput)));
    if (isExcluded) expect(kind).toBe("conflicted");
  }
}

/** A coinbase that left the chain is given up, and what spends it. */
function checkOrphan(wallet: TestLedger, record: WalletTransaction): void {
  const transaction = transactionOf(record);
  expect(wallet.stateOf(transaction)).toBe("abandoned");
  for (const index of transaction.outputs.keys()) {
    for (const txid of wallet.store.spendersOf({ txid: record.txid, index })) {
      expect(wallet.stateOf(transactionOf(wallet.record({ txid })))).toMatch(/abandoned|conflicted/);
    }
  }
}

/** What coins say of their transaction, and of what spends them, is so. */
function checkDerived({ memory, store }: TestLedger): void {
  const unspent = [...memory.coins()].filter((coin) => coin.spentHeight === undefined);
  const byKey = (coins: Iterable<{ outPoint: { txid: never; index: number } }>) =>
    new Set([...coins].map((coin) => outPointKey(coin.outPoint)));
  expect(byKey(store.unspentCoins() as never)).toEqual(byKey(unspent as never));
  for (const coin of memory.coins()) {
    const record = memory.transaction(coin.outPoint.txid)!;
    expect(coin.height).toBe(record.state.kind === "confirmed" ? record.state.block.height : undefined);
    expect(coin.isFromMe).toBe(record.isFromMe);
    const spenders = memory.spendersOf(coin.outPoint).map((txid) => memory.transaction(txid)!);
    const spender = spenders.find(({ state }) => state.kind === "confirmed");
    expect(coin.spentHeight).toBe(spender?.state.kind === "confirmed" ? spender.state.block.height : undefined);
  }
  for (const record of memory.history({ limit: 10_000 })) {
    const inputs = transactionOf(record).inputs;
    expect(record.isFromMe).toBe(inputs.some((input) => memory.coin(input.previousOutput) !== undefined));
  }
}

/** The state without the order in which rows came about. */
function comparable(memory: MemoryLedgerStore) {
  const { transactions, coins, spends, bestBlock } = memory.snapshot();
  return {
    transactions: transactions.map(({ bytes: _, ...record }) => record),
    coins: new Map(coins.map((coin) => [outPointKey(coin.outPoint), coin])),
    spends: new Set(spends.map((spend) => outPointKey(spend.outPoint) + hashKey(spend.txid))),
    bestBlock,
  };
}

const names = Object.keys(STEPS);

test("whatever happens, the wallet holds what is unspent of its scripts", { timeout: 120_000 }, () => {
  const step = fc.record({
    name: fc.constantFrom(...names),
    choices: fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 45 }), (steps) => {
      let choices: readonly number[] = [];
      let taken = 0;
      const world = new World((bound) => (choices[taken++ % choices.length] ?? 0) % bound);
      for (const { name, choices: given } of steps) {
        choices = given;
        taken = 0;
        STEPS[name]!(world);
        check(world);
      }
    }),
    { numRuns: Number(process.env.LEDGER_MODEL_RUNS ?? 15) },
  );
});

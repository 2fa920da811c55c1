/** What tests of rules and queries share: a wallet that is told of a chain and a mempool by hand. */
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { COINBASE_INDEX, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import type { RuleContext } from "./add-transaction.ts";
import { type BalanceOptions, type Balances, balancesOf } from "./balances.ts";
import { type BlockFacts, blockConnected, blockDisconnected, blockRescanned } from "./chain-rules.ts";
import { type ChangeSet, scriptKey } from "./change-set.ts";
import { LedgerCache } from "./ledger-cache.ts";
import { MemoryLedgerStore } from "./memory-ledger-store.ts";
import { mempoolForgotten, type RemovalReason, transactionRemoved, transactionSeen } from "./mempool-rules.ts";
import { abandonTransaction, transactionCreated } from "./own-rules.ts";
import { mattersInMempool, type ScanDependencies, scanBlock, scanDisconnectedBlock } from "./scan-block.ts";
import { hashOf, inputOf } from "./store-test-kit.ts";
import type { QueryContext } from "./trust.ts";
import type { TransactionNotes, TransactionState, WalletTransaction } from "./wallet-transaction.ts";

/** Scripts by name: those of the wallet begin with "my". */
export function scriptOf(name: string): Uint8Array {
  return payToWitnessPublicKeyHash(hash160(new TextEncoder().encode(name)));
}

/** Most scripts of the wallet that {@link ownerOf} knows, by name: `my 0`, `my 1`, … */
const MY_SCRIPTS = 12;
const owners = new Map(
  Array.from({ length: MY_SCRIPTS }, (_, index) => [scriptKey(scriptOf(`my ${index}`)), { descriptorId: 1, index }]),
);

export const ownerOf: RuleContext["ownerOf"] = (script) => owners.get(scriptKey(script));

/** Outputs of a transaction, as `[whose script, sats]`. */
export type Payments = readonly (readonly [name: string, value: number])[];

let serial = 0;

/** A transaction that spends outputs of others (`[transaction, index]`), or from nowhere something that nobody else spends. */
export function pay(
  spent: readonly (readonly [Transaction, number])[],
  payments: Payments,
  { version = 2, lockTime = 0 } = {},
): Transaction {
  const inputs =
    spent.length > 0
      ? spent.map(([{ txid }, index]) => inputOf(txid, index))
      : [inputOf(hashOf(`out of nowhere ${serial++}`), 0)];
  const outputs = payments.map(([name, value]) => ({ value: BigInt(value), scriptPubKey: scriptOf(name) }));
  return new Transaction({ version, inputs, outputs, lockTime });
}

/** A coinbase that no other equals. */
export function coinbaseTo(name: string, value = 5000): Transaction {
  const input = { ...inputOf(ZERO_HASH, COINBASE_INDEX), scriptSig: hashOf(`coinbase ${serial++}`).subarray(0, 8) };
  return new Transaction({
    version: 2,
    inputs: [input],
    outputs: [{ value: BigInt(value), scriptPubKey: scriptOf(name) }],
    lockTime: 0,
  });
}

export interface TestLedgerOptions {
  readonly avoidReuse?: boolean;
  readonly spendsUnconfirmedChange?: boolean;
  /** Whether rules see only what a scan picks, above a {@link LedgerCache}, as in a node. */
  readonly isScanned?: boolean;
}

/** A wallet, and the blocks it was told of. */
export class TestLedger {
  store: MemoryLedgerStore | LedgerCache;
  memory: MemoryLedgerStore;
  nowSeconds = 1_700_000_000;
  readonly blocks: (BlockFacts & { readonly transactions: readonly Transaction[] })[] = [];
  readonly #options: TestLedgerOptions;
  #branch = 0;

  constructor(options: TestLedgerOptions = {}) {
    this.#options = options;
    this.memory = new MemoryLedgerStore();
    this.store = options.isScanned ? new LedgerCache(this.memory) : this.memory;
  }

  get context(): RuleContext & QueryContext {
    const { avoidReuse = false, spendsUnconfirmedChange = true } = this.#options;
    return { ownerOf, nowSeconds: this.nowSeconds, avoidReuse, spendsUnconfirmedChange, tipHeight: this.tipHeight };
  }

  get tipHeight(): number {
    return this.blocks.length - 1;
  }

  get #scan(): ScanDependencies | undefined {
    const { store } = this;
    if (!(store instanceof LedgerCache)) return undefined;
    return { ledger: store, keychain: { noteIfOwned: (script) => ownerOf(script) !== undefined } };
  }

  seen(...transactions: readonly Transaction[]): void {
    for (const transaction of transactions) {
      if (this.#scan && !mattersInMempool(transaction, this.#scan)) continue;
      this.store.apply(transactionSeen(this.store, transaction, this.context));
    }
  }

  removed(transaction: Transaction, reason: RemovalReason = "expiry"): void {
    if (this.#scan && !mattersInMempool(transaction, this.#scan)) return;
    this.store.apply(transactionRemoved(this.store, transaction, reason));
  }

  created(transaction: Transaction, notes: TransactionNotes = {}): void {
    this.store.apply(transactionCreated(this.store, transaction, notes, this.context));
  }

  /** `undefined` where it went well, else why not. */
  abandon({ txid }: Transaction): string | undefined {
    const result = abandonTransaction(this.store, txid);
    if ("error" in result) return result.error;
    this.store.apply(result);
    return undefined;
  }

  /** Connects a block with these transactions, of which the first stands behind the coinbase unless it is one. */
  connect(transactions: readonly Transaction[] = [], times: { time?: number; maxTime?: number } = {}): BlockFacts {
    const { time = 1_600_000_000 + 600 * this.blocks.length, maxTime = time } = times;
    const height = this.blocks.length;
    const hash = hashOf(`block ${height} of branch ${this.#branch++}`) as BlockHash;
    const previousHash = this.blocks.at(-1)?.hash ?? (ZERO_HASH as BlockHash);
    const block = { hash, previousHash, height, time, maxTime, transactions };
    this.blocks.push(block);
    this.store.apply(blockConnected(this.store, block, this.#positioned(transactions), this.context));
    return block;
  }

  /** Takes the newest block away; answers its transactions. */
  disconnect(): readonly Transaction[] {
    const block = this.blocks.at(-1)!;
    const scan = this.#scan;
    const found = scan ? scanDisconnectedBlock(block.transactions, scan) : this.#positioned(block.transactions);
    this.store.apply(blockDisconnected(this.store, block, found, this.context));
    this.blocks.pop();
    return block.transactions;
  }

  rescan(height: number): ChangeSet {
    const block = this.blocks[height]!;
    const changes = blockRescanned(this.store, block, this.#positioned(block.transactions), this.context);
    this.store.apply(changes);
    return changes;
  }

  /** Closes the wallet, opens what was kept, and tells it what is in the mempool. */
  restart(mempool: readonly Transaction[]): void {
    const kept = structuredClone(this.memory.snapshot());
    this.memory = new MemoryLedgerStore();
    this.memory.apply(kept);
    this.store = this.#options.isScanned ? new LedgerCache(this.memory) : this.memory;
    this.store.apply(mempoolForgotten(this.store));
    this.seen(...mempool);
  }

  record({ txid }: { readonly txid: Txid }): WalletTransaction {
    const record = this.store.transaction(txid);
    if (record === undefined) throw new Error("the wallet does not have the transaction");
    return record;
  }

  /** In one word: `confirmed`, `in-mempool`, `inactive`, `abandoned`, `conflicted`, `unknown`. */
  stateOf({ txid }: Transaction): TransactionState["kind"] | "abandoned" | "unknown" {
    const state = this.store.transaction(txid)?.state;
    if (state === undefined) return "unknown";
    return state.kind === "inactive" && state.isAbandoned ? "abandoned" : state.kind;
  }

  balances(options?: BalanceOptions): Balances {
    return balancesOf(this.store, this.context, options);
  }

  /** Trusted and untrusted pending sats. */
  spendable(): readonly [trusted: number, pending: number] {
    const { trusted, untrustedPending } = this.balances();
    return [Number(trusted), Number(untrustedPending)];
  }

  #positioned(transactions: readonly Transaction[]) {
    if (this.#scan) return scanBlock(transactions, this.#scan);
    return transactions.map((transaction, indexInBlock) => ({ transaction, indexInBlock }));
  }
}

import { type HashKey, hashKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { type CoinFilter, isWanted } from "../selection/coin-filter.ts";
import type { LedgerStore } from "./ledger-store.ts";
import { isTrusted, isUsedAddress, type QueryContext, type SpentBy, spentLookup, type Trusted } from "./trust.ts";
import { blocksToMaturity, type WalletCoin } from "./wallet-coin.ts";
import { depthOf } from "./wallet-transaction.ts";

/** The coins that a wallet could spend: what `listunspent` lists and what payments are made of. */

export interface AvailableCoin {
  readonly coin: WalletCoin;
  /** Confirmations; 0 in the mempool. */
  readonly depth: number;
  /** Whether its transaction is trusted, and is neither a replacement that may be undone nor replaced. */
  readonly isSafe: boolean;
}

/** Which of them, and how many. */
export interface CoinQuery extends CoinFilter {
  /** As soon as the coins found amount to this, no more are looked for. */
  readonly sumMin?: Sats | undefined;
  /** Most coins to answer; 0 for all. */
  readonly countMax?: number | undefined;
  /** Default: no. */
  readonly includesImmature?: boolean | undefined;
  /** Default: no. */
  readonly includesLocked?: boolean | undefined;
}

/** The coins that nobody spends and that the query asks for, in no special order. */
export function availableCoins(store: LedgerStore, context: QueryContext, query: CoinQuery = {}): AvailableCoin[] {
  const search = new CoinSearch(store, context, query);
  const found: AvailableCoin[] = [];
  let sum = 0n;
  for (const coin of store.unspentCoins()) {
    const facts = search.passes(coin);
    if (facts === undefined) continue;
    found.push({ coin, ...facts });
    sum += coin.value;
    if (query.sumMin !== undefined && sum >= query.sumMin) return found;
    if (query.countMax && found.length >= query.countMax) return found;
  }
  return found;
}

interface TransactionFacts {
  readonly depth: number;
  readonly isSafe: boolean;
}

class CoinSearch {
  readonly #store: LedgerStore;
  readonly #context: QueryContext;
  readonly #query: CoinQuery;
  readonly #spentBy: (coin: WalletCoin) => SpentBy;
  readonly #trusted: Trusted = new Set();
  /** What is found of unconfirmed transactions, whose coins may be many. */
  readonly #unconfirmed = new Map<HashKey, TransactionFacts | undefined>();

  constructor(store: LedgerStore, context: QueryContext, query: CoinQuery) {
    this.#store = store;
    this.#spentBy = spentLookup(store);
    this.#context = context;
    this.#query = query;
  }

  /** Depth and safety of a coin that is asked for. */
  passes(coin: WalletCoin): TransactionFacts | undefined {
    const facts = this.#factsOf(coin);
    if (facts === undefined) return undefined;
    const isReused = this.#query.avoidsReuse === true && isUsedAddress(this.#store, coin.script);
    if (!isWanted({ ...facts, value: coin.value, isReused }, this.#query)) return undefined;
    if (!this.#query.includesLocked && this.#store.isLocked(coin.outPoint)) return undefined;
    return this.#spentBy(coin) === undefined ? facts : undefined;
  }

  #factsOf(coin: WalletCoin): TransactionFacts | undefined {
    if (coin.height !== undefined) {
      if (this.#context.isDoubted?.(coin.outPoint.txid)) return undefined;
      const depth = this.#context.tipHeight - coin.height + 1;
      if (blocksToMaturity(coin, depth) > 0 && !this.#query.includesImmature) return undefined;
      return { depth, isSafe: true };
    }
    const key = hashKey(coin.outPoint.txid);
    if (!this.#unconfirmed.has(key)) this.#unconfirmed.set(key, this.#factsOfUnconfirmed(coin.outPoint.txid));
    return this.#unconfirmed.get(key);
  }

  /** Coins of transactions that are not in the mempool are not to be had: what those spend may be gone unseen. */
  #factsOfUnconfirmed(txid: Txid): TransactionFacts | undefined {
    const record = this.#store.transaction(txid);
    if (record === undefined || record.state.kind !== "in-mempool") return undefined;
    if (depthOf(record, this.#context.tipHeight) !== 0) return undefined;
    // Of a transaction and its replacement either may be confirmed, and after a reorganisation the other: a payment that
    // is built on one and made again without it could then be made twice.
    const isReplaceable = record.notes.replaces !== undefined || record.notes.replacedBy !== undefined;
    return { depth: 0, isSafe: !isReplaceable && isTrusted(this.#store, record, this.#context, this.#trusted) };
  }
}

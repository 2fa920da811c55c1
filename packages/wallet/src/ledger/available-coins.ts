import { type HashKey, hashKey, outPointKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { LedgerStore } from "./ledger-store.ts";
import { isTrusted, isUsedAddress, type QueryContext, type SpentBy, spentLookup, type Trusted } from "./trust.ts";
import { blocksToMaturity, type WalletCoin } from "./wallet-coin.ts";
import { depthOf, transactionOf, type WalletTransaction } from "./wallet-transaction.ts";

/** The coins that a wallet could spend: what `listunspent` lists and what payments are made of. */

export interface AvailableCoin {
  readonly coin: WalletCoin;
  /** Confirmations; 0 in the mempool. */
  readonly depth: number;
  /** Whether its transaction is trusted, and is neither a replacement that may be undone nor replaced. */
  readonly isSafe: boolean;
}

/** Which coins. Everything that is left out is as payments have it by default. */
export interface CoinFilter {
  /** Confirmations, both ends included. Default: 0 to 9,999,999. */
  readonly minDepth?: number | undefined;
  readonly maxDepth?: number | undefined;
  /** Sats of one coin, both ends included. Default: 1 to all. */
  readonly minValue?: Sats | undefined;
  readonly maxValue?: Sats | undefined;
  /** As soon as the coins found amount to this, no more are looked for. */
  readonly minSum?: Sats | undefined;
  /** Most coins to answer; 0 for all. */
  readonly maxCount?: number | undefined;
  /** Default: no. */
  readonly includesUnsafe?: boolean | undefined;
  /** Default: no. */
  readonly includesImmature?: boolean | undefined;
  /** Default: no. */
  readonly includesLocked?: boolean | undefined;
  /** Coins of addresses that were spent from before, in a wallet that sets them apart. Default: no. */
  readonly includesUsed?: boolean | undefined;
  /** Whether a coin is wanted: of certain addresses, or not chosen by hand already. Default: each is. */
  readonly accepts?: ((coin: WalletCoin) => boolean) | undefined;
  /** For a transaction of which version: an unconfirmed coin is of use only to its kind (BIP431). `undefined`: of no matter. */
  readonly version?: number | undefined;
  /** Unconfirmed ancestors of a transaction in the mempool, itself included; asked for version 3 only. Default: 1. */
  readonly ancestorsOf?: ((txid: Txid) => number) | undefined;
}

/** Confirmations of which nothing has more. */
const DEPTH_MAX = 9_999_999;
const TRUC_VERSION = 3;

/** The coins that pass the filter, in no special order; of unconfirmed ones for version 3, those of one transaction. */
export function availableCoins(store: LedgerStore, context: QueryContext, filter: CoinFilter = {}): AvailableCoin[] {
  const search = new CoinSearch(store, context, filter);
  const found: AvailableCoin[] = [];
  const ofTruc = new Map<HashKey, AvailableCoin[]>();
  let sum = 0n;
  for (const coin of store.unspentCoins()) {
    const facts = search.passes(coin);
    if (facts === undefined) continue;
    const available = { coin, ...facts };
    if (facts.depth === 0 && filter.version === TRUC_VERSION) {
      const key = hashKey(coin.outPoint.txid);
      ofTruc.set(key, [...(ofTruc.get(key) ?? []), available]);
    } else {
      found.push(available);
      sum += coin.value;
    }
    if (filter.minSum !== undefined && sum >= filter.minSum) return found;
    if (filter.maxCount && found.length >= filter.maxCount) return found;
  }
  return [...found, ...worthMost([...ofTruc.values()])];
}

/** BIP431: a child has one unconfirmed parent, so that coins of one transaction alone can be spent together. */
function worthMost(groups: readonly AvailableCoin[][]): readonly AvailableCoin[] {
  const worth = (group: readonly AvailableCoin[]) => group.reduce((sum, { coin }) => sum + coin.value, 0n);
  return groups.reduce((best, group) => (worth(group) > worth(best) ? group : best), [] as AvailableCoin[]);
}

interface TransactionFacts {
  readonly depth: number;
  readonly isSafe: boolean;
}

class CoinSearch {
  readonly #store: LedgerStore;
  readonly #context: QueryContext;
  readonly #filter: CoinFilter;
  readonly #spentBy: (coin: WalletCoin) => SpentBy;
  readonly #trusted: Trusted = new Set();
  /** What is found of unconfirmed transactions, whose coins may be many. */
  readonly #unconfirmed = new Map<HashKey, TransactionFacts | undefined>();

  constructor(store: LedgerStore, context: QueryContext, filter: CoinFilter) {
    this.#store = store;
    this.#spentBy = spentLookup(store);
    this.#context = context;
    this.#filter = filter;
  }

  /** Depth and safety of a coin that passes the filter. */
  passes(coin: WalletCoin): TransactionFacts | undefined {
    const { minDepth = 0, maxDepth = DEPTH_MAX, minValue = 1n, maxValue, includesUnsafe = false } = this.#filter;
    if (coin.value < minValue || (maxValue !== undefined && coin.value > maxValue)) return undefined;
    const facts = this.#factsOf(coin);
    if (facts === undefined || facts.depth < minDepth || facts.depth > maxDepth) return undefined;
    if (!facts.isSafe && !includesUnsafe) return undefined;
    return this.#isFree(coin) ? facts : undefined;
  }

  #isFree(coin: WalletCoin): boolean {
    const { accepts, includesLocked = false, includesUsed = false } = this.#filter;
    if (accepts !== undefined && !accepts(coin)) return false;
    if (!includesLocked && this.#store.isLocked(coin.outPoint)) return false;
    if (this.#spentBy(coin) !== undefined) return false;
    return includesUsed || !this.#context.avoidReuse || !isUsedAddress(this.#store, coin.script);
  }

  #factsOf(coin: WalletCoin): TransactionFacts | undefined {
    if (coin.height !== undefined) {
      const depth = this.#context.tipHeight - coin.height + 1;
      if (blocksToMaturity(coin, depth) > 0 && !this.#filter.includesImmature) return undefined;
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
    if (depthOf(record, this.#context.tipHeight) !== 0 || !this.#suitsVersion(record)) return undefined;
    // Of a transaction and its replacement either may be confirmed, and after a reorganisation the other: a payment that
    // is built on one and made again without it could then be made twice.
    const isReplaceable = record.notes.replaces !== undefined || record.notes.replacedBy !== undefined;
    return { depth: 0, isSafe: !isReplaceable && isTrusted(this.#store, record, this.#context, this.#trusted) };
  }

  #suitsVersion(record: WalletTransaction): boolean {
    const { version, ancestorsOf } = this.#filter;
    if (version === undefined) return true;
    const isTruc = transactionOf(record).version === TRUC_VERSION;
    if (version !== TRUC_VERSION) return !isTruc;
    return isTruc && record.trucChildInMempool === undefined && (ancestorsOf?.(record.txid) ?? 1) <= 1;
  }
}

/** Whether a coin is none of those at some outpoints: for {@link CoinFilter.accepts}. */
export function isNoneOf(outPoints: Iterable<WalletCoin["outPoint"]>): (coin: WalletCoin) => boolean {
  const keys = new Set([...outPoints].map(outPointKey));
  return (coin) => !keys.has(outPointKey(coin.outPoint));
}

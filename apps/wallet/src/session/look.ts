import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import {
  isCoinbase,
  type OutPoint,
  type Transaction,
  type TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type BlockHash,
  type HashKey,
  hashKey,
  outPointKey,
  parseDisplayHash,
  type Sats,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import { transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { checkOwnSpends, missingOutputs } from "@bitfleet/wallet/self-custody/own-spends.ts";
import {
  type FarPlace,
  farTurn,
  partOfRange,
  type ScriptRange,
  withoutRanges,
} from "@bitfleet/wallet/self-custody/script-ranges.ts";
import {
  checkSnapshot,
  DishonestAnswer,
  type Snapshot,
  transactionFromServer,
} from "@bitfleet/wallet/self-custody/snapshot.ts";
import {
  type ChainSource,
  type ChainTip,
  type FoundTransaction,
  type History,
  SourceProblem,
  TRANSACTIONS_MAX,
  tooManyTransactions,
} from "../network/chain-source.ts";
import { inParallel } from "../network/in-parallel.ts";

/** Looking at all that a server says of an account's scripts, as of one block. */

export interface Look {
  readonly snapshot: Snapshot;
  readonly tip: ChainTip;
  readonly fees: ReadonlyMap<HashKey, Sats>;
  /** These have been looked at from their beginnings: `noteLooked`. */
  readonly ranges: readonly ScriptRange[];
  /** Where the next look at far addresses goes on: `noteLooked`, too. */
  readonly farNext: FarPlace | undefined;
  /** Whether blocks came meanwhile, so that it should be looked again. */
  readonly isMoving: boolean;
}

export interface LookProgress {
  /** Addresses that were looked at. */
  readonly looked: number;
  /** Transactions that were found. */
  readonly found: number;
}

/** Bytes of all transactions of a look; in memory they take some ten times that. As many of the usual size as there may be are a tenth of it. */
const TRANSACTION_BYTES_MAX = 50_000_000;

/** Transactions whose bytes were fetched and checked: where a look is broken off, the next one need not ask for them again, of whatever server. */
export class FetchedTransactions {
  readonly #transactions = new Map<HashKey, Transaction>();
  /** Whose spends of the account's coins were found good. */
  readonly #judged = new Set<HashKey>();
  #size = 0;

  has(key: HashKey): boolean {
    return this.#transactions.has(key);
  }

  get(key: HashKey): Transaction | undefined {
    return this.#transactions.get(key);
  }

  /** Of the account's own: they are here anyhow, and count for nothing. */
  know(key: HashKey, transaction: Transaction): void {
    this.#transactions.set(key, transaction);
  }

  /** Rejects with `too-many` where there is no room for it: nothing is kept then. */
  add(key: HashKey, transaction: Transaction, size: number): void {
    this.#size += size;
    if (this.#size > TRANSACTION_BYTES_MAX) {
      this.clear();
      throw tooManyTransactions();
    }
    this.#transactions.set(key, transaction);
  }

  isJudged(key: HashKey): boolean {
    return this.#judged.has(key);
  }

  noteJudged(key: HashKey): void {
    this.#judged.add(key);
  }

  clear(): void {
    this.#transactions.clear();
    this.#judged.clear();
    this.#size = 0;
  }
}

/** Addresses of one part of a search: as many as one request to a Bitfleet server has. */
const LOOKED_AT_ONCE = 200;
/** Addresses far behind the last used one that a look asks for where each is a request: some thousand have their turn within half an hour. */
export const FAR_OF_A_LOOK = 100;
/** Transactions whose signatures are looked at in one go. */
const JUDGED_AT_ONCE = 20;
/** Looks in a row, as long as blocks come while one is made. */
const ATTEMPTS_MAX = 4;

export interface LookOptions {
  readonly onProgress?: ((progress: LookProgress) => void) | undefined;
  /** What was fetched before. */
  readonly bytes?: FetchedTransactions | undefined;
  /** Aborts where nothing new is to be looked at any more: what was found is answered. */
  readonly enough?: AbortSignal | undefined;
  /** Far addresses are all asked for, not some in turn: of a search it is said what it has found. */
  readonly isSearch?: boolean | undefined;
}

/**
 * Looks until nothing new is found: addresses that come into view by what was found are looked at, too. The account changes in nothing but how
 * far it watches. Rejects with `SourceProblem`, or `DishonestAnswer`.
 */
export async function look(
  account: CustodyAccount,
  source: ChainSource,
  signal: AbortSignal,
  { onProgress = () => {}, bytes = new FetchedTransactions(), enough, isSearch }: LookOptions = {},
): Promise<Look> {
  let before = await source.tip(signal);
  for (let attempt = 1; ; attempt++) {
    const gathered = await gather(account, source, signal, { onProgress, bytes, enough, isSearch });
    const after = await source.tip(signal);
    const isMoving = after.hash !== before.hash;
    // What was found until that was enough would not be asked for again.
    if (isMoving && attempt < ATTEMPTS_MAX && !enough?.aborted) {
      before = after;
      continue;
    }
    const snapshot = snapshotOf(gathered, after, bytes, account);
    try {
      checkSnapshot(snapshot);
    } catch (error) {
      // What waits changes between two requests: one payment and what replaced it may both be in an answer.
      if (!(error instanceof DishonestAnswer) || attempt >= ATTEMPTS_MAX) throw error;
      before = after;
      continue;
    }
    return {
      snapshot,
      tip: after,
      fees: feesOf(gathered),
      ranges: gathered.ranges,
      farNext: gathered.farNext,
      isMoving,
    };
  }
}

interface Gathered {
  readonly found: ReadonlyMap<HashKey, FoundTransaction>;
  readonly knownUpTo: number;
  readonly ranges: readonly ScriptRange[];
  readonly farNext: FarPlace | undefined;
}

interface Gathering extends LookOptions {
  readonly onProgress: (progress: LookProgress) => void;
  readonly bytes: FetchedTransactions;
}

async function gather(
  account: CustodyAccount,
  source: ChainSource,
  signal: AbortSignal,
  { onProgress, bytes, enough, isSearch }: Gathering,
): Promise<Gathered> {
  const found = new Map<HashKey, FoundTransaction>();
  const isKnown = (txid: Txid, blockHash: Uint8Array) => {
    const state = account.ledger.transaction(txid)?.state;
    return state?.kind === "confirmed" && equalBytes(state.block.hash, blockHash);
  };
  const known = account.ranges("looked");
  const asked: ScriptRange[] = [];
  const first = known.length === 0 ? { transactions: [], knownUpTo: -1 } : await source.history(known, isKnown, signal);
  await take(first.transactions);
  // By descriptors all of them are few requests.
  const farMost = source.protocol === "esplora" && isSearch !== true ? FAR_OF_A_LOOK : Number.POSITIVE_INFINITY;
  const far = farTurn(account.ranges("far"), account.farNext, farMost);
  const newOnes = () => withoutRanges(account.ranges("new"), asked);
  for (let next = [...newOnes(), ...far.ranges]; next.length > 0 && !enough?.aborted; next = [...newOnes()]) {
    for (const part of inParts(next)) {
      if (!(await ask(part))) break;
    }
  }
  await judge();
  // Where it was ended before them, the far ones have their turn with the next look.
  const farNext = enough?.aborted ? account.farNext : far.next;
  return { found, knownUpTo: first.knownUpTo, ranges: asked, farNext };

  /** False where that was enough. */
  async function ask(part: readonly ScriptRange[]): Promise<boolean> {
    let history: History;
    try {
      enough?.throwIfAborted();
      history = await source.history(part, undefined, enough ? AbortSignal.any([signal, enough]) : signal);
    } catch (error) {
      signal.throwIfAborted();
      if (enough?.aborted) return false;
      throw error;
    }
    asked.push(...part);
    await take(history.transactions);
    return true;
  }

  /** Refuses what spends coins of the account without leave, of all that is new. */
  async function judge(): Promise<void> {
    const { secp256k1 } = account.context;
    const isOwn = (script: Uint8Array) => account.keychain.ownerOf(script) !== undefined;
    const outputAt = ({ txid, index }: OutPoint) => {
      const record = account.ledger.transaction(txid);
      return (bytes.get(hashKey(txid)) ?? (record && transactionOf(record)))?.outputs[index];
    };
    let judged = 0;
    for (const key of found.keys()) {
      const transaction = bytes.get(key)!;
      if (bytes.isJudged(key) || isCoinbase(transaction)) continue;
      if (account.ledger.transaction(transaction.txid) !== undefined) continue;
      const known = transaction.inputs.map(({ previousOutput }) => outputAt(previousOutput));
      if (!known.some((output) => output !== undefined && isOwn(output.scriptPubKey))) continue;
      const others = new Map<string, TxOutput | undefined>();
      for (const outPoint of missingOutputs(transaction, known, isOwn))
        others.set(outPointKey(outPoint), await outputOfOthers(outPoint));
      const spent = transaction.inputs.map(({ previousOutput: one }, at) => known[at] ?? others.get(outPointKey(one)));
      // What a server without an index of transactions cannot show keeps nobody from its wallet.
      if (missingOutputs(transaction, spent, isOwn).length > 0) continue;
      checkOwnSpends(transaction, spent, isOwn, secp256k1);
      bytes.noteJudged(key);
      // A signature takes a millisecond or two: the page is not kept from all else.
      if (++judged % JUDGED_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      signal.throwIfAborted();
    }
  }

  async function outputOfOthers({ txid, index }: OutPoint): Promise<TxOutput | undefined> {
    try {
      const given = await source.transactionBytes({ txid, place: undefined }, signal);
      return transactionFromServer(given, txid).outputs[index];
    } catch (error) {
      if (error instanceof SourceProblem && error.kind === "not-a-server") return undefined;
      throw error;
    }
  }

  async function take(transactions: readonly FoundTransaction[]): Promise<void> {
    for (const one of transactions) found.set(hashKey(one.txid), one);
    if (found.size > TRANSACTIONS_MAX) throw tooManyTransactions();
    onProgress({ looked: countOf(known) + countOf(asked), found: found.size });
    const missing = transactions.filter(({ txid }) => {
      const key = hashKey(txid);
      const record = bytes.has(key) ? undefined : account.ledger.transaction(txid);
      if (record !== undefined) bytes.know(key, transactionOf(record));
      return !bytes.has(key);
    });
    await inParallel(missing, async (one) => {
      const given = await source.transactionBytes(one, signal);
      bytes.add(hashKey(one.txid), transactionFromServer(given, one.txid), given.length);
    });
    for (const { txid } of transactions) account.noteUse(bytes.get(hashKey(txid))!);
  }
}

/** Ranges in parts of as many addresses as are looked at before anybody is told how far it has come. */
function* inParts(ranges: readonly ScriptRange[]): Generator<readonly ScriptRange[]> {
  let part: ScriptRange[] = [];
  for (const range of ranges) {
    for (let from = range.from; from < range.end; ) {
      const end = Math.min(range.end, from + LOOKED_AT_ONCE - countOf(part));
      part.push(partOfRange(range, from, end));
      from = end;
      if (countOf(part) < LOOKED_AT_ONCE) continue;
      yield part;
      part = [];
    }
  }
  if (part.length > 0) yield part;
}

const countOf = (ranges: readonly ScriptRange[]) => ranges.reduce((sum, { from, end }) => sum + end - from, 0);

function snapshotOf(
  { found, knownUpTo }: Gathered,
  tip: ChainTip,
  bytes: FetchedTransactions,
  account: CustodyAccount,
): Snapshot {
  const hash = parseDisplayHash<BlockHash>(tip.hash);
  if (hash === undefined) throw new SourceProblem("unexpected", "The server's newest block has a hash that is none.");
  const transactions = [...found].map(([key, { place, seenAt }]) => {
    const transaction = bytes.get(key);
    if (transaction === undefined) throw new Error("a transaction was found and not fetched");
    return { transaction, place, seenAt };
  });
  const best = account.ledger.bestBlock();
  // The tip itself tells as much as a transaction in it would.
  const isSameTip = best !== undefined && equalBytes(best.hash, hash);
  return { tip: { hash, height: tip.height }, sameUpTo: isSameTip ? best.height : knownUpTo, transactions };
}

function feesOf({ found }: Gathered): ReadonlyMap<HashKey, Sats> {
  return new Map([...found].flatMap(([key, { fee }]) => (fee === undefined ? [] : [[key, fee] as const])));
}

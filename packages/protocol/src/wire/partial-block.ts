import { equalBytes } from "../bytes/bytes.ts";
import { SipHasher } from "../crypto/siphash.ts";
import { Block, type BlockHeader } from "../primitives/block.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { BLOCK_INDEX_MAX, type CompactBlockMessage, shortIdKeys } from "./compact-blocks.ts";

/** No block holds more: 4,000,000 weight units over the 40 of ten bytes outside the witness, the least that reads as a transaction. */
const TRANSACTION_COUNT_MAX = 100_000;

/** Short ids that fall into one bucket of as many buckets as ids. By chance more do once in a million blocks of 16,000 transactions. */
const BUCKET_SIZE_MAX = 12;

/** `invalid`: whoever sent it broke the protocol. `failed`: short ids collided, by chance or not; fetch the whole block. */
export type PartialBlockStatus = "ok" | "invalid" | "failed";

/** Where the transactions of a block came from, for the log. `mempool` includes `extra`. */
export interface PartialBlockCounts {
  readonly prefilled: number;
  readonly mempool: number;
  readonly extra: number;
  readonly requested: number;
  /** Bytes of the transactions that were requested. */
  readonly requestedSize: number;
}

/**
 * BIP152: a block on its way from a compact block to a whole one. {@link init} takes what is at hand, {@link missingIndexes}
 * says what to ask for, {@link fill} puts the answer in, once.
 */
export class PartialBlock {
  #header: BlockHeader | undefined;
  #transactions: (Transaction | undefined)[] = [];
  #counts = { prefilled: 0, mempool: 0, extra: 0, requested: 0, requestedSize: 0 };

  /** Header of the block; `undefined` before {@link init} and after {@link fill}. */
  get header(): BlockHeader | undefined {
    return this.#header;
  }

  get counts(): PartialBlockCounts {
    return { ...this.#counts };
  }

  get transactionCount(): number {
    return this.#transactions.length;
  }

  /**
   * Takes the transactions that the message brings, and looks for the others among `candidates` (the mempool) and `extra`
   * (dropped a short time ago). Only the first call may be answered "ok".
   */
  init(
    message: CompactBlockMessage,
    candidates: Iterable<Transaction>,
    extra: Iterable<Transaction> = [],
  ): PartialBlockStatus {
    const { header, shortIds, prefilled } = message;
    const count = shortIds.length + prefilled.length;
    // A header without a target is what Core takes for none.
    if (header.bits === 0 || count === 0 || count > TRANSACTION_COUNT_MAX) return "invalid";
    if (this.#header !== undefined || this.#transactions.length > 0) return "invalid";
    this.#header = header;
    this.#transactions = new Array<Transaction | undefined>(count).fill(undefined);
    if (!this.#takePrefilled(message)) return "invalid";

    const table = new ShortIdTable(shortIds.length);
    let index = 0;
    for (const id of shortIds) {
      while (this.#transactions[index] !== undefined) index++;
      if (!table.add(id, index++)) return "failed";
    }
    const search = new CandidateSearch(this.#transactions, table, new SipHasher(shortIdKeys(header, message.nonce)));
    search.takeFromMempool(candidates);
    search.takeFromExtra(extra);
    this.#counts.mempool = search.found;
    this.#counts.extra = search.foundInExtra;
    return "ok";
  }

  /** False where a place leaves a transaction before it without prefilled one and short id, or one is empty. */
  #takePrefilled({ shortIds, prefilled }: CompactBlockMessage): boolean {
    for (const [taken, { index, tx }] of prefilled.entries()) {
      if (tx.inputs.length === 0 && tx.outputs.length === 0) return false;
      if (index > BLOCK_INDEX_MAX || index > shortIds.length + taken) return false;
      this.#transactions[index] = tx;
    }
    this.#counts.prefilled = prefilled.length;
    return true;
  }

  isAvailable(index: number): boolean {
    return this.#transactions[index] !== undefined;
  }

  /** Places of the transactions to ask for, ascending. */
  missingIndexes(): readonly number[] {
    const missing: number[] = [];
    for (const [index, tx] of this.#transactions.entries()) if (tx === undefined) missing.push(index);
    return missing;
  }

  /**
   * The whole block, with `transactions` in the places of {@link missingIndexes}. "invalid" where they are too few (more may
   * come) or too many; "failed" where `isMutated` says that the transactions are not those of the header, as after
   * a collision of short ids. Unless there were too few, the partial block is used up.
   */
  fill(transactions: readonly Transaction[], isMutated: (block: Block) => boolean): Block | "invalid" | "failed" {
    const header = this.#header;
    const missing = this.missingIndexes();
    if (header === undefined || transactions.length < missing.length) return "invalid";
    const all = this.#transactions.slice();
    for (const [position, index] of missing.entries()) all[index] = transactions[position];
    this.#header = undefined;
    this.#transactions = [];
    if (transactions.length > missing.length) return "invalid";

    const block = new Block(header, all as Transaction[]);
    if (isMutated(block)) return "failed";
    this.#counts.requested = transactions.length;
    this.#counts.requestedSize = transactions.reduce((size, tx) => size + tx.size, 0);
    return block;
  }
}

/** Puts transactions into the places that their short ids name. */
class CandidateSearch {
  found = 0;
  foundInExtra = 0;
  readonly #transactions: (Transaction | undefined)[];
  readonly #table: ShortIdTable;
  readonly #hasher: SipHasher;
  /** For each place: was one found already, and was that in `extra`. */
  readonly #isTaken: Uint8Array;
  readonly #isExtra: Uint8Array;

  constructor(transactions: (Transaction | undefined)[], table: ShortIdTable, hasher: SipHasher) {
    this.#transactions = transactions;
    this.#table = table;
    this.#hasher = hasher;
    this.#isTaken = new Uint8Array(transactions.length);
    this.#isExtra = new Uint8Array(transactions.length);
  }

  /**
   * Two with one short id leave the place empty: to ask for it costs less than a block that comes out wrong. The same object again
   * is no second.
   */
  takeFromMempool(candidates: Iterable<Transaction>): void {
    this.#take(candidates, false);
  }

  /** As the mempool's, but one that was found there already is no second. */
  takeFromExtra(candidates: Iterable<Transaction>): void {
    this.#take(candidates, true);
  }

  #take(candidates: Iterable<Transaction>, isExtra: boolean): void {
    for (const tx of candidates) {
      // Once all are found, the rest is not searched for a second match: that is rare, the search is not.
      if (this.found === this.#table.size) return;
      const index = this.#table.find(this.#hasher.hashLow48(tx.wtxid));
      if (index === undefined) continue;
      if (this.#isTaken[index] === 0) this.#put(index, tx, isExtra);
      else this.#drop(index, tx, isExtra);
    }
  }

  #put(index: number, tx: Transaction, isExtra: boolean): void {
    this.#transactions[index] = tx;
    this.#isTaken[index] = 1;
    this.found++;
    if (!isExtra) return;
    this.#isExtra[index] = 1;
    this.foundInExtra++;
  }

  #drop(index: number, tx: Transaction, isExtra: boolean): void {
    const present = this.#transactions[index];
    if (present === undefined || present === tx || (isExtra && equalBytes(present.wtxid, tx.wtxid))) return;
    this.#transactions[index] = undefined;
    this.found--;
    if (this.#isExtra[index] === 1) this.foundInExtra--;
  }
}

/**
 * Places by short id, in as many buckets as ids. A plain Map would do, were the ids not the sender's choice: with ids that share a
 * bucket, adding and finding would take long, so a bucket that is too full is refused.
 */
class ShortIdTable {
  readonly size: number;
  readonly #ids: Float64Array;
  readonly #places: Uint32Array;
  /** Position of the first entry of each bucket, and of the next of each entry; -1 for none. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  #count = 0;

  constructor(size: number) {
    this.size = size;
    this.#ids = new Float64Array(size);
    this.#places = new Uint32Array(size);
    this.#first = new Int32Array(size).fill(-1);
    this.#next = new Int32Array(size).fill(-1);
  }

  /** False where the id is there already, or its bucket is full. */
  add(id: number, place: number): boolean {
    const bucket = this.#bucketOf(id);
    let others = 0;
    for (let entry = this.#first[bucket]!; entry !== -1; entry = this.#next[entry]!) {
      if (this.#ids[entry] === id || ++others === BUCKET_SIZE_MAX) return false;
    }
    this.#ids[this.#count] = id;
    this.#places[this.#count] = place;
    this.#next[this.#count] = this.#first[bucket]!;
    this.#first[bucket] = this.#count++;
    return true;
  }

  /** By the low 32 bits: a division of more takes longer than all the rest. */
  #bucketOf(id: number): number {
    return (id >>> 0) % this.size;
  }

  find(id: number): number | undefined {
    for (let entry = this.#first[this.#bucketOf(id)] ?? -1; entry !== -1; entry = this.#next[entry]!) {
      if (this.#ids[entry] === id) return this.#places[entry];
    }
    return undefined;
  }
}

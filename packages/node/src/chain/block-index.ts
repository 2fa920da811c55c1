import type { ChainLink } from "@bitfleet/protocol/consensus/chain-view.ts";
import { workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import {
  type BlockHash,
  type HashKey,
  hashFromKey,
  hashKey,
  type MerkleRoot,
  ZERO_HASH,
} from "@bitfleet/protocol/primitives/types.ts";
import type { FilePosition } from "../ports.ts";
import { BlockStatus, type StoredBlockIndexEntry } from "./block-index-codec.ts";

/** Sequence of blocks on the best chain when they are loaded: they win against what else is on disk. */
const SEQUENCE_BEST_FROM_DISK = 0;
/** Sequence of other blocks on disk, whose order of arrival is no longer known, and of headers without data. */
export const SEQUENCE_FROM_DISK = 1;

/** Header objects kept ready; older ones are made anew when asked for. A retarget period and then some. */
const HEADERS_KEPT = 4096;

/**
 * The entries that hold a header object, oldest first. An entry keeps its fields as numbers and two short strings, some 300
 * bytes a block; a `BlockHeader` with its byte arrays takes twice that, and the rules ask mostly for the newest.
 */
class HeaderRing {
  readonly #entries: (BlockIndexEntry | undefined)[] = new Array(HEADERS_KEPT);
  #next = 0;

  keep(entry: BlockIndexEntry): void {
    this.#entries[this.#next]?.forgetHeader();
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % HEADERS_KEPT;
  }
}

const headerRing = new HeaderRing();

/**
 * A header that we know, and what we know of its block. One object a header: compare with `===`. Only the chain writes the
 * fields that are not `readonly`.
 */
export class BlockIndexEntry implements ChainLink {
  /** The hash as key of a Map. */
  readonly key: HashKey;
  readonly height: number;
  readonly chainwork: bigint;
  readonly previous: BlockIndexEntry | undefined;
  /** An ancestor far back, so that any is reached in O(log n) steps. */
  readonly skip: BlockIndexEntry | undefined;
  /** Latest time of any block of the chain up to this one, in seconds. */
  readonly timeMax: number;
  readonly version: number;
  /** Seconds since 1970, as the header has it. */
  readonly time: number;
  readonly bits: number;
  readonly nonce: number;
  readonly #merkleRoot: HashKey;
  #header: BlockHeader | undefined;

  /** Bits of {@link BlockStatus}. */
  status = 0;
  /** Transactions of the block; 0 until its data was received. */
  transactionCount = 0;
  /** Transactions of the chain up to this block; 0 until every block of it was received. */
  chainTransactionCount = 0;
  /** Order in which complete chains arrived: of two of equal work the lower wins. Negative after preciousBlock. */
  sequenceId = SEQUENCE_FROM_DISK;
  /** Number of the blk/rev pair. */
  file = 0;
  dataOffset = 0;
  undoOffset = 0;

  constructor(header: BlockHeader, previous: BlockIndexEntry | undefined) {
    this.key = hashKey(header.hash);
    this.height = previous === undefined ? 0 : previous.height + 1;
    this.chainwork = (previous?.chainwork ?? 0n) + workOfBits(header.bits);
    this.previous = previous;
    this.skip = previous?.ancestor(skipHeight(this.height));
    this.timeMax = Math.max(previous?.timeMax ?? 0, header.time);
    this.version = header.version;
    this.time = header.time;
    this.bits = header.bits;
    this.nonce = header.nonce;
    this.#merkleRoot = hashKey(header.merkleRoot);
  }

  get header(): BlockHeader {
    if (this.#header === undefined) {
      const { version, time, bits, nonce } = this;
      const previousBlockHash = this.previous?.hash ?? (ZERO_HASH as BlockHash);
      const merkleRoot = hashFromKey<MerkleRoot>(this.#merkleRoot);
      const fields = { version, previousBlockHash, merkleRoot, time, bits, nonce };
      this.#header = new BlockHeader(fields, hashFromKey<BlockHash>(this.key));
      headerRing.keep(this);
    }
    return this.#header;
  }

  /** Lets the header object go; the next reader of {@link header} gets a new one. */
  forgetHeader(): void {
    this.#header = undefined;
  }

  get hash(): BlockHash {
    return this.#header?.hash ?? hashFromKey<BlockHash>(this.key);
  }

  get hasData(): boolean {
    return (this.status & BlockStatus.HAVE_DATA) !== 0;
  }

  get hasUndo(): boolean {
    return (this.status & BlockStatus.HAVE_UNDO) !== 0;
  }

  /** Breaks a rule, or builds on a block that does. */
  get isInvalid(): boolean {
    return (this.status & BlockStatus.FAILED_VALID) !== 0;
  }

  /** Invalid because the operator has taken the chain back from it, and for no other reason. */
  get isSetAside(): boolean {
    return (this.status & BlockStatus.SET_ASIDE) !== 0;
  }

  /** How far the block was checked: one of the VALID_* values. */
  get validity(): number {
    return this.status & BlockStatus.VALID_MASK;
  }

  /** Whether the block was checked at least as far as `level` (a VALID_* value) and is not invalid. */
  isValid(level: number): boolean {
    return !this.isInvalid && this.validity >= level;
  }

  get dataPosition(): FilePosition | undefined {
    return this.hasData ? { file: this.file, offset: this.dataOffset } : undefined;
  }

  get undoPosition(): FilePosition | undefined {
    return this.hasUndo ? { file: this.file, offset: this.undoOffset } : undefined;
  }

  /** Notes that the block was checked as far as `level`, unless it already was. True where that is news. */
  raiseValidity(level: number): boolean {
    if (this.isInvalid || this.validity >= level) return false;
    this.status = (this.status & ~BlockStatus.VALID_MASK) | level;
    return true;
  }

  ancestor(height: number): BlockIndexEntry | undefined {
    if (height > this.height || height < 0) return undefined;
    let entry: BlockIndexEntry = this;
    while (entry.height > height) {
      // The long jump where it does not overshoot, unless a step back first would allow a longer one.
      const jump = skipHeight(entry.height);
      const jumpAfterStep = skipHeight(entry.height - 1);
      const stepFirst = jumpAfterStep < jump - 2 && jumpAfterStep >= height;
      const takeJump = jump === height || (jump > height && !stepFirst);
      entry = (takeJump ? entry.skip : undefined) ?? entry.previous!;
    }
    return entry;
  }

  /** What the database keeps. */
  stored(): StoredBlockIndexEntry {
    const { header, height, status, transactionCount, file, dataOffset, undoOffset } = this;
    return { header, height, status, transactionCount, file, dataOffset, undoOffset };
  }
}

/**
 * Height that the skip pointer of a block at `height` leads to: the height with its lowest one-bits cleared, so that a walk by
 * pointers, each shorter than the last, needs O(log n) steps (as in a skip list, without its randomness).
 */
function skipHeight(height: number): number {
  if (height < 2) return 0;
  const clearLowest = (value: number) => value & (value - 1);
  return height & 1 ? clearLowest(clearLowest(height - 1)) + 1 : clearLowest(height);
}

/** The highest block that both chains share. They share genesis at least. */
export function commonAncestor(a: BlockIndexEntry, b: BlockIndexEntry): BlockIndexEntry {
  const height = Math.min(a.height, b.height);
  let left = a.ancestor(height)!;
  let right = b.ancestor(height)!;
  while (left !== right) {
    // Equal skip pointers may lead below the fork; different ones never do.
    const skipBoth = left.skip !== undefined && left.skip !== right.skip;
    left = skipBoth ? left.skip! : left.previous!;
    right = skipBoth ? right.skip! : right.previous!;
  }
  return left;
}

/**
 * Which of two branches the node prefers: positive where `a` is better. More work first, then the one that was complete
 * earlier, then, for a total order among blocks of an earlier run, the hash.
 */
export function compareBranches(a: BlockIndexEntry, b: BlockIndexEntry): number {
  if (a.chainwork !== b.chainwork) return a.chainwork > b.chainwork ? 1 : -1;
  if (a.sequenceId !== b.sequenceId) return b.sequenceId - a.sequenceId;
  return a.key === b.key ? 0 : a.key < b.key ? 1 : -1;
}

/** Every header we know, by hash, and which of them changed since they were last written. */
export class BlockIndex {
  readonly #entries = new Map<HashKey, BlockIndexEntry>();
  readonly #dirty = new Set<BlockIndexEntry>();
  /** Taken to be written, and not yet known to be on disk. */
  #leaving: ReadonlySet<BlockIndexEntry> = new Set();
  /** Blocks with data whose ancestors' data is not complete, by the previous block. */
  readonly #waiting = new Map<BlockIndexEntry, BlockIndexEntry[]>();
  #bestHeader: BlockIndexEntry | undefined;
  #sequenceNext = SEQUENCE_FROM_DISK + 1;

  get size(): number {
    return this.#entries.size;
  }

  get dirtyCount(): number {
    return this.#dirty.size;
  }

  /** The header with the most work that is not known to be invalid; `undefined` in an empty index. */
  get bestHeader(): BlockIndexEntry | undefined {
    return this.#bestHeader;
  }

  entries(): IterableIterator<BlockIndexEntry> {
    return this.#entries.values();
  }

  find(hash: BlockHash): BlockIndexEntry | undefined {
    return this.#entries.get(hashKey(hash));
  }

  /** Adds a header that passed the header rules, or returns its entry. */
  addHeader(header: BlockHeader, previous: BlockIndexEntry | undefined): BlockIndexEntry {
    const known = this.find(header.hash);
    if (known !== undefined) return known;
    const entry = this.#insert(header, previous);
    entry.raiseValidity(BlockStatus.VALID_TREE);
    this.markDirty(entry);
    this.#considerHeader(entry);
    return entry;
  }

  /** Adds an entry as it was stored. Entries come in order of height; `previous` is already here. */
  addStored(stored: StoredBlockIndexEntry, previous: BlockIndexEntry | undefined): BlockIndexEntry {
    const entry = this.#insert(stored.header, previous);
    entry.status = stored.status & ~BlockStatus.FAILED_CHILD;
    entry.transactionCount = stored.transactionCount;
    entry.file = stored.file;
    entry.dataOffset = stored.dataOffset;
    entry.undoOffset = stored.undoOffset;
    const isInvalid = (stored.status & BlockStatus.FAILED_CHILD) !== 0 || previous?.isInvalid === true;
    if (isInvalid) entry.status |= BlockStatus.FAILED_VALID;
    if (entry.status !== stored.status) this.markDirty(entry);
    if (entry.transactionCount > 0) this.#link(entry);
    this.#considerHeader(entry);
    return entry;
  }

  /**
   * Notes where the data of a block is. Returns the blocks whose chain is complete with it, this one first: none where a
   * block further down is missing.
   */
  addData(entry: BlockIndexEntry, position: FilePosition, transactionCount: number, hasWitnessRules: boolean) {
    entry.transactionCount = transactionCount;
    entry.file = position.file;
    entry.dataOffset = position.offset;
    entry.undoOffset = 0;
    entry.status |= BlockStatus.HAVE_DATA;
    if (hasWitnessRules) entry.status |= BlockStatus.OPT_WITNESS;
    entry.raiseValidity(BlockStatus.VALID_TRANSACTIONS);
    this.markDirty(entry);
    const complete: BlockIndexEntry[] = [];
    const queue = this.#link(entry) ? [entry] : [];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      next.sequenceId = this.#sequenceNext++;
      complete.push(next);
      const waiting = this.#waiting.get(next) ?? [];
      this.#waiting.delete(next);
      for (const child of waiting) if (this.#link(child)) queue.push(child);
    }
    return complete;
  }

  /** Forgets the data of every block that is stored in one of these block files. */
  dropFiles(files: ReadonlySet<number>): void {
    for (const entry of this.#entries.values()) {
      if (!(entry.hasData || entry.hasUndo) || !files.has(entry.file)) continue;
      entry.status &= ~(BlockStatus.HAVE_DATA | BlockStatus.HAVE_UNDO);
      entry.file = 0;
      entry.dataOffset = 0;
      entry.undoOffset = 0;
      this.markDirty(entry);
      // It is to be downloaded again, and waits again then where it has to.
      this.#stopWaiting(entry);
    }
  }

  /** Has a block with data, on top of one without, come back as complete when the data of that one does. */
  waitForPrevious(entry: BlockIndexEntry): void {
    const waiting = this.#waiting.get(entry.previous!);
    if (waiting === undefined) this.#waiting.set(entry.previous!, [entry]);
    else if (!waiting.includes(entry)) waiting.push(entry);
  }

  /** Blocks of the chain that is loaded as best win against others of equal work. */
  noteLoadedBest(tip: BlockIndexEntry): void {
    for (let entry: BlockIndexEntry | undefined = tip; entry !== undefined; entry = entry.previous)
      entry.sequenceId = SEQUENCE_BEST_FROM_DISK;
  }

  /** Marks a block and everything that builds upon it as invalid. Returns what was marked. */
  markInvalid(entry: BlockIndexEntry): readonly BlockIndexEntry[] {
    const marked: BlockIndexEntry[] = [];
    for (const other of this.#entries.values()) {
      // Entries stand behind those they build upon, and what builds upon an invalid one is invalid: one pass finds all.
      if (other.isInvalid || (other !== entry && other.previous?.isInvalid !== true)) continue;
      other.status |= BlockStatus.FAILED_VALID;
      this.markDirty(other);
      marked.push(other);
    }
    this.#chooseBestHeader();
    return marked;
  }

  /** The same where no rule is broken, and the chain is led elsewhere. */
  setAside(entry: BlockIndexEntry): readonly BlockIndexEntry[] {
    const marked = this.markInvalid(entry);
    for (const other of marked) other.status |= BlockStatus.SET_ASIDE;
    return marked;
  }

  /**
   * Takes back {@link markInvalid} from a block, its ancestors and its descendants. What was set aside comes back with what is set aside
   * itself only: not as a descendant of another block. Returns what was unmarked.
   */
  clearInvalid(entry: BlockIndexEntry): readonly BlockIndexEntry[] {
    const cleared: BlockIndexEntry[] = [];
    const related = new Set<BlockIndexEntry>([entry]);
    const isAside = ({ status }: BlockIndexEntry) => (status & BlockStatus.SET_ASIDE) !== 0;
    for (const other of this.#entries.values()) {
      if (isAside(other) && !isAside(entry)) continue;
      if (other.previous !== undefined && related.has(other.previous)) related.add(other);
    }
    for (let ancestor = entry.previous; ancestor !== undefined; ancestor = ancestor.previous) related.add(ancestor);
    for (const other of related) {
      if (!other.isInvalid) continue;
      other.status &= ~(BlockStatus.FAILED_VALID | BlockStatus.SET_ASIDE);
      this.markDirty(other);
      cleared.push(other);
    }
    this.#chooseBestHeader();
    return cleared;
  }

  markDirty(entry: BlockIndexEntry): void {
    this.#dirty.add(entry);
  }

  /** The entries changed since the last call, for the database; {@link written} is called when they are there. */
  takeDirty(): readonly BlockIndexEntry[] {
    const dirty = [...this.#dirty];
    this.#leaving = new Set(dirty);
    this.#dirty.clear();
    return dirty;
  }

  /** What {@link takeDirty} gave last would survive a crash. */
  written(): void {
    this.#leaving = new Set();
  }

  /** Whether a crash would leave the entry as it is now, and with it the block and the undo data that it points to. */
  isOnDisk(entry: BlockIndexEntry): boolean {
    return !this.#dirty.has(entry) && !this.#leaving.has(entry);
  }

  #insert(header: BlockHeader, previous: BlockIndexEntry | undefined): BlockIndexEntry {
    const entry = new BlockIndexEntry(header, previous);
    this.#entries.set(entry.key, entry);
    return entry;
  }

  /** Counts the transactions of the chain up to a block with data, or lets it wait for the block before. */
  #link(entry: BlockIndexEntry): boolean {
    const { previous } = entry;
    if (previous === undefined || previous.chainTransactionCount > 0) {
      entry.chainTransactionCount = (previous?.chainTransactionCount ?? 0) + entry.transactionCount;
      return true;
    }
    this.waitForPrevious(entry);
    return false;
  }

  #stopWaiting(entry: BlockIndexEntry): void {
    if (entry.previous === undefined) return;
    const waiting = this.#waiting.get(entry.previous)?.filter((other) => other !== entry);
    if (waiting?.length === 0) this.#waiting.delete(entry.previous);
    else if (waiting !== undefined) this.#waiting.set(entry.previous, waiting);
  }

  #considerHeader(entry: BlockIndexEntry): void {
    if (!entry.isValid(BlockStatus.VALID_TREE)) return;
    if (this.#bestHeader === undefined || entry.chainwork > this.#bestHeader.chainwork) this.#bestHeader = entry;
  }

  /** The best header anew, after marks changed. An invalid one never stays; of equals the present one does. */
  #chooseBestHeader(): void {
    if (this.#bestHeader?.isInvalid) this.#bestHeader = undefined;
    for (const entry of this.#entries.values()) this.#considerHeader(entry);
  }
}

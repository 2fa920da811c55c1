import { type BlockIndexEntry, compareBranches } from "./block-index.ts";

/** Below this many, entries that can no longer win are not worth clearing out. */
const CLEAR_OUT_MIN = 64;

/** What is asked and told of candidates that are better than the tip. */
export interface CandidateJudge {
  /** One turned out to be invalid. */
  readonly onInvalid?: (entry: BlockIndexEntry) => void;
  /**
   * Whether no block on the way from the chain to `entry` was pruned; the way need not be followed beyond `known`. Where one
   * was, the candidate is dropped, to be added again when the block has come again.
   */
  readonly hasAllData?: (entry: BlockIndexEntry, known: BlockIndexEntry | undefined) => boolean;
}

/**
 * Blocks that may become the tip: their chains are complete, not known to be invalid, and were at least as good as the tip when
 * they were added. A binary heap, the best on top; what became invalid or weak is dropped when it comes up.
 */
export class BranchCandidates {
  #heap: BlockIndexEntry[] = [];
  #members = new Set<BlockIndexEntry>();
  #clearOutSize = CLEAR_OUT_MIN;
  readonly #judge: CandidateJudge;
  /** Known to have all its data, and what it builds upon. */
  #complete: BlockIndexEntry | undefined;

  constructor(judge: CandidateJudge = {}) {
    this.#judge = judge;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(entry: BlockIndexEntry): void {
    if (this.#members.has(entry)) return;
    this.#members.add(entry);
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
  }

  /** The best of the candidates and `tip` that is not invalid and has all its data. */
  best(tip: BlockIndexEntry | undefined): BlockIndexEntry | undefined {
    this.#clearOut(tip);
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (tip !== undefined && compareBranches(tip, top) >= 0) return tip;
      if (top.isInvalid) this.#judge.onInvalid?.(top);
      else if (this.#judge.hasAllData?.(top, this.#complete) ?? true) {
        this.#complete = top;
        return top;
      }
      this.#dropTop();
    }
    return tip;
  }

  /** Data of blocks was deleted: what was complete may be so no longer. */
  dataWasDropped(): void {
    this.#complete = undefined;
  }

  /** Starts over with `entries`: where marks or sequence numbers changed, the order of the heap is void. */
  reset(entries: Iterable<BlockIndexEntry>): void {
    this.#heap = [];
    this.#members = new Set();
    for (const entry of entries) this.add(entry);
    this.#clearOutSize = CLEAR_OUT_MIN;
  }

  #clearOut(tip: BlockIndexEntry | undefined): void {
    if (tip === undefined || this.#heap.length < this.#clearOutSize) return;
    this.reset(this.#heap.filter((entry) => compareBranches(entry, tip) > 0));
    this.#clearOutSize = Math.max(CLEAR_OUT_MIN, 2 * this.#heap.length);
  }

  #dropTop(): void {
    this.#members.delete(this.#heap[0]!);
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    const heap = this.#heap;
    for (let index = start; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (compareBranches(heap[index]!, heap[parent]!) <= 0) return;
      [heap[index], heap[parent]] = [heap[parent]!, heap[index]!];
      index = parent;
    }
  }

  #sink(start: number): void {
    const heap = this.#heap;
    for (let index = start; ; ) {
      let best = index;
      for (const child of [2 * index + 1, 2 * index + 2])
        if (child < heap.length && compareBranches(heap[child]!, heap[best]!) > 0) best = child;
      if (best === index) return;
      [heap[index], heap[best]] = [heap[best]!, heap[index]!];
      index = best;
    }
  }
}

/** Items that a block holds at most; a fuller one is cut in two. Long enough that blocks are few, short enough to shift items in. */
const BLOCK_ITEMS_MAX = 512;

/**
 * Items in the order of a comparison that tells all of them apart. Finding a place takes as many comparisons as the number of
 * items has bits; coming and going moves no more than a block of them.
 */
export class SortedList<Item> {
  readonly #compare: (a: Item, b: Item) => number;
  /** None is empty. */
  readonly #blocks: Item[][] = [];
  #size = 0;

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  get first(): Item | undefined {
    return this.#blocks[0]?.[0];
  }

  get last(): Item | undefined {
    return this.#blocks.at(-1)?.at(-1);
  }

  /** First to last. The list must not change meanwhile. */
  *[Symbol.iterator](): Generator<Item> {
    for (const block of this.#blocks) for (const item of block) yield item;
  }

  add(item: Item): void {
    this.#size++;
    const { last } = this;
    if (last === undefined) {
      this.#blocks.push([item]);
      return;
    }
    const { blockIndex, index } = this.#compare(last, item) < 0 ? this.#end : this.#placeOf(item);
    const block = this.#blocks[blockIndex]!;
    block.splice(index, 0, item);
    if (block.length > BLOCK_ITEMS_MAX) this.#blocks.splice(blockIndex + 1, 0, block.splice(block.length >>> 1));
  }

  /** Takes out an item that is here. */
  delete(item: Item): void {
    const { blockIndex, index } = this.#placeOf(item);
    const block = this.#blocks[blockIndex];
    if (block?.[index] !== item) throw new Error("the item is not in the list, or not where its order says");
    this.#size--;
    block.splice(index, 1);
    if (block.length === 0) this.#blocks.splice(blockIndex, 1);
  }

  /** Where what comes after all others belongs, as in a list by time nearly everything does. */
  get #end(): { readonly blockIndex: number; readonly index: number } {
    const blockIndex = this.#blocks.length - 1;
    return { blockIndex, index: this.#blocks[blockIndex]!.length };
  }

  /** Where an item is, or where it belongs: behind the last block at its end. */
  #placeOf(item: Item): { readonly blockIndex: number; readonly index: number } {
    const blocks = this.#blocks;
    const found = firstIndex(blocks.length, (at) => this.#compare(blocks[at]!.at(-1)!, item) >= 0);
    const blockIndex = Math.min(found, blocks.length - 1);
    const block = blocks[blockIndex] ?? [];
    return { blockIndex, index: firstIndex(block.length, (at) => this.#compare(block[at]!, item) >= 0) };
  }
}

/** The first index below `count` from which on `holds` is true; `count` where it never is. */
function firstIndex(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Entry<Item> {
  readonly item: Item;
  readonly timeMs: number;
  /** Of equal times the one that was pushed first comes first. */
  readonly order: number;
}

/** Items by the time they are due, earliest first. What became void meanwhile is for who takes them out to see. */
export class TimeHeap<Item> {
  readonly #entries: Entry<Item>[] = [];
  #order = 0;

  get size(): number {
    return this.#entries.length;
  }

  push(item: Item, timeMs: number): void {
    const entries = this.#entries;
    const entry = { item, timeMs, order: this.#order++ };
    let index = entries.length;
    entries.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(entries[parent]!, entry)) break;
      entries[index] = entries[parent]!;
      index = parent;
    }
    entries[index] = entry;
  }

  /** Takes out the earliest item that is due at `nowMs`. */
  popDue(nowMs: number): { readonly item: Item; readonly timeMs: number } | undefined {
    const first = this.#entries[0];
    if (first === undefined || first.timeMs > nowMs) return undefined;
    const last = this.#entries.pop()!;
    if (this.#entries.length > 0) this.#sink(last);
    return first;
  }

  #sink(entry: Entry<Item>): void {
    const entries = this.#entries;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child++;
      if (isBefore(entry, entries[child]!)) break;
      entries[index] = entries[child]!;
      index = child;
    }
    entries[index] = entry;
  }
}

function isBefore<Item>(a: Entry<Item>, b: Entry<Item>): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);
}

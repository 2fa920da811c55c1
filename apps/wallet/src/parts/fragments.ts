/** What was read so: it says something new, it says nothing new, or it cannot be with what is there. */
export type FragmentNews = "new" | "known" | "contradicts";

interface Row {
  /** Which fragments it is mixed of; the lowest one is its place among the rows. */
  readonly mask: Uint32Array;
  /** Filled up with zeros: long messages are mixed in a fraction of the time that byte by byte takes. */
  readonly data: Uint32Array<ArrayBuffer>;
}

const BITS = 32;
const WORD_SIZE = 4;

/**
 * Fragments of one length, found from what several of them are together (XOR). Each mix that does not follow from those before brings the whole nearer by exactly
 * one, whatever it is mixed of: all are known once there are as many. So it can be said how many are missing, and no more is kept than the message is long.
 */
export class Fragments {
  readonly count: number;
  readonly #rows: (Row | undefined)[];
  #foundCount = 0;
  #size = 0;

  constructor(count: number) {
    this.count = count;
    this.#rows = new Array<Row | undefined>(count);
  }

  /** How many of `count` are as good as there. */
  get foundCount(): number {
    return this.#foundCount;
  }

  /** `data` is of the same length each time, and is not kept. */
  add(fragments: readonly number[], data: Uint8Array): FragmentNews {
    const row = { mask: new Uint32Array(Math.ceil(this.count / BITS)), data: wordsOf(data) };
    this.#size = data.length;
    for (const fragment of fragments) row.mask[fragment >> 5]! ^= 1 << (fragment & 31);
    for (let place = 0; place < this.count; place++) {
      if (!has(row, place)) continue;
      const known = this.#rows[place];
      if (known === undefined) {
        this.#rows[place] = row;
        this.#foundCount++;
        return "new";
      }
      mix(row, known);
    }
    return row.data.every((word) => word === 0) ? "known" : "contradicts";
  }

  /** All fragments one after the other; `undefined` as long as one is missing. */
  joined(): Uint8Array | undefined {
    if (this.#foundCount < this.count) return undefined;
    // From the last one on, which is by itself, each row is left with its own fragment.
    for (let place = this.count - 1; place >= 0; place--) {
      const row = this.#rows[place]!;
      for (let other = place + 1; other < this.count; other++) if (has(row, other)) mix(row, this.#rows[other]!);
    }
    const size = this.#size;
    const all = new Uint8Array(size * this.count);
    this.#rows.forEach((row, place) => {
      all.set(new Uint8Array(row!.data.buffer, 0, size), place * size);
    });
    return all;
  }
}

function wordsOf(data: Uint8Array): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(data.length / WORD_SIZE));
  new Uint8Array(words.buffer).set(data);
  return words;
}

const has = ({ mask }: Row, place: number) => (mask[place >> 5]! & (1 << (place & 31))) !== 0;

function mix(into: Row, other: Row): void {
  for (let at = 0; at < into.mask.length; at++) into.mask[at]! ^= other.mask[at]!;
  for (let at = 0; at < into.data.length; at++) into.data[at]! ^= other.data[at]!;
}

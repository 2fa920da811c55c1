/** Slots for each entry: with half of them free, a search ends after one or two. */
const SLOTS_PER_ENTRY = 2;
const CAPACITY_MIN = 1024;
const PREFIX_DIGITS = 8;
/** Marks a free slot; the prefix of this value counts as the next one. */
const FREE = 0;

/**
 * Says of a hash that it was never added, from its first four bytes, in 8 to 16 bytes of memory for each. That it was added is only
 * likely, and is to be looked up.
 */
export class HashFilter {
  #slots = new Uint32Array(CAPACITY_MIN);
  #size = 0;

  add(hash: Uint8Array): void {
    this.#addPrefix(prefixOf(hash));
  }

  /** Prefixes of four bytes in hex, joined: as a database gives many thousands at once. */
  addHex(prefixes: string): void {
    for (let start = 0; start < prefixes.length; start += PREFIX_DIGITS) {
      this.#addPrefix(Number.parseInt(prefixes.slice(start, start + PREFIX_DIGITS), 16) >>> 0 || 1);
    }
  }

  mayHave(hash: Uint8Array): boolean {
    const prefix = prefixOf(hash);
    return this.#slots[this.#slotOf(prefix)] === prefix;
  }

  #addPrefix(prefix: number): void {
    const slot = this.#slotOf(prefix);
    if (this.#slots[slot] === prefix) return;
    this.#slots[slot] = prefix;
    this.#size++;
    if (this.#size * SLOTS_PER_ENTRY > this.#slots.length) this.#grow();
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (const prefix of old) if (prefix !== FREE) this.#slots[this.#slotOf(prefix)] = prefix;
  }

  /** Where the prefix stands, or the free slot for it. */
  #slotOf(prefix: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = prefix & mask;
    while (slots[slot] !== FREE && slots[slot] !== prefix) slot = (slot + 1) & mask;
    return slot;
  }
}

function prefixOf(hash: Uint8Array): number {
  return ((hash[0]! << 24) | (hash[1]! << 16) | (hash[2]! << 8) | hash[3]!) >>> 0 || FREE + 1;
}

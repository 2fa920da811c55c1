import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { KvBatch, KvEntry, KvRange, KvReader, KvSnapshot, KvStore } from "../ports.ts";

/** Kept in step with LevelDB's own estimate: what a batch takes per entry beside key and value. */
export const BATCH_ENTRY_OVERHEAD_BYTES = 8;

/** A store in memory, for tests and simulations. Behaves as the one on disk does, copies included. Begins with what `source`, another one, holds. */
export function openMemoryStore(source?: KvStore): KvStore {
  return new MemoryStore(source as MemoryStore | undefined);
}

type Contents = Map<string, Uint8Array>;

class MemoryBatch implements KvBatch {
  readonly operations: (readonly [key: string, value: Uint8Array | undefined])[] = [];
  sizeBytes = 0;

  put(key: Uint8Array, value: Uint8Array): void {
    this.operations.push([toLatin1(key), value.slice()]);
    this.sizeBytes += key.length + value.length + BATCH_ENTRY_OVERHEAD_BYTES;
  }

  delete(key: Uint8Array): void {
    this.operations.push([toLatin1(key), undefined]);
    this.sizeBytes += key.length + BATCH_ENTRY_OVERHEAD_BYTES;
  }
}

class MemoryReader implements KvReader {
  protected contents: Contents;

  constructor(contents: Contents) {
    this.contents = contents;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.contents.get(toLatin1(key))?.slice();
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return keys.map((key) => this.contents.get(toLatin1(key))?.slice());
  }

  async *iterate(range: KvRange): AsyncGenerator<KvEntry> {
    const entries: KvEntry[] = [];
    for (const [text, value] of this.contents) {
      const key = fromLatin1(text);
      const isInside =
        compareBytes(key, range.from) >= 0 && (range.to === undefined || compareBytes(key, range.to) < 0);
      if (isInside) entries.push({ key, value: value.slice() });
    }
    entries.sort((a, b) => compareBytes(a.key, b.key));
    if (range.reverse) entries.reverse();
    yield* entries.slice(0, range.limit);
  }
}

class MemorySnapshot extends MemoryReader implements KvSnapshot {
  async close(): Promise<void> {
    this.contents = new Map();
  }
}

class MemoryStore extends MemoryReader implements KvStore {
  /** Somebody else reads the contents too: the next change is made to a copy. */
  #isShared = false;

  constructor(source?: MemoryStore) {
    super(source?.contents ?? new Map());
    if (source === undefined) return;
    this.#isShared = true;
    source.#isShared = true;
  }

  newBatch(): KvBatch {
    return new MemoryBatch();
  }

  async write(batch: KvBatch): Promise<void> {
    // An iterator that has begun has all of its entries already.
    if (this.#isShared) this.contents = new Map(this.contents);
    this.#isShared = false;
    for (const [key, value] of (batch as MemoryBatch).operations) {
      if (value === undefined) this.contents.delete(key);
      else this.contents.set(key, value);
    }
  }

  snapshot(): KvSnapshot {
    this.#isShared = true;
    return new MemorySnapshot(this.contents);
  }

  async approximateSize(range: Required<Pick<KvRange, "from" | "to">>): Promise<number> {
    let size = 0;
    for await (const { key, value } of this.iterate(range)) size += key.length + value.length;
    return size;
  }

  async close(): Promise<void> {}
}

function toLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

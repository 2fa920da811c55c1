import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { KvBatch, KvEntry, KvRange, KvReader, KvSnapshot, KvStore } from "../ports.ts";

/** Kept in step with LevelDB's own estimate: what a batch takes per entry beside key and value. */
export const BATCH_ENTRY_OVERHEAD_BYTES = 8;

/** A store in memory, for tests and simulations. Behaves as the one on disk does, copies included. */
export function openMemoryStore(): KvStore {
  return new MemoryStore();
}

type Contents = ReadonlyMap<string, Uint8Array>;

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
    yield* range.reverse ? entries.reverse() : entries;
  }
}

class MemorySnapshot extends MemoryReader implements KvSnapshot {
  async close(): Promise<void> {
    this.contents = new Map();
  }
}

class MemoryStore extends MemoryReader implements KvStore {
  constructor() {
    super(new Map());
  }

  newBatch(): KvBatch {
    return new MemoryBatch();
  }

  async write(batch: KvBatch): Promise<void> {
    // A new map each time: snapshots and iterators under way keep the old one.
    const next = new Map(this.contents);
    for (const [key, value] of (batch as MemoryBatch).operations) {
      if (value === undefined) next.delete(key);
      else next.set(key, value);
    }
    this.contents = next;
  }

  snapshot(): KvSnapshot {
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

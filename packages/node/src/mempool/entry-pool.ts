import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  outPointKeyOf,
  type Sats,
  type Txid,
  type Wtxid,
} from "@bitfleet/protocol/primitives/types.ts";
import { compareChunks, orderCluster } from "./cluster-order.ts";
import { type Chunk, type Cluster, connectedWith, type Entry, type OrderedChunk } from "./entry.ts";
import { SortedList } from "./sorted-list.ts";

/**
 * Entries that may wait for their cluster to be worked out. More at once would make whoever asks for the order next wait long;
 * fewer, and a cluster that grows would be worked out for each of its transactions.
 */
const UNORDERED_MAX = 1000;

/** The transactions of the mempool, the outputs they spend, and how they depend on one another. Knows no rules. */
export class EntryPool {
  readonly #byTxid = new Map<HashKey, Entry>();
  readonly #byWtxid = new Map<HashKey, Entry>();
  readonly #spenders = new Map<OutPointKey, Entry>();
  readonly #byAge = new SortedList<Entry>(compareAges);
  /** Chunks of the clusters that were worked out, in the order of mining. */
  readonly #chunks = new SortedList<OrderedChunk>(compareChunks);
  /** Entries whose cluster is to be worked out: all of a cluster or none. */
  readonly #unordered = new Set<Entry>();
  #addedCount = 0;
  #virtualSize = 0;
  #usageBytes = 0;
  #totalFee: Sats = 0n;

  get size(): number {
    return this.#byTxid.size;
  }

  /** Of all transactions together, in vbytes. */
  get virtualSize(): number {
    return this.#virtualSize;
  }

  get usageBytes(): number {
    return this.#usageBytes;
  }

  /** Without what the operator added. */
  get totalFee(): Sats {
    return this.#totalFee;
  }

  get(txid: Txid): Entry | undefined {
    return this.#byTxid.get(hashKey(txid));
  }

  getByWtxid(wtxid: Wtxid): Entry | undefined {
    return this.#byWtxid.get(hashKey(wtxid));
  }

  /** In the order in which they came. */
  entries(): IterableIterator<Entry> {
    return this.#byTxid.values();
  }

  spenderOf(key: OutPointKey): Entry | undefined {
    return this.#spenders.get(key);
  }

  /** The entries whose outputs `tx` spends. */
  parentsOf(tx: Transaction): ReadonlySet<Entry> {
    return entriesOf(tx.inputs, ({ previousOutput }) => this.get(previousOutput.txid));
  }

  /** The entries that spend outputs of `tx`: there are none but for one that comes back from a block. */
  childrenOf(tx: Transaction): ReadonlySet<Entry> {
    const txid = hashKey(tx.txid);
    return entriesOf([...tx.outputs.keys()], (index) => this.spenderOf(outPointKeyOf(txid, index)));
  }

  /** The entries that spend an output that `tx` spends, itself left out. */
  conflictsOf(tx: Transaction): ReadonlySet<Entry> {
    const own = this.get(tx.txid);
    return entriesOf(tx.inputs, ({ previousOutput }) => {
      const spender = this.spenderOf(outPointKey(previousOutput));
      return spender === own ? undefined : spender;
    });
  }

  /** The entries that came before a time, in seconds since 1970. */
  enteredBefore(seconds: number): readonly Entry[] {
    const found: Entry[] = [];
    for (const entry of this.#byAge) {
      if (entry.timeSeconds >= seconds) break;
      found.push(entry);
    }
    return found;
  }

  /**
   * Adds an entry that conflicts with none, and links it with its parents. It has no children here, but where it comes back
   * from a block: then {@link adoptChildren} links those.
   */
  add(entry: Entry): void {
    const { tx } = entry;
    this.#byTxid.set(hashKey(tx.txid), entry);
    this.#byWtxid.set(hashKey(tx.wtxid), entry);
    for (const { previousOutput } of tx.inputs) this.#spenders.set(outPointKey(previousOutput), entry);
    entry.addedBefore = this.#addedCount++;
    this.#byAge.add(entry);
    this.#unordered.add(entry);
    for (const parent of this.parentsOf(tx)) this.#link(parent, entry);
    this.#virtualSize += entry.virtualSize;
    this.#usageBytes += entry.usageBytes;
    this.#totalFee += entry.fee;
    if (this.#unordered.size > UNORDERED_MAX) this.#orderAll();
  }

  /** Links an entry with those that spend its outputs already. */
  adoptChildren(entry: Entry): void {
    for (const child of this.childrenOf(entry.tx)) this.#link(entry, child);
  }

  /** Takes an entry out and leaves its descendants, which miss a parent then unless a block has it. */
  remove(entry: Entry): void {
    const { tx } = entry;
    this.#forgetCluster(entry);
    this.#unordered.delete(entry);
    this.#byTxid.delete(hashKey(tx.txid));
    this.#byWtxid.delete(hashKey(tx.wtxid));
    for (const { previousOutput } of tx.inputs) this.#spenders.delete(outPointKey(previousOutput));
    this.#byAge.delete(entry);
    entry.unlink();
    this.#virtualSize -= entry.virtualSize;
    this.#usageBytes -= entry.usageBytes;
    this.#totalFee -= entry.fee;
  }

  /** Changes what the operator adds to an entry's fee. */
  setFeeDelta(entry: Entry, feeDelta: Sats): void {
    this.#forgetCluster(entry);
    entry.feeDelta = feeDelta;
  }

  /** What `entry` is connected with, in the order of mining. */
  clusterOf(entry: Entry): Cluster {
    return entry.cluster ?? this.#orderAround(entry);
  }

  /** The chunk that `entry` is in. */
  chunkOf(entry: Entry): Chunk {
    return this.clusterOf(entry).chunks.find(({ entries }) => entries.includes(entry))!;
  }

  /** All chunks, what pays best first; parents before children. To be read before anything changes. */
  chunksInMiningOrder(): Iterable<OrderedChunk> {
    this.#orderAll();
    return this.#chunks;
  }

  /** The chunk that is mined last; `undefined` where there is none. Nothing else depends on it. */
  worstChunk(): Chunk | undefined {
    this.#orderAll();
    return this.#chunks.last;
  }

  #orderAll(): void {
    for (const entry of this.#unordered) this.#orderAround(entry);
  }

  #orderAround(entry: Entry): Cluster {
    const cluster = orderCluster(connectedWith(entry));
    for (const member of cluster.entries) {
      member.cluster = cluster;
      this.#unordered.delete(member);
    }
    for (const chunk of cluster.chunks) this.#chunks.add(chunk);
    return cluster;
  }

  #link(parent: Entry, child: Entry): void {
    this.#forgetCluster(parent);
    this.#forgetCluster(child);
    parent.linkChild(child);
  }

  #forgetCluster({ cluster }: Entry): void {
    if (cluster === undefined) return;
    for (const chunk of cluster.chunks) this.#chunks.delete(chunk);
    for (const member of cluster.entries) {
      member.cluster = undefined;
      this.#unordered.add(member);
    }
  }
}

/** The oldest first, and among those of a second the one that was added first. */
function compareAges(a: Entry, b: Entry): number {
  return a.timeSeconds - b.timeSeconds || a.addedBefore - b.addedBefore;
}

function entriesOf<Item>(items: readonly Item[], find: (item: Item) => Entry | undefined): ReadonlySet<Entry> {
  const found = new Set<Entry>();
  for (const item of items) {
    const entry = find(item);
    if (entry !== undefined) found.add(entry);
  }
  return found;
}

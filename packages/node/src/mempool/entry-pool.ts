import { compareFeerates } from "@bitfleet/protocol/policy/feerate.ts";
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
import { type Chunk, type Cluster, connectedWith, type Entry } from "./entry.ts";
import { linearize } from "./linearize.ts";

/** The transactions of the mempool, the outputs they spend, and how they depend on one another. Knows no rules. */
export class EntryPool {
  readonly #byTxid = new Map<HashKey, Entry>();
  readonly #byWtxid = new Map<HashKey, Entry>();
  readonly #spenders = new Map<OutPointKey, Entry>();
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

  /** Adds an entry that conflicts with none, and links it with its parents and children. */
  add(entry: Entry): void {
    const { tx } = entry;
    this.#byTxid.set(hashKey(tx.txid), entry);
    this.#byWtxid.set(hashKey(tx.wtxid), entry);
    for (const { previousOutput } of tx.inputs) this.#spenders.set(outPointKey(previousOutput), entry);
    for (const parent of this.parentsOf(tx)) link(parent, entry);
    for (const child of this.childrenOf(tx)) link(entry, child);
    this.#virtualSize += entry.virtualSize;
    this.#usageBytes += entry.usageBytes;
    this.#totalFee += entry.fee;
    forgetCluster(entry);
  }

  /** Takes an entry out and leaves its descendants, which miss a parent then unless a block has it. */
  remove(entry: Entry): void {
    const { tx } = entry;
    forgetCluster(entry);
    this.#byTxid.delete(hashKey(tx.txid));
    this.#byWtxid.delete(hashKey(tx.wtxid));
    for (const { previousOutput } of tx.inputs) this.#spenders.delete(outPointKey(previousOutput));
    for (const parent of entry.parents) parent.children.delete(entry);
    for (const child of entry.children) child.parents.delete(entry);
    entry.parents.clear();
    entry.children.clear();
    this.#virtualSize -= entry.virtualSize;
    this.#usageBytes -= entry.usageBytes;
    this.#totalFee -= entry.fee;
  }

  /** Changes what the operator adds to an entry's fee. */
  setFeeDelta(entry: Entry, feeDelta: Sats): void {
    entry.feeDelta = feeDelta;
    forgetCluster(entry);
  }

  /** What `entry` is connected with, in the order of mining. */
  clusterOf(entry: Entry): Cluster {
    return entry.cluster ?? orderCluster(entry);
  }

  /** The chunk that `entry` is in. */
  chunkOf(entry: Entry): Chunk {
    return this.clusterOf(entry).chunks.find(({ entries }) => entries.includes(entry))!;
  }

  /** All chunks, what pays best first; parents before children. */
  chunksInMiningOrder(): readonly Chunk[] {
    const clusters = new Set<Cluster>();
    for (const entry of this.entries()) clusters.add(this.clusterOf(entry));
    // Stable: among chunks of one feerate those of a cluster keep their order.
    return [...clusters].flatMap(({ chunks }) => chunks).sort((a, b) => compareFeerates(b, a));
  }
}

function entriesOf<Item>(items: readonly Item[], find: (item: Item) => Entry | undefined): ReadonlySet<Entry> {
  const found = new Set<Entry>();
  for (const item of items) {
    const entry = find(item);
    if (entry !== undefined) found.add(entry);
  }
  return found;
}

function link(parent: Entry, child: Entry): void {
  parent.children.add(child);
  child.parents.add(parent);
}

function forgetCluster(entry: Entry): void {
  for (const member of connectedWith(entry)) {
    if (member.cluster !== undefined) for (const other of member.cluster.entries) other.cluster = undefined;
  }
}

function orderCluster(entry: Entry): Cluster {
  const members = [...connectedWith(entry)].sort((a, b) => a.sequence - b.sequence);
  const positions = new Map(members.map((member, index) => [member, index]));
  const chunks = linearize(
    members.map((member) => ({
      fee: member.modifiedFee,
      size: member.adjustedWeight,
      parents: [...member.parents].map((parent) => positions.get(parent)!),
    })),
  ).map(({ fee, size, members: indexes }) => ({ fee, size, entries: indexes.map((index) => members[index]!) }));
  const cluster: Cluster = { entries: chunks.flatMap(({ entries }) => entries), chunks };
  for (const member of members) member.cluster = cluster;
  return cluster;
}

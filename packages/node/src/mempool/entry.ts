import { adjustedWeight, type FeeAndSize, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats, Txid } from "@bitfleet/protocol/primitives/types.ts";

/** A transaction of the mempool as everyone but the mempool sees it. */
export interface MempoolEntry {
  readonly tx: Transaction;
  readonly fee: Sats;
  /** With what the operator added or took (`prioritisetransaction`); may be negative. */
  readonly modifiedFee: Sats;
  /** In vbytes; more than the transaction's own where it is full of signature operations. */
  readonly virtualSize: number;
  readonly weight: number;
  /** Weight that feerates are reckoned with: {@link virtualSize} before rounding, times four. */
  readonly adjustedWeight: number;
  readonly sigopsCost: number;
  /** When it came, in seconds since 1970. */
  readonly timeSeconds: number;
  /** Height of the tip when it came. */
  readonly height: number;
  /** Sequence number of the mempool when it came; 0 for one that comes back from a block. */
  readonly sequence: number;
  /** Ancestors in the mempool, itself counted. */
  readonly ancestorCount: number;
  /** Transactions of the mempool whose outputs it spends. */
  readonly parents: ReadonlySet<MempoolEntry>;
  readonly children: ReadonlySet<MempoolEntry>;
}

export interface EntryFields {
  readonly tx: Transaction;
  readonly fee: Sats;
  readonly feeDelta: Sats;
  readonly sigopsCost: number;
  readonly timeSeconds: number;
  readonly height: number;
  readonly sequence: number;
  readonly spendsCoinbase: boolean;
  readonly bytesPerSigop: number;
}

/** Transactions that are mined together or not at all, with what they pay; `size` is their adjusted weight. */
export interface Chunk extends FeeAndSize {
  readonly entries: readonly Entry[];
}

/** A chunk, and what tells where it stands among all others. */
export interface OrderedChunk extends Chunk {
  readonly cluster: Cluster;
  /** Size of this chunk and those of the same feerate that stand before it in its cluster. */
  readonly equalsSize: number;
  /** The greatest by its bytes: no other chunk has it. */
  readonly lastTxid: Txid;
}

/** Transactions that depend on one another in whatever way, in the order in which they should be mined. */
export interface Cluster {
  readonly entries: readonly Entry[];
  readonly chunks: readonly OrderedChunk[];
}

/** Most transactions have no relatives in the mempool, and a set takes memory even where nothing is in it. */
const NO_ENTRIES: ReadonlySet<Entry> = new Set();

/** A transaction of the mempool and its place in the graph, which the pool keeps. */
export class Entry implements MempoolEntry {
  readonly tx: Transaction;
  readonly fee: Sats;
  readonly weight: number;
  readonly adjustedWeight: number;
  readonly virtualSize: number;
  readonly sigopsCost: number;
  readonly timeSeconds: number;
  readonly height: number;
  readonly sequence: number;
  /** Some coin it spends is a coinbase's: to be looked at again when the chain gets shorter. */
  readonly spendsCoinbase: boolean;
  readonly usageBytes: number;
  #parents: Set<Entry> | undefined;
  #children: Set<Entry> | undefined;
  feeDelta: Sats;
  /** Kept by the pool: how many were added before. */
  addedBefore = 0;
  /** Kept by the pool: worked out when asked for, forgotten when the graph around changes. */
  cluster: Cluster | undefined;

  constructor(fields: EntryFields) {
    const { tx } = fields;
    this.tx = tx;
    this.fee = fields.fee;
    this.feeDelta = fields.feeDelta;
    this.weight = tx.weight;
    this.sigopsCost = fields.sigopsCost;
    this.adjustedWeight = adjustedWeight(tx.weight, fields.sigopsCost, fields.bytesPerSigop);
    this.virtualSize = virtualSizeOf(this.adjustedWeight);
    this.timeSeconds = fields.timeSeconds;
    this.height = fields.height;
    this.sequence = fields.sequence;
    this.spendsCoinbase = fields.spendsCoinbase;
    this.usageBytes = usageOf(tx);
  }

  get modifiedFee(): Sats {
    return this.fee + this.feeDelta;
  }

  get parents(): ReadonlySet<Entry> {
    return this.#parents ?? NO_ENTRIES;
  }

  get children(): ReadonlySet<Entry> {
    return this.#children ?? NO_ENTRIES;
  }

  /** Notes that `child` spends an output of it. */
  linkChild(child: Entry): void {
    this.#children ??= new Set();
    this.#children.add(child);
    child.#parents ??= new Set();
    child.#parents.add(this);
  }

  /** Cuts it off from those around. */
  unlink(): void {
    for (const parent of this.parents) parent.#children?.delete(this);
    for (const child of this.children) child.#parents?.delete(this);
    this.#parents = undefined;
    this.#children = undefined;
  }

  get ancestorCount(): number {
    return ancestorsOf<Entry>(this).size + 1;
  }
}

/**
 * Memory of an entry, its places in the maps and its transaction's objects, much as Core reckons it: those who fill a mempool to
 * its limit, Core's tests among them, expect it full at the same point. What this process takes is 1.1 to 1.6 times as much:
 * bench/mempool-memory.ts.
 */
const ENTRY_USAGE_BYTES = 1000;
const INPUT_USAGE_BYTES = 200;
const OUTPUT_USAGE_BYTES = 100;
const WITNESS_ITEM_USAGE_BYTES = 100;

/** What a transaction counts for in the mempool's memory. */
function usageOf(tx: Transaction): number {
  const itemCount = tx.inputs.reduce((sum, { witness }) => sum + witness.length, 0);
  return (
    ENTRY_USAGE_BYTES +
    tx.size +
    tx.inputs.length * INPUT_USAGE_BYTES +
    tx.outputs.length * OUTPUT_USAGE_BYTES +
    itemCount * WITNESS_ITEM_USAGE_BYTES
  );
}

/** Everything in the mempool that `entry` depends on, itself left out. */
export function ancestorsOf<Node extends { readonly parents: Iterable<Node> }>(entry: Node): ReadonlySet<Node> {
  return reach([...entry.parents], ({ parents }) => parents);
}

/** `entries` and everything in the mempool that depends on them. */
export function withDescendants(entries: Iterable<Entry>): ReadonlySet<Entry> {
  return reach([...entries], ({ children }) => children);
}

/** `entry` and everything that it is connected with, over parents and children, in no order. */
export function connectedWith(entry: Entry): ReadonlySet<Entry> {
  return reach([entry], ({ parents, children }) => [...parents, ...children]);
}

function reach<Node>(from: readonly Node[], next: (entry: Node) => Iterable<Node>): ReadonlySet<Node> {
  const reached = new Set(from);
  for (const entry of reached) for (const other of next(entry)) reached.add(other);
  return reached;
}

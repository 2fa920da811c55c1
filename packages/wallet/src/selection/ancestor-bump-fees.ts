import { compareFeerates, type FeeAndSize, feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";

/** A transaction that waits in a mempool. */
export interface WaitingTransaction {
  readonly txid: Txid;
  /** With what the operator added. */
  readonly fee: Sats;
  /** Vbytes. */
  readonly virtualSize: number;
  /** Its unconfirmed parents, each once. */
  readonly parents: readonly Txid[];
}

interface Waiting extends FeeAndSize {
  readonly key: HashKey;
  readonly parents: readonly Waiting[];
}

/**
 * What unconfirmed transactions lack to a feerate when their outputs are spent: a child is mined only with its ancestors, so it has to
 * make up for those that no miner would take by then. Made from whole clusters, each of whose transactions comes once; what is to be
 * replaced, with its descendants, is left out of them.
 */
export class AncestorBumpFees {
  readonly #waiting: ReadonlyMap<HashKey, Waiting>;
  readonly #feerateSatPerKvb: Sats;
  /** Those that miners take at the feerate anyway. */
  readonly #mined: ReadonlySet<Waiting>;

  constructor(clusters: readonly WaitingTransaction[], feerateSatPerKvb: Sats) {
    this.#waiting = linked(clusters);
    this.#feerateSatPerKvb = feerateSatPerKvb;
    this.#mined = minedAt(feerateSatPerKvb, [...this.#waiting.values()]);
  }

  /** What the transaction of an output and its ancestors lack; 0 where it is confirmed, unknown or pays enough. */
  of(outPoint: Pick<OutPoint, "txid">): Sats {
    const waiting = this.#waiting.get(hashKey(outPoint.txid));
    if (waiting === undefined || this.#mined.has(waiting)) return 0n;
    // Rich ancestors help a poor transaction no more than its own fee does: they are mined without it.
    const own = this.#lackOf(waiting);
    const together = this.ofAll([outPoint]);
    if (own > together) return own;
    return together;
  }

  /** What all of them together lack: ancestors that they share are paid for once. */
  ofAll(outPoints: readonly Pick<OutPoint, "txid">[]): Sats {
    const waiting = outPoints.map(({ txid }) => this.#waiting.get(hashKey(txid)));
    const unmined = waiting.filter((one) => one !== undefined && !this.#mined.has(one)) as Waiting[];
    return this.#lackOf(sumOf(unminedAncestors(unmined, this.#mined)));
  }

  #lackOf({ fee, size }: FeeAndSize): Sats {
    return feeFor(this.#feerateSatPerKvb, size) - fee;
  }
}

function linked(clusters: readonly WaitingTransaction[]): ReadonlyMap<HashKey, Waiting> {
  const known = new Map(clusters.map((one) => [hashKey(one.txid), one]));
  const result = new Map<HashKey, Waiting>();
  const link = (key: HashKey, { fee, virtualSize, parents }: WaitingTransaction): Waiting => {
    const made = result.get(key);
    if (made !== undefined) return made;
    const links = parents.flatMap((parent) => {
      const parentKey = hashKey(parent);
      const waiting = known.get(parentKey);
      return waiting === undefined ? [] : [link(parentKey, waiting)];
    });
    const one = { key, fee, size: virtualSize, parents: links };
    result.set(key, one);
    return one;
  };
  for (const [key, one] of known) link(key, one);
  return result;
}

/** The transactions and their ancestors, without those that are mined. */
function unminedAncestors(from: readonly Waiting[], mined: ReadonlySet<Waiting>): ReadonlySet<Waiting> {
  const found = new Set<Waiting>();
  const open = [...from];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (found.has(one) || mined.has(one)) continue;
    found.add(one);
    open.push(...one.parents);
  }
  return found;
}

function sumOf(transactions: Iterable<FeeAndSize>): FeeAndSize {
  let [fee, size] = [0n, 0];
  for (const one of transactions) {
    fee += one.fee;
    size += one.size;
  }
  return { fee, size };
}

/** A transaction with its unmined ancestors, and the feerate that miners see in it. */
interface Candidate {
  readonly family: ReadonlySet<Waiting>;
  readonly all: FeeAndSize;
  /** The lower one of its own and of all of them: a poor one is left out though its ancestors are rich. */
  readonly score: FeeAndSize;
}

function candidateOf(one: Waiting, mined: ReadonlySet<Waiting>): Candidate {
  const family = unminedAncestors([one], mined);
  const all = sumOf(family);
  return { family, all, score: compareFeerates(one, all) < 0 ? one : all };
}

/** Those that a block takes while the best of what is left pays the feerate, each with all its ancestors. */
function minedAt(feerateSatPerKvb: Sats, transactions: readonly Waiting[]): ReadonlySet<Waiting> {
  const mined = new Set<Waiting>();
  const left = new Map(transactions.map((one) => [one, candidateOf(one, mined)]));
  while (left.size > 0) {
    let best: Candidate | undefined;
    for (const one of left.values()) if (best === undefined || compareFeerates(one.score, best.score) > 0) best = one;
    if (best === undefined || best.all.fee < feeFor(feerateSatPerKvb, best.all.size)) break;
    const taken = [...best.family];
    for (const one of taken) {
      mined.add(one);
      left.delete(one);
    }
    for (const [one, { family }] of left)
      if (taken.some((ancestor) => family.has(ancestor))) left.set(one, candidateOf(one, mined));
  }
  return mined;
}

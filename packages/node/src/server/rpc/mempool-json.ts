import { amountNumber } from "@bitfleet/api/amount.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Chunk, MempoolEntry } from "../../mempool/entry.ts";
import { inTxidOrder } from "../../mempool/txid-order.ts";

/** What is told of transactions of the mempool, in Core's JSON. */

/** BIP125 */
const REPLACEABLE_SEQUENCE_MAX = 0xfffffffd;

type EntryJson = Readonly<Record<string, RpcValue>>;
type Relatives = "parents" | "children";

/** Everything that `entry` reaches over parents, or over children, itself left out. */
export function relativesOf(entry: MempoolEntry, side: Relatives): ReadonlySet<MempoolEntry> {
  const reached = new Set(entry[side]);
  for (const other of reached) for (const next of other[side]) reached.add(next);
  return reached;
}

/** What getmempoolentry answers. `chunk` is what the entry is mined together with. */
export function entryJson(entry: MempoolEntry, chunk: Chunk, isUnbroadcast: boolean): EntryJson {
  const ancestors = totalsOf(entry, "parents");
  const descendants = totalsOf(entry, "children");
  return {
    vsize: entry.virtualSize,
    weight: entry.weight,
    time: entry.timeSeconds,
    height: entry.height,
    descendantcount: descendants.count,
    descendantsize: descendants.virtualSize,
    ancestorcount: ancestors.count,
    ancestorsize: ancestors.virtualSize,
    wtxid: displayHash(entry.tx.wtxid),
    chunkweight: chunk.size,
    fees: {
      base: amountNumber(entry.fee),
      modified: amountNumber(entry.modifiedFee),
      ancestor: amountNumber(ancestors.fee),
      descendant: amountNumber(descendants.fee),
      chunk: amountNumber(chunk.fee),
    },
    depends: txidsOf(entry.parents).sort(),
    spentby: txidsOf(inTxidOrder(entry.children)),
    unbroadcast: isUnbroadcast,
  };
}

/** Whether it, or an ancestor in the mempool, says of itself that it may be replaced (BIP125). Nobody asks for that any more. */
export function signalsReplacement(entry: MempoolEntry): boolean {
  return [entry, ...relativesOf(entry, "parents")].some(({ tx }) => signalsReplacementItself(tx));
}

/** Whether a transaction says so, whatever it comes from. */
export function signalsReplacementItself({ inputs }: Pick<Transaction, "inputs">): boolean {
  return inputs.some(({ sequence }) => sequence <= REPLACEABLE_SEQUENCE_MAX);
}

export function txidsOf(entries: Iterable<MempoolEntry>): string[] {
  return [...entries].map(({ tx }) => displayHash(tx.txid));
}

/** Of an entry and its relatives on one side. */
export function totalsOf(entry: MempoolEntry, side: Relatives) {
  let { modifiedFee: fee, virtualSize } = entry;
  const relatives = relativesOf(entry, side);
  for (const other of relatives) {
    fee += other.modifiedFee;
    virtualSize += other.virtualSize;
  }
  return { count: relatives.size + 1, fee, virtualSize };
}

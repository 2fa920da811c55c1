import type { MempoolCluster, MempoolClusterLine } from "@bitfleet/api/rest/mempool.ts";
import { compareFeerates, feerateSatPerKvb, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { displayHash, parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { Chunk, Cluster, OrderedChunk } from "../../mempool/entry.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { Clock } from "../../ports.ts";
import { sortInTurns } from "../../sort-in-turns.ts";
import { socketTurn } from "../../turns.ts";
import { txidsOf } from "../rpc/mempool-json.ts";
import { KeptAnswer } from "./kept-answer.ts";
import { refuseCursor } from "./list-parts.ts";

/** What waits and depends on one another. */

/** Chunks that are looked at before others have a turn. */
const CHUNKS_A_TURN = 5000;

type Source = Pick<Mempool, "changeCount" | "chunksInMiningOrder">;

/** Where a cluster stands: by the feerate of its first chunk, then by the id of its first transaction. */
interface Place {
  readonly fee: bigint;
  readonly size: number;
  readonly txid: Txid;
}

/** All clusters, the best paying first; made when asked for and kept for a moment. */
export class ClusterList {
  readonly #firstChunks: KeptAnswer<readonly OrderedChunk[]>;

  constructor(mempool: Source, clock: Pick<Clock, "monotonicMs">) {
    this.#firstChunks = new KeptAnswer(mempool, clock, () => firstChunksOf(mempool));
  }

  /** A part of those with at least `countMin` transactions. Rejects with `ApiError` where the cursor is none of this list. */
  async part(
    cursor: string | undefined,
    limit: number,
    countMin: number,
  ): Promise<{ readonly items: MempoolClusterLine[]; readonly next_cursor: string | null }> {
    const behind = cursor === undefined ? undefined : placeOf(cursor);
    const all = await this.#firstChunks.get();
    const found: OrderedChunk[] = [];
    for (let at = behind === undefined ? 0 : placeBehind(all, behind); at < all.length && found.length <= limit; at++) {
      if (all[at]!.cluster.entries.length >= countMin) found.push(all[at]!);
    }
    const shown = found.slice(0, limit);
    return { items: shown.map(lineOf), next_cursor: found.length > limit ? cursorOf(shown.at(-1)!) : null };
  }
}

/**
 * The first chunk of each cluster. In the order of mining they stand as their clusters do here, but for those that pay the same: only they
 * are sorted, by their ids. Nothing is made for each of a hundred thousand.
 */
async function firstChunksOf(mempool: Source): Promise<readonly OrderedChunk[]> {
  const chunks = [...mempool.chunksInMiningOrder()];
  const found: OrderedChunk[] = [];
  let equals: OrderedChunk[] = [];
  const endEquals = async () => {
    // Everything that waits may pay the same.
    const sorted = equals.length > 1 ? await sortInTurns(equals, (a, b) => compareIds(txidOf(a), txidOf(b))) : equals;
    for (const chunk of sorted) found.push(chunk);
    equals = [];
  };
  for (const [index, chunk] of chunks.entries()) {
    if (index > 0 && index % CHUNKS_A_TURN === 0) await socketTurn();
    if (chunk.cluster.chunks[0] !== chunk) continue;
    if (equals[0] !== undefined && compareFeerates(equals[0], chunk) !== 0) await endEquals();
    equals.push(chunk);
  }
  await endEquals();
  return found;
}

/** Of the transaction that is mined first. */
const txidOf = ({ entries }: OrderedChunk): Txid => entries[0]!.tx.txid;

/** As they are displayed: the last byte first. */
function compareIds(first: Txid, second: Txid): number {
  let index = first.length - 1;
  while (index > 0 && first[index] === second[index]) index--;
  return first[index]! - second[index]!;
}

/** Where the first chunk stands that comes behind a place: they are in order, so that half of them are passed over in each step. */
function placeBehind(all: readonly OrderedChunk[], place: Place): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBehind(all[middle]!, place)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isBehind(chunk: OrderedChunk, place: Place): boolean {
  const difference = compareFeerates(place, chunk);
  return difference > 0 || (difference === 0 && compareIds(txidOf(chunk), place.txid) > 0);
}

const cursorOf = (chunk: OrderedChunk) => `c${chunk.fee}_${chunk.size}_${displayHash(txidOf(chunk))}`;

function placeOf(cursor: string): Place {
  const match = /^c(-?\d{1,17})_(\d{1,9})_([0-9a-f]{64})$/.exec(cursor);
  if (match === null || Number(match[2]) === 0) refuseCursor();
  return { fee: BigInt(match[1]!), size: Number(match[2]), txid: parseDisplayHash<Txid>(match[3]!)! };
}

function lineOf(first: OrderedChunk): MempoolClusterLine {
  const { cluster } = first;
  const chunks = cluster.chunks.map(chunkOf);
  return {
    txid: displayHash(txidOf(first)),
    transaction_count: cluster.entries.length,
    fee: chunks.reduce((sum, { fee }) => sum + fee, 0),
    virtual_size: chunks.reduce((sum, { virtual_size: size }) => sum + size, 0),
    chunks,
  };
}

function chunkOf({ entries, fee, size }: Chunk) {
  return {
    feerate_sat_per_kvb: Number(feerateSatPerKvb(fee, virtualSizeOf(size))),
    transaction_count: entries.length,
    fee: Number(fee),
    virtual_size: virtualSizeOf(size),
  };
}

/** One cluster with its transactions. */
export function clusterView({ chunks }: Cluster): MempoolCluster {
  return {
    transactions: chunks.flatMap(({ entries }, chunk) =>
      entries.map((entry) => ({
        txid: displayHash(entry.tx.txid),
        fee: Number(entry.modifiedFee),
        virtual_size: entry.virtualSize,
        depends_on: txidsOf(entry.parents).sort(),
        chunk,
      })),
    ),
    chunks: chunks.map(chunkOf),
  };
}

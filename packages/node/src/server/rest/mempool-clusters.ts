import type { MempoolCluster, MempoolClusterLine } from "@bitfleet/api/rest/mempool.ts";
import { compareFeerates, feerateSatPerKvb, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Chunk, Cluster } from "../../mempool/entry.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { Clock } from "../../ports.ts";
import { socketTurn } from "../../turns.ts";
import { txidsOf } from "../rpc/mempool-json.ts";
import { refuseCursor } from "./list-parts.ts";

/** What waits and depends on one another. */

/** However often the list is asked for, all that waits is looked through no more often. */
const AGE_MS_MAX = 1000;
/** Entries that are looked at before others have a turn. */
const ENTRIES_A_TURN = 5_000;

type Source = Pick<Mempool, "changeCount" | "entries" | "get" | "clusterOf">;

/** A cluster, and its place: by the feerate of its first chunk, then by the id of its first transaction. */
interface Ranked {
  readonly cluster: Cluster;
  readonly fee: bigint;
  readonly size: number;
  readonly txid: string;
}

interface Ranking {
  readonly changeCount: number;
  readonly madeMs: number;
  readonly ranked: Promise<readonly Ranked[]>;
}

/** All clusters, the best paying first; made when asked for and kept for a moment. */
export class ClusterList {
  readonly #mempool: Source;
  readonly #clock: Pick<Clock, "monotonicMs">;
  #ranking: Ranking | undefined;

  constructor(mempool: Source, clock: Pick<Clock, "monotonicMs">) {
    this.#mempool = mempool;
    this.#clock = clock;
  }

  /** A part of those with at least `countMin` transactions. Rejects with `ApiError` where the cursor is none of this list. */
  async part(
    cursor: string | undefined,
    limit: number,
    countMin: number,
  ): Promise<{ readonly items: MempoolClusterLine[]; readonly next_cursor: string | null }> {
    const behind = cursor === undefined ? undefined : placeOf(cursor);
    const all = await this.#current();
    const found: Ranked[] = [];
    for (const ranked of all) {
      if (found.length > limit) break;
      if (ranked.cluster.entries.length < countMin) continue;
      if (behind === undefined || compare(behind, ranked) < 0) found.push(ranked);
    }
    const shown = found.slice(0, limit);
    return { items: shown.map(lineOf), next_cursor: found.length > limit ? cursorOf(shown.at(-1)!) : null };
  }

  #current(): Promise<readonly Ranked[]> {
    const known = this.#ranking;
    const { changeCount } = this.#mempool;
    const nowMs = this.#clock.monotonicMs();
    if (known !== undefined && (known.changeCount === changeCount || nowMs - known.madeMs < AGE_MS_MAX))
      return known.ranked;
    const ranked = rankingOf(this.#mempool);
    this.#ranking = { changeCount, madeMs: nowMs, ranked };
    return ranked;
  }
}

async function rankingOf(mempool: Source): Promise<readonly Ranked[]> {
  const entries = [...mempool.entries()];
  const clusters = new Set<Cluster>();
  for (let from = 0; from < entries.length; from += ENTRIES_A_TURN) {
    if (from > 0) await socketTurn();
    for (const entry of entries.slice(from, from + ENTRIES_A_TURN)) {
      // What left meanwhile has no cluster; one that changed meanwhile is another, and may be there twice for this moment.
      const cluster = mempool.get(entry.tx.txid) === entry ? mempool.clusterOf(entry.tx.txid) : undefined;
      if (cluster !== undefined) clusters.add(cluster);
    }
  }
  const byFirst = new Map<string, Ranked>();
  for (const cluster of clusters) {
    const [first] = cluster.chunks;
    if (first === undefined) continue;
    const txid = displayHash(first.entries[0]!.tx.txid);
    byFirst.set(txid, { cluster, fee: first.fee, size: first.size, txid });
  }
  return [...byFirst.values()].sort(compare);
}

/** Below 0 where `a` comes first. */
function compare(a: Omit<Ranked, "cluster">, b: Omit<Ranked, "cluster">): number {
  return -compareFeerates(a, b) || (a.txid === b.txid ? 0 : a.txid < b.txid ? -1 : 1);
}

const cursorOf = ({ fee, size, txid }: Ranked) => `c${fee}_${size}_${txid}`;

function placeOf(cursor: string): Omit<Ranked, "cluster"> {
  const match = /^c(-?\d{1,17})_(\d{1,9})_([0-9a-f]{64})$/.exec(cursor);
  if (match === null || Number(match[2]) === 0) refuseCursor();
  return { fee: BigInt(match[1]!), size: Number(match[2]), txid: match[3]! };
}

function lineOf({ cluster, txid }: Ranked): MempoolClusterLine {
  const chunks = cluster.chunks.map(chunkOf);
  return {
    txid,
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

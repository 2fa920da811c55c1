import { amountNumber } from "@bitfleet/api/amount.ts";
import { JsonNumber } from "@bitfleet/api/json.ts";
import { fromHex, reversedBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { AcceptResult } from "../../packages/node/src/mempool/accept-result.ts";
import type { Mempool, MempoolEvent } from "../../packages/node/src/mempool/mempool.ts";
import { mempoolHandlers } from "../../packages/node/src/server/rpc/rpc-mempool.ts";
import type { NodeUnderTest } from "./node-under-test.ts";
import { spentKeys } from "./reference-chain.ts";
import type { ModelEntry } from "./reference-entry.ts";
import type { Graph, ModelChunk } from "./reference-graph.ts";
import type { ReferenceMempool } from "./reference-mempool.ts";
import { isRefused, type ModelEvent, type ModelResult } from "./reference-results.ts";
import { sum } from "./reference-rules.ts";

/** What both mempools say of themselves, as plain text that can be compared line by line. */

export class Difference extends Error {}

/** Throws where two values differ, with both. */
export function same(what: string, ours: unknown, reference: unknown): void {
  const [one, other] = [textOf(ours), textOf(reference)];
  if (one === other) return;
  throw new Difference(
    `${what}\n  mempool:   ${firstDifference(one, other)}\n  reference: ${firstDifference(other, one)}`,
  );
}

function textOf(value: unknown): string {
  return (
    JSON.stringify(value, (_, each) => {
      if (typeof each === "bigint") return String(each);
      return each instanceof JsonNumber ? each.text : each;
    }) ?? "undefined"
  );
}

/** A long text from a little before where it differs from the other. */
function firstDifference(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const from = Math.max(0, at - 200);
  return `${from > 0 ? "…" : ""}${text.slice(from, at + 400)}`;
}

export const shown = (id: string): string => toHex(reversedBytes(fromHex(id)));

export function resultOfNode(result: AcceptResult | undefined) {
  if (result === undefined) return undefined;
  if (result.kind === "rejected") return result.reject;
  const { entry, replaced, effective } = result;
  return {
    txid: toHex(entry.tx.txid),
    fee: entry.fee,
    modifiedFee: entry.modifiedFee,
    vsize: entry.virtualSize,
    weight: entry.adjustedWeight,
    sigops: entry.sigopsCost,
    sequence: entry.sequence,
    replaced: replaced.map(({ txid }) => toHex(txid)).sort(),
    effective: [effective.fee, effective.virtualSize, effective.wtxids.map(toHex)],
  };
}

export function resultOfReference(result: ModelResult | undefined) {
  if (result === undefined) return undefined;
  if (isRefused(result)) return { kind: result.kind, reason: result.reason, detail: result.detail };
  const { entry, replaced, paidBy } = result;
  const vsize = paidBy.reduce((total, each) => total + each.vsize, 0);
  return {
    txid: entry.id,
    fee: entry.fee,
    modifiedFee: entry.modifiedFee,
    vsize: entry.vsize,
    weight: entry.size,
    sigops: entry.sigopsCost,
    sequence: entry.sequence,
    replaced: replaced.map(({ id }) => id).sort(),
    effective: [sum(paidBy.map(({ modifiedFee }) => modifiedFee)), vsize, paidBy.map(({ tx }) => toHex(tx.wtxid))],
  };
}

/** Runs of events of a kind, each with its transactions in the order of their txids: within a run the order is free. */
export function runsOf(events: readonly ModelEvent[]): readonly string[] {
  const runs: { head: string; ids: string[] }[] = [];
  for (const { type, why, id } of events) {
    const head = `${type} (${why})`;
    if (runs.at(-1)?.head !== head) runs.push({ head, ids: [] });
    runs.at(-1)!.ids.push(shown(id));
  }
  return runs.map(({ head, ids }) => `${head}: ${ids.sort().join(" ")}`);
}

export function eventsOfNode(events: readonly MempoolEvent[]): ModelEvent[] {
  return events.map((event) => ({
    type: event.type === "transaction-added" ? "added" : "removed",
    why: event.type === "transaction-added" ? event.arrival : event.reason,
    id: toHex(event.entry.tx.txid),
  }));
}

/** Everything that can be asked of a mempool. */
export function compareContents({ chain, clock, mempool, keeper }: NodeUnderTest, reference: ReferenceMempool): void {
  const { entries, graph } = reference;
  const handlers = mempoolHandlers({ chain, clock, deprecated: [], mempool, mempoolKeeper: keeper });
  const txids = (list: readonly ModelEntry[]) => list.map(({ id }) => shown(id)).sort();
  same(
    "transactions",
    [...mempool.entries()].map(({ tx }) => toHex(tx.txid)).sort(),
    entries.map(({ id }) => id).sort(),
  );
  same("minimum", mempool.rollingFeerateSatPerKvb, reference.minimum.read(reference.usageBytes));
  const { size, bytes, usage, total_fee } = handlers.getmempoolinfo();
  same(
    "totals",
    [size, bytes, usage, total_fee],
    [
      entries.length,
      entries.reduce((total, { vsize }) => total + vsize, 0),
      reference.usageBytes,
      amountNumber(sum(entries.map(({ fee }) => fee))),
    ],
  );
  same("sequence", mempool.sequence, reference.sequence);
  same("unbroadcast", mempool.unbroadcast.txids().map(toHex), reference.unbroadcast);
  const deltas = [...reference.deltas].map(([id, delta]) => `${shown(id)} ${delta}`).sort();
  same(
    "deltas",
    Object.entries(handlers.getprioritisedtransactions())
      .map(([id, { fee_delta }]) => `${id} ${fee_delta}`)
      .sort(),
    deltas,
  );
  for (const entry of entries) {
    const txid = shown(entry.id);
    const raw = fromHex(entry.id) as Txid;
    same(
      `ancestors of ${txid}`,
      (handlers.getmempoolancestors({ txid, verbose: false }) as string[]).sort(),
      txids(graph.ancestors(entry)),
    );
    same(
      `descendants of ${txid}`,
      (handlers.getmempooldescendants({ txid, verbose: false }) as string[]).sort(),
      txids(graph.descendants(entry)),
    );
    same(`${txid} by wtxid`, mempool.getByWtxid(entry.tx.wtxid)?.tx.txid.join(), raw.join());
    same(
      `${txid} by outpoint`,
      entry.tx.inputs.map(({ previousOutput }) => mempool.spender(previousOutput)?.tx.txid.join()),
      entry.tx.inputs.map(() => raw.join()),
    );
    same(`sequence of ${txid}`, mempool.get(raw)?.sequence, entry.sequence);
    entry.tx.outputs.forEach((_, index) => {
      const spender = mempool.spender({ txid: raw, index });
      same(
        `spender of ${txid}:${index}`,
        spender && toHex(spender.tx.txid),
        reference.spender(`${entry.id}:${index}`)?.id,
      );
    });
  }
  for (const cluster of graph.clusters()) {
    const chunks = graph.chunks(cluster);
    const { chunks: told, ...totals } = handlers.getmempoolcluster({ txid: shown(cluster[0]!.id) });
    const weight = cluster.reduce((total, entry) => total + entry.size, 0);
    same("cluster", totals, { clusterweight: weight, txcount: cluster.length });
    const expected = chunks.map(({ items, fee, size: chunkweight }) => ({
      chunkfee: amountNumber(fee),
      chunkweight,
      txs: items.map(({ id }) => shown(id)),
    }));
    same("chunks", told, expected);
    for (const entry of cluster) {
      const json = handlers.getmempoolentry({ txid: shown(entry.id) });
      const { spentby, ...rest } = json as Record<string, unknown> & { spentby: string[] };
      same(
        `entry ${shown(entry.id)}`,
        { ...rest, spentby: spentby.sort() },
        entryJson(entry, graph, chunks, reference),
      );
    }
  }
  compareOrder(mempool, reference);
  checkInvariants(mempool, reference);
}

function entryJson(
  entry: ModelEntry,
  graph: Graph<ModelEntry>,
  chunks: readonly ModelChunk<ModelEntry>[],
  reference: ReferenceMempool,
) {
  const chunk = chunks.find(({ items }) => items.includes(entry))!;
  const up = [entry, ...graph.ancestors(entry)];
  const down = [entry, ...graph.descendants(entry)];
  const sizes = (list: readonly ModelEntry[]) => list.reduce((total, { vsize }) => total + vsize, 0);
  const fees = (list: readonly ModelEntry[]) => amountNumber(sum(list.map(({ modifiedFee }) => modifiedFee)));
  const txids = (list: readonly ModelEntry[]) => list.map(({ id }) => shown(id)).sort();
  return {
    vsize: entry.vsize,
    weight: entry.tx.strippedBytes.length * 3 + entry.tx.bytes.length,
    time: entry.timeSeconds,
    height: entry.height,
    descendantcount: down.length,
    descendantsize: sizes(down),
    ancestorcount: up.length,
    ancestorsize: sizes(up),
    wtxid: toHex(reversedBytes(entry.tx.wtxid)),
    chunkweight: chunk.size,
    fees: {
      base: amountNumber(entry.fee),
      modified: amountNumber(entry.modifiedFee),
      ancestor: fees(up),
      descendant: fees(down),
      chunk: amountNumber(chunk.fee),
    },
    depends: txids(graph.parents(entry)),
    unbroadcast: reference.unbroadcast.includes(entry.id),
    spentby: txids(graph.children(entry)),
  };
}

function compareOrder(mempool: Mempool, { graph }: ReferenceMempool): void {
  same(
    "order of mining",
    [...mempool.chunksInMiningOrder()].map(({ fee, size, entries }) => [
      fee,
      size,
      entries.map(({ tx }) => toHex(tx.txid)),
    ]),
    graph.miningOrder().map(({ fee, size, items }) => [fee, size, items.map(({ id }) => id)]),
  );
}

/** What holds of every mempool, asked of the real one alone. */
function checkInvariants(mempool: Mempool, { chain, options }: ReferenceMempool): void {
  const spent = new Set<string>();
  const made = new Set<string>();
  const check = (holds: boolean, what: string) => {
    if (!holds) throw new Difference(`invariant: ${what}`);
  };
  for (const { entries } of mempool.chunksInMiningOrder()) {
    for (const { tx } of entries) {
      for (const key of spentKeys(tx)) {
        check(made.has(key) || chain.coins().has(key), `${shown(toHex(tx.txid))} misses the coin ${key}`);
        check(!spent.has(key), `${key} is spent twice`);
        spent.add(key);
      }
      for (const index of tx.outputs.keys()) made.add(`${toHex(tx.txid)}:${index}`);
    }
  }
  check(mempool.usageBytes <= options.usageBytesMax, "more memory than the limit");
}

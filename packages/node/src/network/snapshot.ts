import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import {
  type RevertOrder,
  readRevertOrder,
  removeRevertOrder,
  type SnapshotTransaction,
  writeRevertOrder,
} from "../revert-order.ts";
import { NetworkFault, type RevertResult } from "../server/network-control.ts";
import { readPartition, writePartition } from "./network.ts";
import { callPlain, endTie, type NetworkNode, repartition, waitUntilAgreed } from "./operations.ts";
import type { PrivateChain } from "./private-chain.ts";
import { RpcError, RpcTimeout, RpcUnreachable } from "./rpc-client.ts";
import type { RunningNode } from "./running-network.ts";
import type { Snapshot } from "./snapshot-store.ts";

/** The network that snapshots are taken of, as it is just now. */
export interface SnapshotNetwork {
  readonly folder: string;
  readonly chain: PrivateChain["name"];
  readonly nodes: readonly (RunningNode & NetworkNode)[];
}

type Node = SnapshotNetwork["nodes"][number];

/** The lease on the miners: should the process that holds them die, they go on after so long. */
const HOLD_SECONDS = 60;
const HOLD_TIMEOUT_MS = 5_000;
/** A snapshot is of a network that agrees. */
const AGREEMENT_TIMEOUT_MS = 10_000;
/** What was on its way before a revert may arrive first. */
const QUIET_TIMEOUT_MS = 2_000;
const ROUNDS_MAX = 3;
/** A node that ended is started again by its supervisor meanwhile. */
const RETURN_TIMEOUT_MS = 5_000;
const RETURN_POLL_MS = 50;
const SETTLE_TIMEOUT_MS = 3_000;
const IN_WARMUP = -28;
const NOT_FOUND = -5;

/** What `getsnapshot` answers. */
interface NodeSnapshot {
  readonly hash: string;
  readonly height: number;
  readonly mocktime?: number;
  readonly transactions: readonly SnapshotTransaction[];
}

/** What a network is like now, with its miners standing still. Rejects with {@link NetworkFault} where its nodes do not agree. */
export async function takeSnapshot(network: SnapshotNetwork, name: string): Promise<Snapshot> {
  return withMinersHeld(network.nodes, async (nodes) => {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const agreed = waitUntilAgreed(nodes, AGREEMENT_TIMEOUT_MS, (agreement) => endTie(nodes, agreement));
      await agreed.catch((error: Error) => {
        throw new NetworkFault("conflict", `A snapshot is of nodes that agree. ${error.message}`, { cause: error });
      });
      const parts = await Promise.all(nodes.map((node) => callPlain(node, "getsnapshot", []) as Promise<NodeSnapshot>));
      const [first] = parts as [NodeSnapshot];
      if (parts.some(({ hash }) => hash !== first.hash)) continue;
      const mocked = parts.flatMap(({ mocktime }, index) =>
        mocktime ? [[nodes[index]!.name, mocktime] as const] : [],
      );
      return {
        name,
        time: new Date().toISOString(),
        hash: first.hash,
        height: first.height,
        transactions: unionOf(parts.map(({ transactions }) => transactions)),
        mockTimes: Object.fromEntries(mocked),
      };
    }
    throw new NetworkFault("conflict", "Blocks came in all the time; a snapshot is of nodes that agree.");
  });
}

/** Each list has parents before their children; so has what is made of them. */
function unionOf(lists: readonly (readonly SnapshotTransaction[])[]): readonly SnapshotTransaction[] {
  const all = new Map<string, SnapshotTransaction>();
  for (const one of lists.flat()) if (!all.has(one.hex)) all.set(one.hex, one);
  return [...all.values()];
}

/** What the nodes are taken back to. */
type Target = Pick<Snapshot, "hash" | "transactions"> & Partial<Pick<Snapshot, "mockTimes">>;

/**
 * Takes all nodes back to a snapshot: its tip, its mempool, the mocked times, and no partition. A node that does not answer goes back
 * when it starts again. Rejects with {@link NetworkFault} where the nodes do not stay there.
 */
export async function revertNetwork(network: SnapshotNetwork, snapshot: Snapshot): Promise<RevertResult> {
  const { done, absent } = await revertTo(network, snapshot);
  const { name, hash, height } = snapshot;
  return { name, hash, height, transactions: done.transactions, nodes: done.names, absent };
}

/** What an earlier process began, and died before it was over; and what nodes were to do that did not answer. */
export async function finishReverts(network: SnapshotNetwork): Promise<void> {
  for (const node of network.nodes) {
    const order = readRevertOrder(networkDirOf(network, node), Date.now());
    if (order === undefined || node.state !== "running") continue;
    if (order.asideOnly !== undefined) await setAside(network, node, order.asideOnly);
    else if (!order.isFinal) {
      await revertTo(network, order);
      return;
    }
  }
}

async function setAside(network: SnapshotNetwork, node: Node, hashes: readonly string[]): Promise<void> {
  try {
    for (const hash of hashes) await callPlain(node, "invalidateblock", [hash]).catch(unlessNotFound);
    removeRevertOrder(networkDirOf(network, node));
  } catch (error) {
    if (!(error instanceof RpcUnreachable)) throw error;
  }
}

function unlessNotFound(error: unknown): void {
  if (!(error instanceof RpcError && error.code === NOT_FOUND)) throw error;
}

async function revertTo(network: SnapshotNetwork, target: Target) {
  const order: RevertOrder = {
    id: randomUUID(),
    hash: target.hash,
    transactions: target.transactions,
    writtenMs: Date.now(),
    isFinal: false,
  };
  // Written first: whoever dies in the middle of it, node or caller, finds it again.
  for (const node of network.nodes) writeRevertOrder(networkDirOf(network, node), order);
  return withMinersHeld(network.nodes, async (answering) => {
    await quiet(network, answering);
    for (let round = 1; ; round++) {
      const outcomes = await Promise.all(network.nodes.map((node) => revertNode(network, node, target)));
      await endPartition(network);
      const done = network.nodes.filter((_, index) => outcomes[index]!.kind === "done");
      if (done.length === 0) throw new NetworkFault("unavailable", "No node of the network went back: none answers.");
      const places = await settledPlaces(done, target);
      const isLast = round === ROUNDS_MAX;
      // Who lost the block in a crash has it of the others by now, or in the next round, when no partition is in between.
      const isComplete = isLast || outcomes.every(({ kind }) => kind !== "lacking");
      if (isComplete && places.every((place) => place === "there" || (isLast && place === "short")))
        return settled(network, order, outcomes);
      if (isLast) {
        const why = "something goes on making blocks or transactions, which must stop first";
        throw new NetworkFault("conflict", `The network does not stay where it was taken back to: ${why}.`);
      }
    }
  });
}

type Outcome =
  | { readonly kind: "done"; readonly transactions: number; readonly aside: readonly string[] }
  /** The block is not known there, as after a crash: it comes from the others. */
  | { readonly kind: "lacking" }
  /** `isDown`: it has heard nothing since. */
  | { readonly kind: "silent"; readonly isDown: boolean };

/** Leaves an order to who could not be asked. */
function settled(network: SnapshotNetwork, order: RevertOrder, outcomes: readonly Outcome[]) {
  const aside = [...new Set(outcomes.flatMap((outcome) => (outcome.kind === "done" ? outcome.aside : [])))];
  for (const [index, outcome] of outcomes.entries()) {
    const dir = networkDirOf(network, network.nodes[index]!);
    // It comes to the block with the others' chain.
    if (outcome.kind === "lacking") removeRevertOrder(dir);
    if (outcome.kind === "silent")
      writeRevertOrder(dir, { ...order, isFinal: true, ...(!outcome.isDown && { asideOnly: aside }) });
  }
  const named = (isWanted: (outcome: Outcome) => boolean) =>
    network.nodes.filter((_, index) => isWanted(outcomes[index]!)).map(({ name }) => name);
  const counts = outcomes.flatMap((outcome) => (outcome.kind === "done" ? outcome.transactions : []));
  return {
    done: { names: named(({ kind }) => kind === "done"), transactions: Math.max(...counts) },
    absent: named(({ kind }) => kind !== "done"),
  };
}

async function revertNode(network: SnapshotNetwork, node: Node, target: Target): Promise<Outcome> {
  const limitMs = performance.now() + RETURN_TIMEOUT_MS;
  for (;;) {
    const outcome = await tryRevert(network, node, target);
    if (outcome.kind === "done") removeRevertOrder(networkDirOf(network, node));
    const mayChange = outcome.kind === "lacking" || (outcome.kind === "silent" && outcome.isDown);
    const mayReturn = mayChange && !["failed", "stopped"].includes(node.state);
    if (!mayReturn || performance.now() > limitMs) return outcome;
    await new Promise((resume) => setTimeout(resume, RETURN_POLL_MS));
  }
}

async function tryRevert({ chain }: SnapshotNetwork, node: Node, target: Target): Promise<Outcome> {
  const { hash, transactions, mockTimes } = target;
  // A signet's time is real.
  const mockTime = chain === "regtest" && mockTimes !== undefined ? [mockTimes[node.name] ?? 0] : [];
  try {
    const result = await callPlain(node, "reverttosnapshot", [hash, transactions, ...mockTime]);
    return { kind: "done", ...(result as { readonly transactions: number; readonly aside: readonly string[] }) };
  } catch (error) {
    if (error instanceof RpcTimeout) return { kind: "silent", isDown: false };
    if (error instanceof RpcUnreachable) return { kind: "silent", isDown: true };
    if (error instanceof RpcError && error.code === IN_WARMUP) return { kind: "silent", isDown: true };
    if (error instanceof RpcError && error.code === NOT_FOUND) return { kind: "lacking" };
    // Its cookie is another one after a restart.
    if (!(error instanceof RpcError)) return { kind: "silent", isDown: true };
    throw new NetworkFault("conflict", `${(error as Error).message}.`, { cause: error });
  }
}

/** Blocks and transactions that were on their way have arrived; it is no harm where some have not. */
async function quiet({ folder }: SnapshotNetwork, answering: readonly Node[]): Promise<void> {
  const partition = readPartition(folder);
  const groups =
    partition.length === 0
      ? [answering]
      : partition.map((names) => answering.filter(({ name }) => names.includes(name)));
  const waits = groups.filter(({ length }) => length > 0).map((group) => waitUntilAgreed(group, QUIET_TIMEOUT_MS));
  await Promise.allSettled(waits);
}

/** A snapshot is of a network that is one. */
async function endPartition({ folder, nodes }: SnapshotNetwork): Promise<void> {
  const from = readPartition(folder);
  if (from.length === 0) return;
  writePartition(folder, []);
  const isGone = (name: string) => nodes.find((node) => node.name === name)?.state === "failed";
  await repartition(nodes, from, [], isGone);
}

/**
 * `short`: it has the tip, and not all that waited, which may be its own policy. `ahead`: headers of blocks that were taken back were on
 * their way still, and came behind it.
 */
type Place = "there" | "short" | "ahead" | "elsewhere";

/** Where the nodes stand, once all are where they are to be, or have had the time: who missed blocks in a crash gets them of the others. */
async function settledPlaces(nodes: readonly Node[], target: Target): Promise<readonly Place[]> {
  const txidOf = (hex: string) => displayHash(decodeTransaction(new Reader(fromHex(hex))).txid);
  const expected = new Set(target.transactions.map(({ hex }) => txidOf(hex)));
  const limitMs = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const places = await Promise.all(nodes.map((node) => placeOf(node, target.hash, expected)));
    const mayChange = places.includes("elsewhere") && !places.includes("ahead");
    if (!mayChange || performance.now() > limitMs) return places;
    await new Promise((resume) => setTimeout(resume, RETURN_POLL_MS));
  }
}

interface ChainFacts {
  readonly bestblockhash: string;
  readonly blocks: number;
  readonly headers: number;
}

async function placeOf(node: Node, hash: string, expected: ReadonlySet<string>): Promise<Place> {
  try {
    const [chain, mempool] = await Promise.all([
      callPlain(node, "getblockchaininfo", []) as Promise<ChainFacts>,
      callPlain(node, "getrawmempool", []) as Promise<readonly string[]>,
    ]);
    if (chain.bestblockhash !== hash || !mempool.every((txid) => expected.has(txid))) return "elsewhere";
    if (chain.headers > chain.blocks) return "ahead";
    return mempool.length === expected.size ? "there" : "short";
  } catch {
    // It ended behind it: it is asked again.
    return "elsewhere";
  }
}

/** Does `work` on the nodes that answer while none of them makes blocks by itself. */
async function withMinersHeld<Value>(
  nodes: readonly Node[],
  work: (answering: readonly Node[]) => Promise<Value>,
): Promise<Value> {
  const hold = (node: Node, seconds: number) => callPlain(impatient(node), "holdminer", [seconds]);
  const held = await Promise.allSettled(nodes.map((node) => hold(node, HOLD_SECONDS)));
  const answering = nodes.filter((_, index) => held[index]!.status === "fulfilled");
  try {
    if (answering.length === 0) throw new NetworkFault("unavailable", "No node of the network answers.");
    return await work(answering);
  } finally {
    await Promise.allSettled(answering.map((node) => hold(node, 0)));
  }
}

/** A node that hangs is not waited for as long as one that works. */
export const impatient = <One extends NetworkNode>(node: One): One => ({
  ...node,
  target: { ...node.target, timeoutMs: HOLD_TIMEOUT_MS },
});

const networkDirOf = ({ chain }: SnapshotNetwork, { dataDir }: Node) => join(dataDir, chain);

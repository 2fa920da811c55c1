import { JsonNumber, JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { callRpc, type RpcTarget } from "./rpc-client.ts";
import { type Link, linksOf, type Partition, type PlannedNode } from "./topology.ts";

/** What can be done to a network that runs, by JSON-RPC alone: from any process. */

/** A node of the network and where it answers. */
export interface NetworkNode extends PlannedNode {
  readonly target: RpcTarget;
}

export interface NodeTip {
  readonly height: number;
  /** As JSON shows it. */
  readonly hash: string;
}

const POLL_MS = 50;

/** Text, number or flag of a call; hashes and addresses are text. */
export type CallParam = string | number | boolean;

export function call(node: NetworkNode, method: string, ...params: readonly CallParam[]): Promise<JsonValue> {
  const values = params.map((param) => (typeof param === "number" ? new JsonNumber(String(param)) : param));
  return callRpc(node.target, method, values).catch((error: Error) => {
    throw new Error(`${node.name}: ${error.message}`, { cause: error });
  });
}

export async function tipOf(node: NetworkNode): Promise<NodeTip> {
  const info = await call(node, "getblockchaininfo");
  if (!(info instanceof JsonObject)) throw new Error(`${node.name} answers getblockchaininfo with no object`);
  return { height: Number((info.get("blocks") as JsonNumber).text), hash: String(info.get("bestblockhash")) };
}

/** Mines `count` blocks at once, on that node, to `address`. The hashes, oldest first. */
export async function mine(node: NetworkNode, count: number, address: string): Promise<readonly string[]> {
  return ((await call(node, "generatetoaddress", count, address)) as JsonValue[]).map(String);
}

/** Brings the connections from those of one partition to those of another. `[]` is no partition. */
export async function repartition(nodes: readonly NetworkNode[], from: Partition, to: Partition): Promise<void> {
  const before = linksOf(nodes, from);
  const after = linksOf(nodes, to);
  const isIn = (links: readonly Link[], link: Link) =>
    links.some((one) => one.from === link.from && one.to === link.to);
  const find = (name: string) => nodes.find((node) => node.name === name)!;
  for (const link of before) {
    if (!isIn(after, link)) await disconnect(find(link.from), find(link.to));
  }
  for (const link of after) {
    if (!isIn(before, link))
      await unless("already added", call(find(link.from), "addnode", peerName(find(link.to)), "add"));
  }
}

/** The name by which other nodes of this machine know the node. */
export const peerName = ({ p2pPort }: PlannedNode) => `127.0.0.1:${p2pPort}`;

async function disconnect(from: NetworkNode, to: NetworkNode): Promise<void> {
  await unless("not been added", call(from, "addnode", peerName(to), "remove"));
  await unless("not found in connected nodes", call(from, "disconnectnode", peerName(to)));
}

/** It may be so already, as where a node has just been started again. */
async function unless(meaning: string, done: Promise<JsonValue>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!(error as Error).message.includes(meaning)) throw error;
  }
}

/** How far the nodes have come to one tip. */
export interface Agreement {
  /** The tip that most nodes have. */
  readonly tip: NodeTip;
  readonly agreeing: number;
  readonly total: number;
}

/** Where all nodes stand. */
export async function agreementOf(nodes: readonly NetworkNode[]): Promise<Agreement> {
  const tips = await Promise.all(nodes.map(tipOf));
  const withTip = (hash: string) => tips.filter((tip) => tip.hash === hash).length;
  const tip = tips.reduce((best, one) => (withTip(one.hash) > withTip(best.hash) ? one : best));
  return { tip, agreeing: withTip(tip.hash), total: nodes.length };
}

/** Resolves with the common tip. Rejects after `timeoutMs`, with where each node stands. */
export async function waitUntilAgreed(
  nodes: readonly NetworkNode[],
  timeoutMs: number,
  onProgress: (agreement: Agreement) => void = () => {},
): Promise<NodeTip> {
  const limitMs = performance.now() + timeoutMs;
  for (;;) {
    const agreement = await agreementOf(nodes);
    if (agreement.agreeing === agreement.total) return agreement.tip;
    onProgress(agreement);
    if (performance.now() > limitMs) {
      const tips = await Promise.all(nodes.map(async (node) => `${node.name} at ${(await tipOf(node)).height}`));
      throw new Error(`The nodes do not agree after ${timeoutMs / 1000} s: ${tips.join(", ")}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * Replaces the last `depth` blocks by `depth + 1` others that `node` mines; the rest of the network follows the work. Rejects with
 * `RangeError` where the chain is shorter.
 */
export async function reorganize(node: NetworkNode, depth: number, address: string): Promise<readonly string[]> {
  const { height } = await tipOf(node);
  if (depth < 1 || depth > height) throw new RangeError(`A depth from 1 to ${height} is expected, not ${depth}.`);
  const first = String(await call(node, "getblockhash", height - depth + 1));
  await call(node, "invalidateblock", first);
  return mine(node, depth + 1, address);
}

import { JsonNumber, JsonObject, type JsonValue, parseJson, toPlain } from "@bitfleet/api/json.ts";
import { NetworkFault } from "../server/network-control.ts";
import { callRpc, RpcError, type RpcTarget, RpcTimeout, RpcUnreachable } from "./rpc-client.ts";
import { type Link, linksOf, type Partition, type PlannedNode } from "./topology.ts";

/** What can be done to a network that runs, by JSON-RPC alone: from any process. */

/** A node of the network and where it answers. */
export interface NetworkNode extends PlannedNode {
  readonly target: RpcTarget;
}

/** A node as messages name it, and where it answers. */
export type NamedTarget = Pick<NetworkNode, "name" | "target">;

export interface NodeTip {
  readonly height: number;
  /** As JSON shows it. */
  readonly hash: string;
}

const POLL_MS = 50;
/** How long a node that is starting may take to answer, before its connections are left to its next start. */
const REACHABLE_TIMEOUT_MS = 10_000;

/** Text, number or flag of a call; hashes and addresses are text. */
export type CallParam = string | number | boolean;

/** Calls a method by place. Rejects with the node's name and message. */
export function call(node: NamedTarget, method: string, ...params: readonly CallParam[]): Promise<JsonValue> {
  return named(node, callRpc(node.target, method, params.map(jsonOf)));
}

/** The same for test code: plain values in, by place or by name, and plain values out (numbers are doubles). */
export async function callPlain(node: NamedTarget, method: string, params: object): Promise<unknown> {
  const values = parseJson(JSON.stringify(params)) as readonly JsonValue[] | JsonObject;
  return toPlain(await named(node, callRpc(node.target, method, values)));
}

const jsonOf = (param: CallParam) => (typeof param === "number" ? new JsonNumber(String(param)) : param);

async function named<Result>(node: NamedTarget, answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    const message = `${node.name}: ${(error as Error).message}`;
    if (error instanceof RpcError) throw new RpcError({ code: error.code, message }, { cause: error });
    if (error instanceof RpcTimeout) throw new RpcTimeout(message, { cause: error });
    throw error instanceof RpcUnreachable
      ? new RpcUnreachable(message, { cause: error })
      : new Error(message, { cause: error });
  }
}

export async function tipOf(node: NetworkNode): Promise<NodeTip> {
  const info = await call(node, "getblockchaininfo");
  if (!(info instanceof JsonObject)) throw new Error(`${node.name} answers getblockchaininfo with no object`);
  return { height: Number((info.get("blocks") as JsonNumber).text), hash: String(info.get("bestblockhash")) };
}

/** Mines `count` blocks at once, on that node, to `address`. The hashes, oldest first. */
export async function mine(node: NetworkNode, count: number, address: string): Promise<readonly string[]> {
  const hashes: string[] = [];
  // One call makes so many hashes only: on a signet a block may take several.
  while (hashes.length < count) {
    const made = (await call(node, "generatetoaddress", count - hashes.length, address)) as JsonValue[];
    hashes.push(...made.map(String));
  }
  return hashes;
}

/**
 * Brings the connections from those of one partition to those of another. `[]` is no partition. The names of nodes that do not answer,
 * which is no failure: they have the new connections when they start again. Nodes that `isGone` says so of are not even asked.
 */
export async function repartition(
  nodes: readonly NetworkNode[],
  from: Partition,
  to: Partition,
  isGone: (name: string) => boolean = () => false,
): Promise<readonly string[]> {
  const before = linksOf(nodes, from);
  const after = linksOf(nodes, to);
  const isIn = (links: readonly Link[], link: Link) =>
    links.some((one) => one.from === link.from && one.to === link.to);
  const find = (name: string) => nodes.find((node) => node.name === name)!;
  const absent = new Set<string>();
  const ofOwner = async (link: Link, change: (owner: NetworkNode, other: NetworkNode) => Promise<void>) => {
    if (!absent.has(link.from) && !isGone(link.from) && (await isReachable(find(link.from)))) {
      await change(find(link.from), find(link.to));
    } else {
      absent.add(link.from);
    }
  };
  for (const link of before) if (!isIn(after, link)) await ofOwner(link, disconnect);
  for (const link of after) if (!isIn(before, link)) await ofOwner(link, connect);
  return [...absent];
}

/** Waits a little for a node that is starting: it may have read the old connections already. */
async function isReachable(node: NetworkNode): Promise<boolean> {
  const limitMs = performance.now() + REACHABLE_TIMEOUT_MS;
  while ((await tipIfAnswering(node)) === undefined) {
    if (performance.now() > limitMs) return false;
    await pause();
  }
  return true;
}

/** The name by which other nodes of this machine know the node. */
export const peerName = ({ p2pPort }: PlannedNode) => `127.0.0.1:${p2pPort}`;

async function disconnect(from: NetworkNode, to: NetworkNode): Promise<void> {
  await unless("not been added", call(from, "addnode", peerName(to), "remove"));
  await unless("not found in connected nodes", call(from, "disconnectnode", peerName(to)));
}

async function connect(from: NetworkNode, to: NetworkNode): Promise<void> {
  await unless("already added", call(from, "addnode", peerName(to), "add"));
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
  /** The tip that most nodes have; absent where none answers. */
  readonly tip: NodeTip | undefined;
  readonly agreeing: number;
  readonly total: number;
}

/** Where all nodes stand. One that does not answer agrees with nobody. */
export async function agreementOf(nodes: readonly NetworkNode[]): Promise<Agreement> {
  const tips = (await Promise.all(nodes.map(tipIfAnswering))).filter((tip) => tip !== undefined);
  const withTip = (hash: string) => tips.filter((tip) => tip.hash === hash).length;
  const [first] = tips;
  if (first === undefined) return { tip: undefined, agreeing: 0, total: nodes.length };
  const tip = tips.reduce((best, one) => (withTip(one.hash) > withTip(best.hash) ? one : best), first);
  return { tip, agreeing: withTip(tip.hash), total: nodes.length };
}

/** Nothing where it does not answer just now: it may be starting again. */
const tipIfAnswering = (node: NetworkNode): Promise<NodeTip | undefined> => tipOf(node).catch(() => undefined);

/**
 * Resolves with the common tip. Rejects after `timeoutMs`, with where each node stands, and with what `onProgress` throws, which is
 * awaited after every look.
 */
export function waitUntilAgreed(
  nodes: readonly NetworkNode[],
  timeoutMs: number,
  onProgress: (agreement: Agreement) => void | Promise<void> = () => {},
): Promise<NodeTip> {
  return watchAgreement(nodes, timeoutMs, async (agreement) => {
    if (agreement.agreeing === agreement.total && agreement.tip !== undefined) return agreement.tip;
    await onProgress(agreement);
    return undefined;
  });
}

/**
 * Looks at where the nodes stand until `judge` answers something, which it is told of as the last look when the time is over. Rejects
 * after that, with where each node stands, and with what `judge` throws.
 */
export async function watchAgreement<Result extends object>(
  nodes: readonly NetworkNode[],
  timeoutMs: number,
  judge: (agreement: Agreement, isLast: boolean) => Promise<Result | undefined>,
): Promise<Result> {
  const limitMs = performance.now() + timeoutMs;
  for (;;) {
    const agreement = await agreementOf(nodes);
    const isLast = performance.now() > limitMs;
    const result = await judge(agreement, isLast);
    if (result !== undefined) return result;
    if (isLast) {
      const stands = await Promise.all(nodes.map(standOf));
      throw new NetworkFault(
        "unavailable",
        `The nodes do not agree after ${timeoutMs / 1000} s: ${stands.join(", ")}.`,
      );
    }
    await pause();
  }
}

async function standOf(node: NetworkNode): Promise<string> {
  const tip = await tipIfAnswering(node);
  return tip === undefined ? `${node.name} does not answer` : `${node.name} at ${tip.height}, ${tip.hash.slice(0, 16)}`;
}

/**
 * For nodes whose miners stand still: two may have found a block at the same moment, and each node would stay with the one that it heard
 * of first until another comes. Those that are as high as most of them turn to the block of most.
 */
export async function endTie(nodes: readonly NetworkNode[], { tip }: Pick<Agreement, "tip">): Promise<void> {
  const stands = await Promise.all(nodes.map(async (node) => ({ node, at: await tipIfAnswering(node) })));
  const others = stands.filter(({ at }) => tip !== undefined && at?.height === tip.height && at.hash !== tip.hash);
  // Who does not know the block yet, or has just ended, is found out by the next look.
  await Promise.allSettled(others.map(({ node }) => call(node, "preciousblock", tip!.hash)));
}

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, POLL_MS));

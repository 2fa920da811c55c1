import { type Agreement, callPlain, type NetworkNode, type NodeTip, watchAgreement } from "./operations.ts";
import { linksOf } from "./topology.ts";

/** Where nodes that talk to each other stand, in the end. */
export interface Meeting extends NodeTip {
  /** Nodes that have that tip. */
  readonly nodes: number;
  /** Tips of which none has more work, so that the next block decides; empty where all nodes have the same. */
  readonly tied: readonly string[];
}

/**
 * Waits until all nodes have one tip, or have tips of which none is ahead and no miner is at work that would decide it: as in any Bitcoin
 * network, each stays with the block that it had first. Rejects after `timeoutMs` where it is neither.
 */
export function waitUntilMet(
  nodes: readonly NetworkNode[],
  timeoutMs: number,
  onProgress: (agreement: Agreement) => void = () => {},
): Promise<Meeting> {
  return watchAgreement(nodes, timeoutMs, async ({ tip, agreeing, total }, isLast) => {
    onProgress({ tip, agreeing, total });
    if (tip === undefined) return undefined;
    if (agreeing === total) return { ...tip, nodes: total, tied: [] };
    // While somebody mines, the block that decides is on its way.
    const tied = (isLast || !(await isAnyMining(nodes))) && (await tieOf(nodes));
    return tied ? { ...tip, nodes: agreeing, tied } : undefined;
  });
}

/** The tips, where those that are connected know each other's and all have the same work: what they hear changes nothing any more. */
async function tieOf(nodes: readonly NetworkNode[]): Promise<readonly string[] | undefined> {
  const tips = await Promise.all(nodes.map((node) => callPlain(node, "getbestblockhash", []))).catch(() => []);
  const tipsByName = new Map(nodes.map(({ name }, index) => [name, tips[index] as string | undefined]));
  const different = new Set(tips as readonly string[]);
  if (different.size < 2) return undefined;
  const workOf = (node: NetworkNode, hash: string | undefined) => callPlain(node, "getblockheader", [hash]);
  const asked = linksOf(nodes, []).flatMap((link) => {
    const [from, to] = [link.from, link.to].map((name) => nodes.find((node) => node.name === name));
    if (from === undefined || to === undefined) return [];
    return [from, to].flatMap((node) => [link.from, link.to].map((name) => workOf(node, tipsByName.get(name))));
  });
  // Who has not heard of one yet, refuses.
  const headers = (await Promise.all(asked).catch(() => [])) as readonly { readonly chainwork: string }[];
  return new Set(headers.map(({ chainwork }) => chainwork)).size === 1 ? [...different] : undefined;
}

async function isAnyMining(nodes: readonly NetworkNode[]): Promise<boolean> {
  const infos = await Promise.all(nodes.map((node) => callPlain(node, "getminerinfo", []).catch(() => undefined)));
  return (infos as readonly ({ readonly pacing: string } | undefined)[]).some(
    (info) => info !== undefined && (info.pacing === "interval" || info.pacing === "continuous"),
  );
}

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import { displayHash, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../packages/node/src/chain/block-index.ts";
import type { Chain } from "../../packages/node/src/chain/chain.ts";
import { computeUtxoStats } from "../../packages/node/src/chain/utxo-stats.ts";
import type { Chronicle } from "./chronicle.ts";
import { type PeerLeaks, strangersOf } from "./invariants.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** What nodes that are left alone for long enough must have in common. */

/** Peers that may be remembered after they are gone, as who sent a block that is not checked yet. */
const GONE_PEERS_MAX = 8;

export interface Verdict {
  readonly height: number;
  readonly problems: readonly string[];
}

/** Why the nodes do not have one and the same tip; nothing where they do. */
export function agreementOf(nodes: readonly SimulatedNode[]): readonly string[] {
  const tips = new Map<string, string[]>();
  for (const { chain, name } of nodes) {
    const tip = chain === undefined ? "down" : `${displayHash(chain.tip.hash)} at height ${chain.height}`;
    tips.set(tip, [...(tips.get(tip) ?? []), name]);
  }
  return tips.size === 1 ? [] : [...tips].map(([tip, names]) => `${names.join(", ")}: ${tip}`);
}

/** Nodes whose mempools are not what another's is; one that holds something comes first. */
export function differingMempools(nodes: readonly SimulatedNode[]): readonly SimulatedNode[] {
  const contents = nodes.map((node) => ({ node, text: mempoolText(node) }));
  if (new Set(contents.map(({ text }) => text)).size === 1) return [];
  return contents.sort((a, b) => b.text.length - a.text.length).map(({ node }) => node);
}

function mempoolText({ mempool }: SimulatedNode): string {
  return [...(mempool?.entries() ?? [])]
    .map(({ tx }) => displayHash(tx.wtxid))
    .sort()
    .join();
}

/** Everything that must be so at the end. */
export async function judge(nodes: readonly SimulatedNode[], chronicle: Chronicle, leaks: PeerLeaks): Promise<Verdict> {
  const problems = [...agreementOf(nodes)];
  const tips = nodes.flatMap(({ chain }) => chain?.tip ?? []);
  const best = tips.reduce((max, tip) => (workOf(tip) > workOf(max) ? tip : max));
  for (const node of nodes) {
    const { chain, name } = node;
    if (chain === undefined) continue;
    problems.push(...strangersOf(node, chronicle.madeBlocks));
    for (const entry of chain.entries()) {
      if (entry.height <= chronicle.baseHeight) continue;
      const isBad = isOnBad(entry, chronicle.badBlocks);
      if (isBad && chain.isInActiveChain(entry)) problems.push(`${name} accepts ${displayHash(entry.hash)}`);
      if (!isBad && workOf(entry) > workOf(best)) problems.push(`${name} knows of a better tip, at ${entry.height}`);
    }
  }
  problems.push(...(await differingCoins(nodes)));
  problems.push(...(await leaked(leaks)));
  return { height: best.height, problems };
}

const works = new WeakMap<BlockIndexEntry, bigint>();

/** Work of a chain by its bits alone, whatever the node says that it is. */
function workOf(entry: BlockIndexEntry): bigint {
  const path: BlockIndexEntry[] = [];
  let from: BlockIndexEntry | undefined = entry;
  for (; from !== undefined && !works.has(from); from = from.previous) path.push(from);
  let work = from === undefined ? 0n : works.get(from)!;
  for (const link of path.reverse()) {
    work += workOfBits(link.bits);
    works.set(link, work);
  }
  return work;
}

function isOnBad(entry: BlockIndexEntry, bad: ReadonlySet<string>): boolean {
  // No chain is bad for long: a few blocks may have been made upon it at most.
  for (let link: BlockIndexEntry | undefined = entry, depth = 0; link !== undefined && depth < 10; depth++) {
    if (bad.has(hashKey(link.hash))) return true;
    link = link.previous;
  }
  return false;
}

async function differingCoins(nodes: readonly SimulatedNode[]): Promise<readonly string[]> {
  const hashes = new Set<string>();
  for (const { chain } of nodes) if (chain !== undefined) hashes.add(await coinsHash(chain));
  return hashes.size === 1 ? [] : [`${hashes.size} different sets of coins`];
}

async function coinsHash(chain: Chain): Promise<string> {
  const snapshot = await chain.withFlushedCoins((coins) => coins.snapshot());
  const { hash } = await computeUtxoStats(snapshot, { hash: "hash_serialized_3" });
  await snapshot.close();
  return displayHash(hash!);
}

async function leaked(leaks: PeerLeaks): Promise<readonly string[]> {
  await collectGarbage();
  return [...leaks.counts()]
    .filter(([, count]) => count > GONE_PEERS_MAX)
    .map(([node, count]) => `${node.name} keeps ${count} peers in memory that are gone`);
}

const nextTurn = globalThis.setImmediate;

async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // What was looked at in this turn is kept until its end.
  await new Promise((resolve) => nextTurn(resolve));
  collect();
}

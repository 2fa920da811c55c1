import type { FoundBlockView } from "../server/found-block-view.ts";
import type { MinerOrder, MinerView } from "../server/network-control.ts";
import { callPlain, type NamedTarget } from "./operations.ts";

/** The miner of a node of the network, by JSON-RPC. */

/** What `getminerinfo` answers. */
interface MinerFacts {
  readonly pacing: string;
  readonly interval: number;
  readonly address?: string;
  readonly miners: number;
  readonly hashespersec: number;
  readonly found: number;
  readonly stale: number;
  readonly blocks?: readonly BlockFacts[];
}

interface BlockFacts {
  readonly height: number;
  readonly hash: string;
  readonly time: number;
  /** In coins, as `fees`. */
  readonly reward: number;
  readonly fees: number;
  readonly txcount: number;
  readonly active: boolean;
  readonly instead?: string;
}

/** What a node's miner does, with the last `blockCount` blocks that it found. */
export async function minerOf(
  node: NamedTarget,
  blockCount = 0,
): Promise<MinerView & { readonly blocks: readonly FoundBlockView[] }> {
  const facts = (await callPlain(node, "getminerinfo", { blocks: blockCount })) as MinerFacts;
  return { ...viewOf(facts), blocks: (facts.blocks ?? []).map(blockOf) };
}

/** Tells a node's miner what to do from now on. */
export async function tellMiner(node: NamedTarget, order: MinerOrder): Promise<MinerView> {
  const pacing = order.pacing ?? ((await callPlain(node, "getminerinfo", {})) as MinerFacts).pacing;
  const { intervalSeconds, address } = order;
  const params = {
    pacing,
    ...(intervalSeconds !== undefined && { interval: intervalSeconds }),
    ...(address !== undefined && { address }),
  };
  return viewOf((await callPlain(node, "setminer", params)) as MinerFacts);
}

function viewOf(facts: MinerFacts): MinerView {
  return {
    pacing: facts.pacing,
    intervalSeconds: facts.interval,
    minerCount: facts.miners,
    hashesPerSecond: facts.hashespersec,
    foundCount: facts.found,
    staleCount: facts.stale,
    hasAddress: facts.address !== undefined,
  };
}

function blockOf(block: BlockFacts): FoundBlockView {
  return {
    height: block.height,
    hash: block.hash,
    timeSeconds: block.time,
    reward: satsOf(block.reward),
    fees: satsOf(block.fees),
    transactionCount: block.txcount,
    isActive: block.active,
    instead: block.instead,
  };
}

/** Of an amount with eight decimals, which a double holds exactly enough. */
const satsOf = (coins: number) => BigInt(Math.round(coins * 1e8));

import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockMaker, TreeBlock } from "./block-tree.ts";
import { EDGE_BLOCKS, spoiledCopies } from "./broken-blocks.ts";

/** One thing done to both nodes: a call, or how they are stopped and started again. */
export type Step =
  | { readonly label: string; readonly method: string; readonly params: readonly unknown[] }
  | { readonly label: string; readonly restart: "plain" | "reindex" | "reindex-chainstate" | "kill" };

export interface StepOptions {
  readonly restarts: boolean;
  /** Restarts are kills of our node alone; the operator's commands, which nobody would repeat after one, are left out. */
  readonly kills: boolean;
}

const RESTART_EVERY = 120;
const KILL_EVERY = 25;
const BRANCH_BLOCKS_MAX = 7;
const KNOWN_BLOCKS_MIN = 4;

export function submitBlock(block: TreeBlock): Step {
  const label = `submitblock ${block.label} at ${block.height} on ${short(block.previous)}`;
  return { label, method: "submitblock", params: [toHex(block.block.bytes)] };
}

function submitHeader(block: TreeBlock): Step {
  const label = `submitheader ${block.label} at ${block.height} on ${short(block.previous)}`;
  return { label, method: "submitheader", params: [toHex(encodeBlockHeader(block.header))] };
}

function short(block: TreeBlock | undefined): string {
  return block === undefined ? "nothing" : displayHash(block.header.hash).slice(0, 8);
}

/** Chooses what to do next. Knows the blocks that were made, and the best one by the nodes' word. */
export class StepMaker {
  readonly #maker: BlockMaker;
  readonly #options: StepOptions;
  readonly #known = new Map<string, TreeBlock>();
  /** Made, and kept back for later. */
  #withheld: TreeBlock[] = [];
  #isReindexed = false;
  /** The block that was made last. */
  newest: TreeBlock | undefined;

  constructor(maker: BlockMaker, options: StepOptions) {
    this.#maker = maker;
    this.#options = options;
    this.remember(maker.genesis);
  }

  remember(block: TreeBlock): TreeBlock {
    this.#known.set(displayHash(block.header.hash), block);
    this.newest = block;
    return block;
  }

  find(hash: string): TreeBlock | undefined {
    return this.#known.get(hash);
  }

  /** `best` is the hash of the nodes' tip. */
  next(best: string): Step[] {
    const { random } = this.#maker;
    const { restarts, kills } = this.#options;
    if (restarts && random.oneIn(kills ? KILL_EVERY : RESTART_EVERY)) return [this.#restart()];
    const choice = random.below(100);
    if (choice < 34) return [submitBlock(this.#valid(this.#parent(best)))];
    if (choice < 56) return this.#edge(this.#parent(best));
    if (choice < 66) return this.#branch(best);
    if (choice < 74) return this.#copies(best);
    if (choice < 82) return this.#late();
    if (choice < 88) return [random.oneIn(3) ? submitHeader(this.#any()) : submitBlock(this.#any())];
    return kills ? [submitBlock(this.#valid(this.#parent(best)))] : [this.#command(best)];
  }

  #restart(): Step {
    if (this.#options.kills) return { label: "kill", restart: "kill" };
    const restart = this.#maker.random.pick(["plain", "plain", "plain", "reindex", "reindex-chainstate"] as const);
    if (restart === "reindex") return this.lastRestart();
    return { label: `restart ${restart}`, restart };
  }

  /**
   * A reindex, once a tree: a second one would find blocks whose ancestors' data never came, which Bitcoin Core writes over
   * after the first and we do not.
   */
  lastRestart(): Step {
    const restart = this.#isReindexed ? "plain" : "reindex";
    this.#isReindexed = true;
    return { label: `restart ${restart}`, restart };
  }

  #any(): TreeBlock {
    const blocks = [...this.#known.values()];
    return this.#maker.random.pick(blocks.slice(this.#maker.random.oneIn(4) ? 0 : -30));
  }

  /** Mostly the tip or a block near it. */
  #parent(best: string): TreeBlock {
    const { random } = this.#maker;
    const tip = this.#known.get(best) ?? this.#maker.genesis;
    const choice = random.below(10);
    if (choice < 5) return tip;
    if (choice < 7) return tip.ancestor(Math.max(0, tip.height - 1 - random.below(4))) ?? tip;
    if (choice < 8) return tip.ancestor(Math.max(0, tip.height - 1 - random.below(25))) ?? tip;
    return this.#any();
  }

  #valid(parent: TreeBlock): TreeBlock {
    const { list, fees } = this.#maker.transactions(parent, 5);
    const block = this.#maker.block(parent, { transactions: list, fees });
    return this.remember(block);
  }

  #edgeBlock(parent: TreeBlock): TreeBlock {
    for (;;) {
      const block = this.#maker.random.pick(EDGE_BLOCKS)(this.#maker, parent);
      if (block !== undefined) return this.remember(block);
    }
  }

  #edge(parent: TreeBlock): Step[] {
    const { random } = this.#maker;
    const block = this.#edgeBlock(parent);
    const steps = [submitBlock(block)];
    if (random.oneIn(3)) steps.unshift(submitHeader(block));
    if (random.oneIn(4)) steps.push(submitBlock(block));
    if (random.oneIn(4)) steps.push(submitHeader(block));
    // What builds on it shares its fate.
    if (random.oneIn(3)) {
      const child = this.#valid(block);
      steps.push(...(random.oneIn(2) ? [submitHeader(child)] : []), submitBlock(child));
    }
    return steps;
  }

  /** Several blocks in a row, one of them perhaps broken; headers first, children first, some kept back. */
  #branch(best: string): Step[] {
    const { random } = this.#maker;
    const blocks: TreeBlock[] = [];
    let parent = this.#parent(best);
    const count = 2 + random.below(BRANCH_BLOCKS_MAX - 1);
    const broken = random.oneIn(2) ? random.below(count) : -1;
    for (let made = 0; made < count; made++) {
      parent = made === broken ? this.#edgeBlock(parent) : this.#valid(parent);
      blocks.push(parent);
    }
    const headers = random.oneIn(3) ? [] : blocks.map(submitHeader);
    const order = random.oneIn(3) ? blocks : random.oneIn(2) ? random.shuffled(blocks) : [...blocks].reverse();
    const kept = order.filter(() => random.oneIn(5));
    this.#withheld.push(...kept);
    return [...headers, ...order.filter((block) => !kept.includes(block)).map(submitBlock)];
  }

  #copies(best: string): Step[] {
    const { random } = this.#maker;
    const parent = this.#parent(best);
    const { list, fees } = this.#maker.transactions(parent, 8);
    const original = this.#maker.block(parent, { transactions: list, fees, label: "original" });
    const copies = spoiledCopies(this.#maker, original).slice(0, 1 + random.below(3));
    const steps = copies.map(submitBlock);
    this.remember(original);
    if (random.oneIn(3)) steps.unshift(submitHeader(original));
    if (!random.oneIn(5)) steps.push(submitBlock(original));
    if (random.oneIn(3)) steps.push(submitBlock(copies[0]!));
    return steps;
  }

  #late(): Step[] {
    if (this.#withheld.length === 0) return [submitBlock(this.#any())];
    const index = this.#maker.random.below(this.#withheld.length);
    const [block] = this.#withheld.splice(index, 1);
    return [submitBlock(block!)];
  }

  #command(best: string): Step {
    const { random } = this.#maker;
    const method = random.pick(["invalidateblock", "reconsiderblock", "reconsiderblock", "preciousblock"]);
    const near = this.#known.size > KNOWN_BLOCKS_MIN && random.oneIn(2) ? this.#parent(best) : this.#any();
    const hash = random.oneIn(20) ? toHex(random.bytes(32)) : displayHash(near.header.hash);
    return { label: `${method} ${hash.slice(0, 8)} at ${near.height}`, method, params: [hash] };
  }
}

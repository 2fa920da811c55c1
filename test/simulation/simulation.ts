import { createHash } from "node:crypto";
import type { NetworkAddress } from "@bitfleet/protocol/wire/network-address.ts";
import { HOSTILITIES, HostilePeer } from "./hostile-peers.ts";
import { SeededRandom, SimulatedClock } from "./simulated-clock.ts";
import { SimulatedNode, type World } from "./simulated-node.ts";
import { hostOf, SimulatedInternet } from "./simulated-sockets.ts";

/** A network of many nodes and a few enemies, from one seed: everything that happens follows from it. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const START_MS = Date.UTC(2026, 0, 1);

export interface SimulationOptions {
  readonly seed: number;
  readonly nodeCount: number;
  readonly hostileCount: number;
  /** How long blocks are mined and things go wrong. */
  readonly turmoilMs: number;
  /** How long the network has, undisturbed, to agree. */
  readonly calmMs: number;
  /** Every line of every node goes here too. */
  readonly onLine?: (line: string) => void;
}

export const SIMULATION_DEFAULTS: Omit<SimulationOptions, "seed"> = {
  nodeCount: 20,
  hostileCount: 4,
  turmoilMs: 8 * MINUTE_MS,
  calmMs: 6 * MINUTE_MS,
};

/** What must hold of a node at every moment. */
const LIMITS = { inboundCount: 24, requestedBlocksPerPeer: 16, orphanWeight: 24 * 404_000 } as const;

export interface SimulationResult {
  /** Of everything that the nodes logged, in order: two runs of a seed have the same. */
  readonly fingerprint: string;
  readonly height: number;
  readonly lineCount: number;
  /** What was not as it must be; empty where all is well. */
  readonly problems: readonly string[];
}

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const simulation = new Simulation(options);
  return simulation.run();
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #random: SeededRandom;
  readonly #clock = new SimulatedClock(START_MS);
  readonly #internet: SimulatedInternet;
  readonly #hash = createHash("sha256");
  readonly #nodes: SimulatedNode[] = [];
  readonly #enemies: HostilePeer[] = [];
  readonly #problems = new Set<string>();
  #lineCount = 0;
  #isCalm = false;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    const { random } = { random: this.#random };
    this.#internet = new SimulatedInternet(this.#clock, random.fork(), {
      latencyMinMs: 1 + random.below(40),
      latencyMaxMs: 50 + random.below(300),
      bytesPerSecond: 50_000 + random.below(2_000_000),
      lossRate: random.unit() * 0.02,
      resetRate: random.unit() * 0.001,
    });
  }

  async run(): Promise<SimulationResult> {
    await this.#build();
    this.#turmoil();
    await this.#runFor(this.#options.turmoilMs);
    await this.#calmDown();
    await this.#runFor(this.#options.calmMs);
    this.#judge();
    const height = this.#nodes[0]!.chain?.height ?? -1;
    for (const node of this.#nodes) await node.stop(true);
    return {
      fingerprint: this.#hash.digest("hex"),
      height,
      lineCount: this.#lineCount,
      problems: [...this.#problems],
    };
  }

  async #build(): Promise<void> {
    const world: World = {
      clock: this.#clock,
      internet: this.#internet,
      trace: (node, line) => this.#trace(node, line),
    };
    for (let index = 0; index < this.#options.nodeCount; index++) {
      // To one or two of those before it: the network is connected.
      const targets = this.#nodes.length === 0 ? [] : [this.#random.pick(this.#nodes), this.#random.pick(this.#nodes)];
      const node = new SimulatedNode(
        {
          name: `node-${index}`,
          address: addressOf(1, index),
          connectTo: [...new Set(targets)].map(({ endpoint }) => endpoint),
          usesV2: this.#random.chance(0.5),
          inboundCountMax: LIMITS.inboundCount,
        },
        world,
        this.#random.fork(),
      );
      this.#nodes.push(node);
      await node.start();
    }
    for (let index = 0; index < this.#options.hostileCount; index++) {
      const enemy = new HostilePeer(HOSTILITIES[(this.#options.seed + index) % HOSTILITIES.length]!, {
        sockets: this.#internet.portOf(addressOf(2, index)),
        target: this.#random.pick(this.#nodes),
        clock: this.#clock,
        random: this.#random.fork(),
      });
      this.#enemies.push(enemy);
      enemy.start();
    }
  }

  /** Blocks are found, nodes go down and come back, the network is cut and joined, until it is calm. */
  #turmoil(): void {
    this.#every(8 * SECOND_MS, () => this.#random.pick(this.#nodes).mine());
    this.#every(45 * SECOND_MS, () => void this.#restartOne());
    this.#every(70 * SECOND_MS, () => {
      if (this.#random.chance(0.4)) this.#internet.heal();
      else this.#cut();
    });
    const watch = () => {
      this.#checkLimits();
      this.#clock.after(SECOND_MS, watch);
    };
    watch();
  }

  /** At random times, `meanMs` apart, until it is calm. */
  #every(meanMs: number, act: () => void): void {
    const next = () => {
      const delayMs = -Math.log(1 - this.#random.unit()) * meanMs;
      this.#clock.after(delayMs, () => {
        if (this.#isCalm) return;
        act();
        next();
      });
    };
    next();
  }

  #cut(): void {
    const groupOf = new Map(this.#nodes.map(({ options }) => [hostOf(options.address), this.#random.below(2)]));
    this.#internet.partition((host) => groupOf.get(host) ?? 0);
  }

  async #restartOne(): Promise<void> {
    const node = this.#random.pick(this.#nodes);
    if (!node.isRunning) return;
    await node.stop(this.#random.chance(0.5));
    this.#clock.after(this.#random.unit() * 20 * SECOND_MS, () => {
      if (!node.isRunning) void node.start();
    });
  }

  async #calmDown(): Promise<void> {
    this.#isCalm = true;
    this.#internet.heal();
    // Those who are about to come back do so within twenty seconds.
    await this.#runFor(25 * SECOND_MS);
    for (const node of this.#nodes) if (!node.isRunning) await node.start();
    // One block more than all others, so that no two branches stay equal.
    this.#nodes[0]!.mine();
  }

  #runFor(durationMs: number): Promise<void> {
    return this.#clock.runUntil(this.#clock.monotonicMs() + durationMs);
  }

  #checkLimits(): void {
    for (const node of this.#nodes) {
      const load = node.load();
      if (load === undefined) continue;
      const { inboundCount, peerCount, requestedBlocks, orphanWeight } = load;
      if (inboundCount > LIMITS.inboundCount) this.#problems.add(`${node.name}: ${inboundCount} inbound connections`);
      if (requestedBlocks > LIMITS.requestedBlocksPerPeer * Math.max(peerCount, 1))
        this.#problems.add(`${node.name}: ${requestedBlocks} blocks requested of ${peerCount} peers`);
      if (orphanWeight > LIMITS.orphanWeight) this.#problems.add(`${node.name}: orphans of weight ${orphanWeight}`);
    }
  }

  /** All agree, on a chain with as much work as any of them knows. */
  #judge(): void {
    this.#checkLimits();
    const best = this.#nodes.reduce((max, { chain }) => {
      const work = chain?.tip.chainwork ?? 0n;
      return work > max ? work : max;
    }, 0n);
    const tips = new Set(this.#nodes.map(({ tip }) => tip));
    for (const node of this.#nodes) {
      if (node.chain?.tip.chainwork !== best)
        this.#problems.add(`${node.name} is behind, at height ${node.chain?.height}`);
    }
    if (tips.size !== 1) this.#problems.add(`${tips.size} different tips`);
  }

  #trace(node: string, line: string): void {
    this.#lineCount++;
    const text = `${this.#clock.nowMs() - START_MS} ${node} ${line}`;
    this.#hash.update(`${text}\n`);
    this.#options.onLine?.(text);
    if (line.startsWith("error:")) this.#problems.add(`${node}: ${line}`);
  }
}

function addressOf(kind: number, index: number): NetworkAddress {
  return { network: "ipv4", bytes: Uint8Array.of(100 + kind, 20, index >> 8, index & 0xff) };
}

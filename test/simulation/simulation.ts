import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { NetworkAddress } from "@bitfleet/protocol/wire/network-address.ts";
import { DOWNLOAD_WINDOW_BLOCKS } from "../../packages/node/src/p2p/sync/next-blocks.ts";
import { agreementOf, differingMempools, judge, type Verdict } from "./agreement.ts";
import { type BaseChain, baseChain, START_MS } from "./base-chain.ts";
import { Chronicle } from "./chronicle.ts";
import { HostilePeer } from "./hostile-peers.ts";
import { HOSTILITIES, type Hostility } from "./hostilities.ts";
import { excessesOf, PeerLeaks, shutOutBy } from "./invariants.ts";
import { SeededRandom } from "./seeded-random.ts";
import { SimulatedClock } from "./simulated-clock.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { SimulatedNode, type World } from "./simulated-node.ts";
import { SimulatedInternet } from "./simulated-sockets.ts";
import { Spending } from "./spending.ts";

/** A network of many nodes and a few enemies, from one seed: everything that happens follows from it. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Mean times between two events of a kind, while there is turmoil. */
const BLOCK_EVERY_MS = 3.5 * SECOND_MS;
const TRANSACTION_EVERY_MS = SECOND_MS;
const RESTART_EVERY_MS = 12 * SECOND_MS;
const CUT_EVERY_MS = 17 * SECOND_MS;
const STALL_EVERY_MS = 3 * SECOND_MS;
const STALL_MAX_MS = 20 * SECOND_MS;
const DOWN_MAX_MS = 10 * SECOND_MS;

const LIMITS_CHECK_MS = SECOND_MS;
const BANS_CHECK_MS = 15 * SECOND_MS;

/** How long the network may take to agree once it is left alone: a block that is not sent is asked of another only after a while. */
const AGREEMENT_MAX_MS = 60 * MINUTE_MS;
const RELAY_MAX_MS = 10 * MINUTE_MS;
const LOOK_EVERY_MS = 2 * SECOND_MS;
const FRESH_TRANSACTIONS = 3;
const END_MS = 10 * SECOND_MS;
/** As many as may follow each other with the lowest difficulty. */
const EASY_BLOCKS = 4;
/**
 * Of a newcomer's blocks no more are missing after this than are downloaded at once, although one whom it asks sends none: while others
 * cannot go on for one peer's blocks, that peer has seconds. For the last blocks it has as long as for any.
 */
const WINDOW_MAX_MS = 4 * MINUTE_MS;
/** Of so many seeds one has a newcomer, which takes as long as all the rest. */
const NEWCOMER_ONE_IN = 8;

export interface SimulationOptions {
  readonly seed: number;
  readonly nodeCount: number;
  readonly hostileCount: number;
  /** How long blocks are mined and things go wrong. */
  readonly turmoilMs: number;
  /** Every line of every node goes here too. */
  readonly onLine?: (line: string) => void;
}

export interface SimulationResult {
  /** Of everything that the nodes logged, in order: two runs of a seed have the same. */
  readonly fingerprint: string;
  readonly height: number;
  /** How long it took on the simulated clock. */
  readonly durationMs: number;
  readonly lineCount: number;
  /** How often what is worth counting happened. */
  readonly counts: ReadonlyMap<string, number>;
  /** What was not as it must be; empty where all is well. */
  readonly problems: readonly string[];
}

/** Runs one simulation. One at a time in a process. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const base = await baseChain();
  const folder = mkdtempSync(join(tmpdir(), "simulation-"));
  const simulation = new Simulation(options, base, folder);
  try {
    return await simulation.run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #base: BaseChain;
  readonly #folder: string;
  readonly #random: SeededRandom;
  readonly #clock = new SimulatedClock(START_MS);
  readonly #internet: SimulatedInternet;
  readonly #chronicle: Chronicle;
  readonly #world: World;
  readonly #spending: Spending;
  readonly #leaks = new PeerLeaks();
  readonly #nodes: SimulatedNode[] = [];
  readonly #enemies: HostilePeer[] = [];
  #isCalm = false;

  constructor(options: SimulationOptions, base: BaseChain, folder: string) {
    this.#options = options;
    this.#base = base;
    this.#folder = folder;
    const random = new SeededRandom(options.seed);
    this.#random = random;
    this.#internet = new SimulatedInternet(this.#clock, random.fork(), {
      latencyMinMs: 1 + random.below(40),
      latencyMaxMs: 50 + random.below(300),
      bytesPerSecond: 50_000 + random.below(2_000_000),
      lossRate: random.unit() * 0.02,
      resetRate: random.unit() * 0.001,
    });
    this.#chronicle = new Chronicle({ clock: this.#clock, folder, onLine: options.onLine }, this.#nodes, this.#leaks);
    this.#world = { clock: this.#clock, internet: this.#internet, observer: this.#chronicle };
    this.#spending = new Spending(base.coins, random.fork());
  }

  async run(): Promise<SimulationResult> {
    const restore = this.#chronicle.catchRejections(this.#clock.captureTurns());
    try {
      await this.#build();
      this.#turmoil();
      await this.#runFor(this.#options.turmoilMs);
      await this.#calmDown();
      await this.#agree();
      await this.#contest();
      await this.#agreeOnMempools();
      await this.#relayFresh();
      if (this.#options.seed % NEWCOMER_ONE_IN === 0) await this.#newcomer();
      await this.#endHarm();
      const verdict = await this.#judge();
      await this.#stopAll();
      return this.#chronicle.result(verdict.height, this.#clock.monotonicMs() - START_MS);
    } finally {
      restore();
    }
  }

  async #build(): Promise<void> {
    for (let index = 0; index < this.#options.hostileCount; index++)
      this.#addEnemy(HOSTILITIES[(this.#options.seed + index) % HOSTILITIES.length]!);
    for (let index = 0; index < this.#options.nodeCount; index++) {
      // One or two of those before it: the network is connected.
      const before = this.#nodes.length === 0 ? [] : [this.#random.pick(this.#nodes), this.#random.pick(this.#nodes)];
      const enemies = this.#random.chance(0.15) ? this.#enemies.slice(0, 1) : [];
      const node = this.#newNode([...new Set([...before, ...enemies])], this.#base.disk.copy());
      this.#hold(() => node.start());
    }
    await this.#runFor(0);
    this.#chronicle.noteBase(this.#nodes[0]!);
    for (const enemy of this.#enemies) enemy.start();
  }

  #newNode(knows: readonly (SimulatedNode | HostilePeer)[], disk: SimulatedDisk): SimulatedNode {
    const index = this.#nodes.length;
    const name = `node-${index}`;
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    const node = new SimulatedNode(
      {
        name,
        address: addressOf(index),
        knows: knows.map(({ endpoint }) => endpoint),
        isFixed: this.#random.chance(0.8),
        usesV2: this.#random.chance(0.3),
        isOwnNetwork: this.#random.chance(0.3),
        folder,
      },
      this.#world,
      this.#random.fork(),
      disk,
    );
    this.#nodes.push(node);
    return node;
  }

  #addEnemy(hostility: Hostility): HostilePeer {
    const address = addressOf(100 + this.#enemies.length);
    const enemy = new HostilePeer(hostility, address, {
      sockets: this.#internet.portOf(address),
      nodes: this.#nodes,
      clock: this.#clock,
      random: this.#random.fork(),
      onBadBlock: (hash) => this.#chronicle.noteBadBlock(hash),
    });
    this.#enemies.push(enemy);
    return enemy;
  }

  /** Blocks are found, coins spent, nodes go down and come back, the network is cut and joined, until it is calm. */
  #turmoil(): void {
    const random = this.#random;
    this.#every(BLOCK_EVERY_MS, () => void random.pick(this.#nodes).mine());
    this.#every(TRANSACTION_EVERY_MS, () => void this.#spend());
    this.#every(RESTART_EVERY_MS, () => this.#restartOne());
    this.#every(CUT_EVERY_MS, () => (random.chance(0.4) ? this.#join() : this.#cut()));
    this.#every(STALL_EVERY_MS, () => this.#internet.stallOne(random.unit() * STALL_MAX_MS));
    this.#again(LIMITS_CHECK_MS, () => {
      for (const node of this.#nodes) this.#chronicle.problems(excessesOf(node, this.#internet));
    });
    this.#again(BANS_CHECK_MS, () => {
      for (const node of this.#nodes) this.#chronicle.problems(shutOutBy(node, this.#nodes));
    });
  }

  /** At random times, until it is calm. */
  #every(meanMs: number, act: () => void): void {
    this.#clock.after(this.#random.waitMs(meanMs), () => {
      if (this.#isCalm) return;
      act();
      this.#every(meanMs, act);
    });
  }

  #again(periodMs: number, act: () => void): void {
    this.#clock.after(periodMs, () => {
      act();
      this.#again(periodMs, act);
    });
  }

  async #spend(): Promise<void> {
    const isSent = await this.#spending.sendBy(this.#random.pick(this.#nodes));
    if (isSent) this.#chronicle.count("transactions sent");
  }

  /** Two parts of the network that hear nothing of each other. The miners of one may date their blocks late: many, and worth little. */
  #cut(): void {
    this.#chronicle.count("cuts");
    const groups = new Map(this.#nodes.map(({ host }) => [host, this.#random.below(2)]));
    this.#internet.partition((host) => groups.get(host) ?? 0);
    const lenientGroup = this.#random.below(3);
    for (const node of this.#nodes) node.isLenient = groups.get(node.host) === lenientGroup;
  }

  #join(): void {
    this.#internet.heal();
    for (const node of this.#nodes) node.isLenient = false;
  }

  #restartOne(): void {
    const node = this.#random.pick(this.#nodes);
    if (!node.isRunning) return;
    const isCrash = this.#random.chance(0.5);
    if (isCrash) this.#internet.disconnectHost(node.host);
    this.#chronicle.count(isCrash ? "crashes" : "stops");
    this.#hold(() => (isCrash ? node.crash() : node.stop()));
    this.#clock.after(this.#random.unit() * DOWN_MAX_MS, () => this.#hold(() => node.start()));
  }

  async #calmDown(): Promise<void> {
    this.#isCalm = true;
    this.#join();
    for (const enemy of this.#enemies) enemy.calmDown();
    // Those who are about to come back do so by then.
    await this.#runFor(DOWN_MAX_MS + SECOND_MS);
    // One block on the best branch, so that no two stay equal.
    const workOf = ({ chain }: SimulatedNode) => chain?.tip.chainwork ?? 0n;
    void this.#nodes.reduce((best, node) => (workOf(node) > workOf(best) ? node : best)).mine();
  }

  async #agree(): Promise<void> {
    const isAgreed = await this.#runUntil(AGREEMENT_MAX_MS, () => agreementOf(this.#nodes).length === 0);
    if (!isAgreed) this.#chronicle.problems(agreementOf(this.#nodes));
  }

  /** Two parts make a chain each, one longer and the other of more work: the latter is everybody's in the end. */
  async #contest(): Promise<void> {
    const groupOf = (node: SimulatedNode) => this.#nodes.indexOf(node) % 2;
    const [easy, hard] = this.#nodes as [SimulatedNode, SimulatedNode];
    this.#internet.partition((host) => groupOf(this.#nodes.find((node) => node.host === host) ?? easy));
    easy.isLenient = true;
    for (let count = 0; count < EASY_BLOCKS; count++) {
      void easy.mine();
      await this.#runFor(SECOND_MS);
    }
    void hard.mine();
    await this.#runFor(LOOK_EVERY_MS);
    const branches = [easy, hard].map(({ chain }) => chain!.tip);
    const [loser, winner] = branches.sort((a, b) => (a.chainwork < b.chainwork ? -1 : 1));
    if (loser!.height > winner!.height) this.#chronicle.count("longer chains of less work");
    this.#join();
    await this.#agree();
    const { tip } = easy.chain!;
    if (displayHash(tip.hash) !== displayHash(winner!.hash))
      this.#chronicle.problems([`the chain of less work, ${displayHash(tip.hash)}, was preferred`]);
  }

  /** What one node alone still knows of goes into blocks, until all know the same. */
  async #agreeOnMempools(): Promise<void> {
    for (let round = 0; round < 2 * this.#nodes.length; round++) {
      const [different] = differingMempools(this.#nodes);
      if (different === undefined) return;
      void different.mine();
      await this.#runFor(LOOK_EVERY_MS);
      await this.#agree();
    }
    const names = differingMempools(this.#nodes).map(({ name }) => name);
    if (names.length > 0) this.#chronicle.problems([`the mempools of ${names.join(", ")} stay different`]);
  }

  /** New transactions reach everybody. */
  async #relayFresh(): Promise<void> {
    for (let count = 0; count < FRESH_TRANSACTIONS; count++) {
      const node = this.#random.pick(this.#nodes);
      const tx = this.#spending.freshTransaction();
      const refusal = node.send(tx);
      const hasIt = (other: SimulatedNode) => other.mempool?.has(tx.txid) === true;
      const isEverywhere = await this.#runUntil(RELAY_MAX_MS, () => this.#nodes.every(hasIt));
      if (isEverywhere) continue;
      const without = this.#nodes.filter((other) => !hasIt(other)).map(({ name }) => name);
      const why = (await refusal) ?? "it was sent";
      this.#chronicle.problems([`a transaction of ${node.name} did not reach ${without.join(", ")}: ${why}`]);
    }
  }

  /** A node without any block joins, and one of those whom it asks sends none. */
  async #newcomer(): Promise<void> {
    const enemy = this.#addEnemy("withholding");
    enemy.start();
    const others = [0, 0, 0].map(() => this.#random.pick(this.#nodes));
    const node = this.#newNode([enemy, ...new Set(others)], new SimulatedDisk());
    this.#hold(() => node.start());
    const isPastWindow = () => node.chain!.height + DOWNLOAD_WINDOW_BLOCKS > this.#nodes[0]!.chain!.height;
    const isPast = await this.#runUntil(WINDOW_MAX_MS, isPastWindow);
    if (!isPast) this.#chronicle.problems([`the newcomer is only at height ${node.chain?.height}`]);
    await this.#agree();
    this.#chronicle.count("newcomers");
  }

  /** What is kept for connections that end takes a moment to go: afterwards nothing of the enemies should be left. */
  async #endHarm(): Promise<void> {
    for (const enemy of this.#enemies) enemy.stop();
    await this.#runFor(END_MS);
  }

  async #judge(): Promise<Verdict> {
    let verdict: Verdict = { height: -1, problems: [] };
    this.#hold(async () => {
      verdict = await judge(this.#nodes, this.#chronicle, this.#leaks);
    });
    await this.#runFor(0);
    this.#chronicle.problems(verdict.problems);
    return verdict;
  }

  async #stopAll(): Promise<void> {
    for (const node of this.#nodes) this.#hold(() => node.stop());
    await this.#runFor(0);
  }

  #hold(work: () => Promise<void>): void {
    this.#clock.hold(work);
  }

  #runFor(durationMs: number): Promise<void> {
    return this.#clock.runUntil(this.#clock.monotonicMs() + durationMs);
  }

  /** False where it is not so in time. */
  async #runUntil(durationMs: number, isSo: () => boolean): Promise<boolean> {
    const endMs = this.#clock.monotonicMs() + durationMs;
    while (this.#clock.monotonicMs() < endMs) {
      await this.#runFor(LOOK_EVERY_MS);
      if (isSo()) return true;
    }
    return false;
  }
}

/** Each in a network of its own, so that nodes connect to any of them. */
function addressOf(index: number): NetworkAddress {
  return { network: "ipv4", bytes: Uint8Array.of(20 + (index % 80), 1 + index, 7, 1) };
}

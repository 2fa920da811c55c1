import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { SeededRandom } from "../differential/random.ts";
import type { Life } from "./life.ts";
import { idOf, spentKeys } from "./reference-chain.ts";
import type { ReferenceMempool } from "./reference-mempool.ts";
import type { BranchBlock, Step } from "./steps.ts";
import { TransactionMaker } from "./transaction-maker.ts";
import type { World } from "./worlds.ts";

/** Transactions made lately, that come again, get mined, or are mined instead. */
const RECENT_MAX = 60;

/** Makes up what happens next, looking at the reference alone. */
export class StepMaker {
  readonly #random: SeededRandom;
  readonly #life: Life;
  readonly #world: World;
  readonly #maker: TransactionMaker;
  readonly #recent: Transaction[] = [];
  /** Steps that belong together. */
  readonly #planned: Step[] = [];

  constructor(random: SeededRandom, life: Life, world: World) {
    this.#random = random;
    this.#life = life;
    this.#world = world;
    this.#maker = new TransactionMaker(random, life, world);
    if (world.growsClusters) this.#planLarge();
  }

  get #reference(): ReferenceMempool {
    return this.#life.reference;
  }

  next(): Step {
    const planned = this.#planned.shift();
    if (planned !== undefined) return planned;
    const step = this.#choose();
    // The minimum begins to fall eleven seconds after a block.
    if ((step.do === "mine" || step.do === "template") && this.#random.oneIn(2))
      this.#planned.push({ do: "wait", seconds: 10 }, { do: "wait", seconds: 1 });
    return step;
  }

  #choose(): Step {
    const random = this.#random;
    const roll = random.below(100);
    if (roll < 42) return this.#accept(this.#maker.fresh());
    if (roll < 53) return this.#accept(this.#maker.replacement());
    if (roll < 56) return this.#accept(this.#maker.odd(this.#recent));
    if (roll < 57) return this.#accept(this.#maker.filling());
    if (roll < 61) return this.#accept(this.#recent.length > 0 ? random.pick(this.#recent) : this.#maker.fresh());
    if (roll < 72) return this.#package("package");
    if (roll < 75) return this.#package("test-package");
    if (roll < 79) return this.#prioritise();
    if (roll < 83) return { do: "wait", seconds: random.pick([1, 9, 10, 11, 12, 600, 1800, 3600, 7200, 20_000]) };
    if (roll < 87)
      return { do: "template", maxWeight: random.pick([4_000_000, 4_000_000, 8000, 4000]), seconds: this.#seconds() };
    if (roll < 89) return { do: "mine", ...this.#block() };
    if (roll < 95) return this.#reorganise();
    if (roll < 97) return { do: "restart" };
    if (roll < 98 && this.#reference.unbroadcast.length > 0)
      return { do: "delivered", id: random.pick(this.#reference.unbroadcast) };
    if (roll === 98) return random.oneIn(2) ? this.#pardon() : this.#aging();
    return roll === 99 && random.oneIn(2) ? this.#reunion() : this.#family();
  }

  #accept(tx: Transaction): Step {
    const random = this.#random;
    this.#remember(tx);
    return {
      do: "accept",
      tx: toHex(tx.bytes),
      ...(random.oneIn(3) && { isOwn: true }),
      ...(random.oneIn(10) && { testOnly: true }),
      ...(random.oneIn(12) && { feerateMax: random.pick([100, 200, 1000, 5000]) }),
      ...(random.oneIn(15) && {
        secondsAgo: random.pick([60, 3600, this.#world.options.expirySeconds, this.#world.options.expirySeconds + 1]),
      }),
    };
  }

  #package(what: "package" | "test-package"): Step {
    const random = this.#random;
    const txs = this.#maker.package(this.#recent);
    for (const tx of txs) this.#remember(tx);
    const hex = txs.map(({ bytes }) => toHex(bytes));
    if (what === "test-package") return { do: what, txs: hex };
    return { do: what, txs: hex, ...(random.oneIn(12) && { feerateMax: random.pick([200, 1000, 5000]) }) };
  }

  /** A coin that is just old enough for what spends it, until blocks are lost. */
  #aging(): Step {
    const { young, heir } = this.#maker.aging(3);
    const none = { do: "mine", txs: [], seconds: 60 } as const;
    this.#planned.push(none, none, { do: "accept", tx: toHex(heir.bytes) }, { do: "invalidate", depth: 2 });
    return { do: "mine", txs: [toHex(young.bytes)], seconds: 60 };
  }

  /** Dust that pays, but by what the operator says pays nothing. */
  #pardon(): Step {
    const tx = this.#maker.payingDust(10n);
    this.#planned.push({ do: "accept", tx: toHex(tx.bytes) });
    return { do: "prioritise", id: idOf(tx), delta: -10 };
  }

  /** A family that is larger than it may be, as a reorganisation leaves it. */
  #reunion(): Step {
    const { parents, child, late } = this.#maker.reunion();
    const hex = ({ bytes }: Transaction) => toHex(bytes);
    const none = { txs: [], seconds: 60 };
    this.#planned.push({ do: "accept", tx: hex(child) });
    this.#planned.push({ do: "branch", depth: 1, blocks: [none, none] });
    this.#planned.push({ do: "accept", tx: hex(late) });
    return { do: "mine", txs: parents.map(hex), seconds: 60 };
  }

  /** A parent of version 3, its child, and another child that wants its place. */
  #family(): Step {
    for (const tx of this.#maker.family()) this.#planned.push(this.#accept(tx));
    return this.#planned.shift()!;
  }

  /**
   * A cluster as large as may be; or more clusters than one transaction may replace, and those that try: 101 is too many, 100
   * is not.
   */
  #planLarge(): void {
    const plan = (txs: readonly Transaction[]) => {
      for (const tx of txs) this.#planned.push({ do: "accept", tx: toHex(tx.bytes) });
    };
    if (this.#random.oneIn(2)) {
      plan(this.#maker.growth());
      return;
    }
    const { crowd, family, tries } = this.#maker.crowd();
    plan(crowd);
    this.#planned.push({ do: "package", txs: family.map(({ bytes }) => toHex(bytes)) });
    plan(tries);
  }

  #prioritise(): Step {
    const random = this.#random;
    const ids = this.#reference.entries.map(({ id }) => id);
    const known = [...ids, ...this.#recent.map(idOf)];
    const id = known.length > 0 ? random.pick(known) : "11".repeat(32);
    return { do: "prioritise", id, delta: random.pick([-3000, -1000, -10, 1, 10, 1000, 5000]) };
  }

  #reorganise(): Step {
    const random = this.#random;
    const { depthMax } = this.#life;
    if (depthMax === 0) return { do: "template", maxWeight: 4_000_000, seconds: this.#seconds() };
    const depth = Math.min(depthMax, random.oneIn(6) ? 4 + random.below(10) : 1 + random.below(3));
    const what = random.below(10);
    if (what < 3) return { do: "invalidate", depth };
    if (what < 4) return { do: "reconsider" };
    const blocks = Array.from({ length: depth + 1 }, () => this.#block());
    return { do: "branch", depth, blocks, ...(what === 4 && { isBroken: true }) };
  }

  /** Of what is waiting, or was, or was lost, or spends the same. */
  #block(): BranchBlock {
    const random = this.#random;
    const { entries, graph, chain } = this.#reference;
    const txs: Transaction[] = [];
    for (let count = random.below(4); count > 0 && entries.length > 0; count--) {
      const entry = random.pick(entries);
      const needs = graph.ancestors(entry).sort((a, b) => entries.indexOf(a) - entries.indexOf(b));
      txs.push(...needs.map(({ tx }) => tx), entry.tx);
    }
    for (let count = random.below(3); count > 0 && this.#recent.length > 0; count--)
      txs.push(random.pick(this.#recent));
    if (random.oneIn(2)) txs.push(this.#maker.replacement());
    if (random.oneIn(4)) txs.push(this.#maker.odd(this.#recent));
    if (random.oneIn(2)) txs.push(...chain.tip.block.transactions.slice(1));
    const unique = new Map(txs.map((tx) => [idOf(tx), tx]));
    const sorted = parentsFirst([...unique.values()]);
    return { txs: sorted.map(({ bytes }) => toHex(bytes)), seconds: this.#seconds() };
  }

  #seconds(): number {
    return this.#random.pick([1, 60, 300, 512, 600, 1200]);
  }

  #remember(tx: Transaction): void {
    this.#recent.push(tx);
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
  }
}

export function parentsFirst(transactions: readonly Transaction[]): Transaction[] {
  const left = [...transactions];
  const ordered: Transaction[] = [];
  while (left.length > 0) {
    const ids = left.map(idOf);
    const index = left.findIndex((tx) => !spentKeys(tx).some((key) => ids.includes(key.split(":")[0]!)));
    ordered.push(...left.splice(Math.max(index, 0), 1));
  }
  return ordered;
}

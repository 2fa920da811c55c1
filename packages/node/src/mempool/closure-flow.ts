/**
 * How the surplus of nodes that pay more than their share flows to ancestors that pay less, as far as it can: a maximum flow.
 * What stays behind tells which nodes are better mined before the rest (the closure problem and its minimum cut, by Picard).
 */

/** Child and parent: surplus goes from the one to the other without limit, and what went may come back. */
interface Arc {
  readonly child: number;
  readonly parent: number;
  flow: number;
}

/** Nodes `0` to `surplus.length - 1`; numbers are integers whose sums are exact. */
export class ClosureFlow {
  /** What a node still has to give; below zero what it still wants. */
  readonly #surplus: number[];
  readonly #arcs: readonly (readonly Arc[])[];

  /** `parents` by node; surplus above zero is to give, below zero to take. */
  constructor(surplus: readonly number[], parents: readonly (readonly number[])[]) {
    this.#surplus = [...surplus];
    const arcs: Arc[][] = surplus.map(() => []);
    parents.forEach((own, child) => {
      for (const parent of own) {
        const arc = { child, parent, flow: 0 };
        arcs[child]!.push(arc);
        arcs[parent]!.push(arc);
      }
    });
    this.#arcs = arcs;
    this.#saturate();
  }

  /** The nodes whose surplus found nobody to take it, with their ancestors: they pay better than the rest. May be empty. */
  leaders(): ReadonlySet<number> {
    const reached = new Set([...this.#surplus.keys()].filter((node) => this.#surplus[node]! > 0));
    for (const node of reached) for (const next of this.#open(node)) reached.add(next);
    return reached;
  }

  /**
   * The groups of nodes that depend on one another through what flows: none of them can be taken apart without the part that
   * may go first paying less. Each once, in no order.
   */
  groups(): readonly (readonly number[])[] {
    return stronglyConnected(this.#surplus.length, (node) => this.#open(node));
  }

  /** Where surplus could go from a node. */
  *#open(node: number): Generator<number> {
    for (const { child, parent, flow } of this.#arcs[node]!) {
      if (child === node) yield parent;
      else if (flow > 0) yield child;
    }
  }

  /** Shortest ways first, all of a length in one go (Dinic): few rounds suffice. */
  #saturate(): void {
    for (;;) {
      const levels = this.#levels();
      if (levels === undefined) return;
      const tried = this.#arcs.map(() => 0);
      for (const [node, surplus] of this.#surplus.entries()) {
        if (surplus > 0 && levels[node] === 0) this.#surplus[node]! -= this.#push(node, surplus, levels, tried);
      }
    }
  }

  /** Steps from the nearest node that has something to give, -1 for out of reach; `undefined` where nobody who wants is in reach. */
  #levels(): number[] | undefined {
    const levels: number[] = this.#surplus.map((surplus) => (surplus > 0 ? 0 : -1));
    const queue = [...levels.keys()].filter((node) => levels[node] === 0);
    let isWanted = false;
    for (const node of queue) {
      if (this.#surplus[node]! < 0) isWanted = true;
      for (const next of this.#open(node)) {
        if (levels[next] !== -1) continue;
        levels[next] = levels[node]! + 1;
        queue.push(next);
      }
    }
    return isWanted ? levels : undefined;
  }

  /** Sends up to `amount` on from `node`, one level further each step; how much was taken. `tried`: arcs that are spent, by node. */
  #push(node: number, amount: number, levels: readonly number[], tried: number[]): number {
    let taken = 0;
    if (this.#surplus[node]! < 0) {
      taken = Math.min(amount, -this.#surplus[node]!);
      this.#surplus[node]! += taken;
    }
    const arcs = this.#arcs[node]!;
    for (; taken < amount && tried[node]! < arcs.length; tried[node]!++) {
      const arc = arcs[tried[node]!]!;
      const isUp = arc.child === node;
      const next = isUp ? arc.parent : arc.child;
      if (levels[next] !== levels[node]! + 1) continue;
      const sent = this.#push(next, Math.min(amount - taken, isUp ? amount : arc.flow), levels, tried);
      arc.flow += isUp ? sent : -sent;
      taken += sent;
      if (taken === amount) break;
    }
    return taken;
  }
}

/** Groups of nodes each of which reaches the others (Tarjan). */
function stronglyConnected(count: number, next: (node: number) => Iterable<number>): number[][] {
  const groups: number[][] = [];
  const numbers: (number | undefined)[] = new Array(count);
  const lowest: number[] = new Array(count).fill(0);
  const open: number[] = [];
  const isOpen: boolean[] = new Array(count).fill(false);
  let counter = 0;
  const visit = (node: number): void => {
    numbers[node] = lowest[node] = counter++;
    open.push(node);
    isOpen[node] = true;
    for (const other of next(node)) {
      if (numbers[other] === undefined) visit(other);
      if (isOpen[other]) lowest[node] = Math.min(lowest[node]!, lowest[other]!);
    }
    if (lowest[node] !== numbers[node]) return;
    const group = open.splice(open.lastIndexOf(node));
    for (const member of group) isOpen[member] = false;
    groups.push(group);
  };
  for (let node = 0; node < count; node++) if (numbers[node] === undefined) visit(node);
  return groups;
}

import { chunksOf } from "./reference-chunks.ts";

/** A transaction as a node of the graph. */
export interface Node {
  /** Its txid as hex of the bytes in internal order: comparing the text compares the bytes. */
  readonly id: string;
  readonly modifiedFee: bigint;
  /** Adjusted weight. */
  readonly size: number;
  /** Txids of the transactions it spends. */
  readonly spends: readonly string[];
}

/** A group of transactions that are mined together. */
export interface ModelChunk<Item> {
  readonly items: readonly Item[];
  readonly fee: bigint;
  readonly size: number;
}

/** Everything about how transactions depend on one another, from nothing but the transactions. */
export class Graph<Item extends Node> {
  readonly items: readonly Item[];
  readonly #byId: ReadonlyMap<string, Item>;

  constructor(items: readonly Item[]) {
    this.items = items;
    this.#byId = new Map(items.map((item) => [item.id, item]));
  }

  parents(item: Node): Item[] {
    return [...new Set(item.spends)].flatMap((id) => this.#byId.get(id) ?? []);
  }

  children(item: Node): Item[] {
    return this.items.filter((other) => other.spends.includes(item.id));
  }

  /** Without the item itself. */
  ancestors(item: Node): Item[] {
    return this.#closure(this.parents(item), (other) => this.parents(other));
  }

  /** Without the item itself. */
  descendants(item: Node): Item[] {
    return this.#closure(this.children(item), (other) => this.children(other));
  }

  withDescendants(items: readonly Item[]): Item[] {
    return this.#closure([...items], (other) => this.children(other));
  }

  cluster(item: Item): Item[] {
    return this.#closure([item], (other) => [...this.parents(other), ...this.children(other)]);
  }

  clusters(): Item[][] {
    const left = new Set(this.items);
    const clusters: Item[][] = [];
    for (const item of this.items) {
      if (!left.has(item)) continue;
      const cluster = this.cluster(item);
      for (const member of cluster) left.delete(member);
      clusters.push(cluster);
    }
    return clusters;
  }

  /** The chunks of a cluster in the order of mining. */
  chunks(cluster: readonly Item[]): readonly ModelChunk<Item>[] {
    const ordered = [...cluster].sort((a, b) => (a.id < b.id ? -1 : 1));
    const nodes = ordered.map((item) => ({
      fee: item.modifiedFee,
      size: item.size,
      parents: this.parents(item).flatMap((parent) => {
        const index = ordered.indexOf(parent);
        return index < 0 ? [] : [index];
      }),
    }));
    return chunksOf(nodes).map(({ members, fee, size }) => ({
      items: members.map((index) => ordered[index]!),
      fee,
      size,
    }));
  }

  /**
   * All chunks in the order of mining: by feerate; among equals by the size of all that pays alike in the cluster up to and with
   * the chunk; then by the greatest txid.
   */
  miningOrder(): ModelChunk<Item>[] {
    const clusters = this.clusters();
    const placed = clusters.flatMap((cluster) => {
      const chunks = this.chunks(cluster);
      return chunks.map((chunk, index) => {
        const upTo = chunks.slice(0, index + 1).filter((other) => feerateOrder(other, chunk) === 0);
        const equalSize = upTo.reduce((sum, { size }) => sum + size, 0);
        const greatest = chunk.items
          .map(({ id }) => id)
          .sort()
          .at(-1)!;
        return { chunk, equalSize, greatest };
      });
    });
    placed.sort(
      (a, b) => feerateOrder(b.chunk, a.chunk) || a.equalSize - b.equalSize || (a.greatest < b.greatest ? -1 : 1),
    );
    return placed.map(({ chunk }) => chunk);
  }

  /** Corners of the diagram of these clusters: chunks, best first. */
  diagram(clusters: readonly (readonly Item[])[]): ModelChunk<Item>[] {
    return clusters.flatMap((cluster) => this.chunks(cluster)).sort((a, b) => feerateOrder(b, a));
  }

  #closure(from: Item[], next: (item: Item) => readonly Item[]): Item[] {
    const found = new Set(from);
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      for (const item of [...found]) for (const other of next(item)) found.add(other);
    }
    return [...found];
  }
}

/** Above 0 where `a` pays more for its size. */
export function feerateOrder(
  a: { readonly fee: bigint; readonly size: number },
  b: { readonly fee: bigint; readonly size: number },
): number {
  const left = a.fee * BigInt(b.size);
  const right = b.fee * BigInt(a.size);
  return left < right ? -1 : left > right ? 1 : 0;
}

type Point = { readonly fee: bigint; readonly size: number };

/** Whether the first diagram lies nowhere below the second and somewhere above; both are chunks, best first. */
export function isBetterDiagram(first: readonly Point[], second: readonly Point[]): boolean {
  const sizes = [first, second].flatMap((chunks) => chunks.map((_, index) => totalSize(chunks.slice(0, index + 1))));
  const orders = sizes.map((size) => {
    const [a, b] = [heightAt(first, size), heightAt(second, size)];
    return a.over * b.under - b.over * a.under;
  });
  return orders.every((order) => order >= 0n) && orders.some((order) => order > 0n);
}

const totalSize = (chunks: readonly Point[]) => chunks.reduce((sum, { size }) => sum + size, 0);

/** What the best `size` units pay, as a fraction: part of a chunk pays its part; behind the last chunk nothing is added. */
function heightAt(chunks: readonly Point[], size: number): { readonly over: bigint; readonly under: bigint } {
  let fee = 0n;
  let left = size;
  for (const chunk of chunks) {
    if (chunk.size > left) {
      const under = BigInt(chunk.size);
      return { over: fee * under + chunk.fee * BigInt(left), under };
    }
    fee += chunk.fee;
    left -= chunk.size;
  }
  return { over: fee, under: 1n };
}

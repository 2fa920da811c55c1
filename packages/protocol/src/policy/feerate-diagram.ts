import type { FeeAndSize } from "./feerate.ts";

/** How one diagram lies to another: nowhere below and somewhere above is better. */
export type DiagramOrder = "better" | "worse" | "equal" | "incomparable";

/**
 * Compares two feerate diagrams: what the best so many bytes pay, for every number of bytes. Each is given by its chunks, the
 * highest feerate first. Behind its last chunk a diagram goes on level: more bytes bring no more.
 */
export function compareDiagrams(a: readonly FeeAndSize[], b: readonly FeeAndSize[]): DiagramOrder {
  const lineA = new Line(a);
  const lineB = new Line(b);
  let isAbove = false;
  let isBelow = false;
  // Between two corners both are straight: one can only pass the other where the order at the corners differs.
  const sizes = [...lineA.sizes, ...lineB.sizes].sort((one, other) => one - other);
  for (const size of sizes) {
    const heightA = lineA.heightAt(size);
    const heightB = lineB.heightAt(size);
    const order = heightA.dividend * heightB.divisor - heightB.dividend * heightA.divisor;
    if (order > 0n) isAbove = true;
    if (order < 0n) isBelow = true;
  }
  if (isAbove && isBelow) return "incomparable";
  return isAbove ? "better" : isBelow ? "worse" : "equal";
}

/** A diagram, walked from left to right. */
class Line {
  /** Corners, from nothing on. */
  readonly #points: readonly FeeAndSize[];
  /** The first corner that does not lie left of where the walk has come to. */
  #index = 0;

  constructor(chunks: readonly FeeAndSize[]) {
    const points: FeeAndSize[] = [{ fee: 0n, size: 0 }];
    for (const chunk of chunks) {
      const last = points.at(-1)!;
      points.push({ fee: last.fee + chunk.fee, size: last.size + chunk.size });
    }
    this.#points = points;
  }

  get sizes(): readonly number[] {
    return this.#points.map(({ size }) => size);
  }

  /** Height at `size`, which is never less than at the last call, as a fraction. */
  heightAt(size: number): { readonly dividend: bigint; readonly divisor: bigint } {
    const points = this.#points;
    while (this.#index < points.length && points[this.#index]!.size < size) this.#index++;
    const right = points[this.#index];
    if (right === undefined) return { dividend: points.at(-1)!.fee, divisor: 1n };
    const left = points[this.#index - 1];
    if (left === undefined || right.size === size) return { dividend: right.fee, divisor: 1n };
    const width = BigInt(right.size - left.size);
    return { dividend: left.fee * width + (right.fee - left.fee) * BigInt(size - left.size), divisor: width };
  }
}

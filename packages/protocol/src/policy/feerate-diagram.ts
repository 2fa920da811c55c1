import type { FeeAndSize } from "./feerate.ts";

/** How one diagram lies to another: nowhere below and somewhere above is better. */
export type DiagramOrder = "better" | "worse" | "equal" | "incomparable";

/**
 * Compares two feerate diagrams: what the best so many bytes pay, for every number of bytes. Each is given by its chunks, the
 * highest feerate first. Behind its last chunk a diagram goes on level: more bytes bring no more.
 */
export function compareDiagrams(a: readonly FeeAndSize[], b: readonly FeeAndSize[]): DiagramOrder {
  const pointsA = pointsOf(a);
  const pointsB = pointsOf(b);
  let isAbove = false;
  let isBelow = false;
  // Between two corners both are straight: one can only pass the other where the order at the corners differs.
  const sizes = new Set([...pointsA, ...pointsB].map(({ size }) => size));
  for (const size of sizes) {
    const order = compareAt(pointsA, pointsB, size);
    if (order > 0n) isAbove = true;
    if (order < 0n) isBelow = true;
  }
  if (isAbove && isBelow) return "incomparable";
  return isAbove ? "better" : isBelow ? "worse" : "equal";
}

/** Corners of a diagram, from nothing on. */
function pointsOf(chunks: readonly FeeAndSize[]): readonly FeeAndSize[] {
  const points: FeeAndSize[] = [{ fee: 0n, size: 0 }];
  for (const chunk of chunks) {
    const last = points.at(-1)!;
    points.push({ fee: last.fee + chunk.fee, size: last.size + chunk.size });
  }
  return points;
}

/** Height of `a` less that of `b` at `size`, times a positive number. */
function compareAt(a: readonly FeeAndSize[], b: readonly FeeAndSize[], size: number): bigint {
  const heightA = heightAt(a, size);
  const heightB = heightAt(b, size);
  return heightA.dividend * heightB.divisor - heightB.dividend * heightA.divisor;
}

function heightAt(
  points: readonly FeeAndSize[],
  size: number,
): { readonly dividend: bigint; readonly divisor: bigint } {
  const index = points.findIndex((point) => point.size >= size);
  if (index < 0) return { dividend: points.at(-1)!.fee, divisor: 1n };
  const right = points[index]!;
  const left = points[index - 1];
  if (left === undefined || right.size === size) return { dividend: right.fee, divisor: 1n };
  const width = BigInt(right.size - left.size);
  return { dividend: left.fee * width + (right.fee - left.fee) * BigInt(size - left.size), divisor: width };
}

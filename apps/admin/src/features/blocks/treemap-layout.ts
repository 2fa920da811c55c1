/** Tiles of a treemap in the order given, from the upper left on: pure numbers, four for each tile (x, y, width, height). */

const FIELDS = 4;
/** Pixels beyond an edge at which its neighbour is looked for. */
const BEYOND_EDGE = 0.05;

/** One tile. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Direction = "left" | "right" | "up" | "down";

/**
 * Divides a rectangle into tiles as large as `sizes` say, which must be above 0. Each part is cut in two where its sizes halve best,
 * across its longer side: tiles that follow each other lie near each other, and are nearly square where sizes allow it.
 */
export function layTiles(sizes: readonly number[], width: number, height: number): Float32Array {
  const boxes = new Float32Array(sizes.length * FIELDS);
  const sums = new Float64Array(sizes.length + 1);
  for (const [index, size] of sizes.entries()) sums[index + 1] = sums[index]! + size;
  const place = (from: number, to: number, box: Box): void => {
    if (to - from < 1) return;
    if (to - from === 1) {
      boxes.set([box.x, box.y, box.width, box.height], from * FIELDS);
      return;
    }
    const cut = halfway(sums, from, to);
    const share = (sums[cut]! - sums[from]!) / (sums[to]! - sums[from]!);
    const [first, second] = splitBox(box, share);
    place(from, cut, first);
    place(cut, to, second);
  };
  place(0, sizes.length, { x: 0, y: 0, width, height });
  return boxes;
}

/** The tile of that index. */
export function boxOf(boxes: Float32Array, index: number): Box | undefined {
  const [x, y, width, height] = boxes.subarray(index * FIELDS, (index + 1) * FIELDS);
  return height === undefined ? undefined : { x: x!, y: y!, width: width!, height };
}

/** Index of the tile at a point; `undefined` where there is none. */
export function tileAt(boxes: Float32Array, x: number, y: number): number | undefined {
  for (let at = 0; at < boxes.length; at += FIELDS) {
    const left = boxes[at]!;
    const top = boxes[at + 1]!;
    if (x >= left && y >= top && x < left + boxes[at + 2]! && y < top + boxes[at + 3]!) return at / FIELDS;
  }
  return undefined;
}

/** Index of the tile beside the middle of another one's edge; the tile itself at the rim. */
export function tileBeside(boxes: Float32Array, index: number, direction: Direction): number {
  const box = boxOf(boxes, index);
  if (box === undefined) return index;
  const middleX = box.x + box.width / 2;
  const middleY = box.y + box.height / 2;
  const points = {
    left: [box.x - BEYOND_EDGE, middleY],
    right: [box.x + box.width + BEYOND_EDGE, middleY],
    up: [middleX, box.y - BEYOND_EDGE],
    down: [middleX, box.y + box.height + BEYOND_EDGE],
  } as const;
  const [x, y] = points[direction];
  return tileAt(boxes, x, y) ?? index;
}

/** Where between two indices the sum is nearest to half; at least one item is on both sides. */
function halfway(sums: Float64Array, from: number, to: number): number {
  const half = (sums[from]! + sums[to]!) / 2;
  let low = from + 1;
  let high = to - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! < half) low = middle + 1;
    else high = middle;
  }
  return low > from + 1 && half - sums[low - 1]! <= sums[low]! - half ? low - 1 : low;
}

function splitBox({ x, y, width, height }: Box, share: number): readonly [Box, Box] {
  if (width >= height) {
    const first = width * share;
    return [
      { x, y, width: first, height },
      { x: x + first, y, width: width - first, height },
    ];
  }
  const first = height * share;
  return [
    { x, y, width, height: first },
    { x, y: y + first, width, height: height - first },
  ];
}

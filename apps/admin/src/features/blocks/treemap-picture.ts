import type { BlockRow } from "./block-rows.ts";
import { colorIndex } from "./feerate-colors.ts";
import { boxOf } from "./treemap-layout.ts";

/** Below these many pixels a tile has a narrower gap, and none. */
const NARROW = 5;
const TINY = 2.5;

interface Brushes {
  /** By {@link colorIndex}. */
  readonly colors: readonly string[];
  /** Where the feerate is not known. */
  readonly neutral: string;
}

/** Draws all tiles; `ratio` is pixels of the device for one of the page. */
export function drawTiles(
  canvas: HTMLCanvasElement,
  boxes: Float32Array,
  rows: readonly BlockRow[],
  { width, height }: { readonly width: number; readonly height: number },
  { colors, neutral }: Brushes,
  ratio = window.devicePixelRatio,
): void {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(ratio, ratio);
  let brush = "";
  for (const [index, row] of rows.entries()) {
    const box = boxOf(boxes, index);
    if (box === undefined) return;
    const color = row.feerate === null ? neutral : (colors[colorIndex(row.feerate)] ?? neutral);
    // Setting a brush costs more than a rectangle, and rows of a feerate follow each other.
    if (color !== brush) context.fillStyle = brush = color;
    const side = Math.min(box.width, box.height);
    const gap = side > NARROW ? 1 : side > TINY ? 0.5 : 0;
    context.fillRect(box.x, box.y, box.width - gap, box.height - gap);
  }
}

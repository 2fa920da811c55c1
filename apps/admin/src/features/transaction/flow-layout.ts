/** Where the bands of the flow picture run: pure geometry, in units of which the picture is 100 wide and its height as many pixels high. */

/** Pixels from one row to the next. */
export const ROW_PITCH = 56;
const HEIGHT_MIN = 120;
/** Both sides meet here, and overlap a little, so that no seam is seen. */
const MIDDLE = 50;
const OVERLAP = 0.6;
/** The waist is as high as the bands together, and at most so much of the picture. */
const WAIST_SHARE = 0.6;
const WAIST_MAX = 150;
/** Bands of neighbouring rows keep apart. */
const BAND_MAX = ROW_PITCH - 16;
const BAND_MIN = 2;

/** Rows that a side shows, and what is folded into one more. */
export interface FoldedSide {
  /** Indexes of those that are shown, in their order. */
  readonly shown: readonly number[];
  readonly foldedCount: number;
  readonly foldedValue: number;
}

/** Keeps the `rowsMax - 1` largest where there are more than `rowsMax`, in their order; the last row is for the others together. */
export function foldSide(values: readonly number[], rowsMax: number): FoldedSide {
  const indexes = values.map((_, index) => index);
  if (values.length <= rowsMax) return { shown: indexes, foldedCount: 0, foldedValue: 0 };
  const bySize = indexes.toSorted((a, b) => values[b]! - values[a]! || a - b);
  const shown = bySize.slice(0, rowsMax - 1).sort((a, b) => a - b);
  const folded = bySize.slice(rowsMax - 1);
  const foldedValue = folded.reduce((sum, index) => sum + values[index]!, 0);
  return { shown, foldedCount: folded.length, foldedValue };
}

/** Height of a picture whose longer side has so many rows. */
export function flowHeight(rowCount: number): number {
  return Math.max(HEIGHT_MIN, rowCount * ROW_PITCH);
}

/** The bands of one side as SVG paths, one for each row. A band is as high as its share of the side, and leads from its row to the waist. */
export function flowBands(values: readonly number[], height: number, side: "in" | "out"): readonly string[] {
  const waist = Math.min(WAIST_MAX, height * WAIST_SHARE);
  const total = values.reduce((sum, value) => sum + value, 0);
  const edge = side === "in" ? 0 : 100;
  let top = (height - waist) / 2;
  return values.map((value, index) => {
    const inWaist = waist * (total === 0 ? 1 / values.length : value / total);
    const atRow = Math.min(BAND_MAX, Math.max(BAND_MIN, inWaist));
    const row = ((index + 0.5) / values.length) * height;
    const path = band({ edge, top: row - atRow / 2, bottom: row + atRow / 2 }, { top, bottom: top + inWaist });
    top += inWaist;
    return path;
  });
}

/** A shape between two curves, from the edge of the picture to its middle. */
function band(
  from: { readonly edge: number; readonly top: number; readonly bottom: number },
  to: { readonly top: number; readonly bottom: number },
): string {
  const bend = (from.edge + MIDDLE) / 2;
  const end = from.edge < MIDDLE ? MIDDLE + OVERLAP : MIDDLE - OVERLAP;
  const at = (x: number, y: number) => `${round(x)} ${round(y)}`;
  return [
    `M${at(from.edge, from.top)}`,
    `C${at(bend, from.top)} ${at(bend, to.top)} ${at(end, to.top)}`,
    `L${at(end, Math.max(to.bottom, to.top + 0.5))}`,
    `C${at(bend, to.bottom)} ${at(bend, from.bottom)} ${at(from.edge, from.bottom)}`,
    "Z",
  ].join("");
}

const round = (value: number) => Math.round(value * 100) / 100;

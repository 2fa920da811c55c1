/** Colours of feerates: cool for what waits long, warm for what is mined first; the same on every picture of the mempool. */

/** Satoshis per vbyte at both ends of the scale, which is logarithmic. */
const COLDEST = 0.1;
const HOTTEST = 300;
/** Hues from one end to the other, in degrees of OKLCH: blue, green, amber, red. */
const HUES = [255, 165, 80, 25] as const;

/** Where a feerate is on the scale, from 0 to 1. */
export function heatOf(satPerVbyte: number): number {
  if (satPerVbyte <= COLDEST) return 0;
  return Math.min(1, Math.log(satPerVbyte / COLDEST) / Math.log(HOTTEST / COLDEST));
}

/** A colour that is told from card and page in both themes. */
export function heatColor(satPerVbyte: number): string {
  const place = heatOf(satPerVbyte) * (HUES.length - 1);
  const index = Math.min(HUES.length - 2, Math.floor(place));
  const [low = 0, high = 0] = HUES.slice(index);
  return `oklch(0.7 0.14 ${Math.round(low + (high - low) * (place - index))})`;
}

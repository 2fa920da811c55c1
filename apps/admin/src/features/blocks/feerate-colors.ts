/** Colours of feerates, the same for every block: from cool and low to warm and high, by magnitude. */

export type Scheme = "dark" | "light";

/** From this feerate on, in satoshis per virtual byte, the colour is the last one. */
const FEERATE_TOP = 500;
/** Colours there are: few, so that a picture changes its brush seldom. */
export const COLOR_COUNT = 64;
/** What the legend names. */
export const LEGEND_FEERATES = [1, 10, 100] as const;

type Rgb = readonly [red: number, green: number, blue: number];
const STOPS: Readonly<Record<Scheme, readonly Rgb[]>> = {
  dark: [
    [38, 58, 102],
    [44, 98, 140],
    [46, 140, 140],
    [128, 160, 84],
    [230, 150, 40],
    [236, 94, 58],
    [224, 62, 116],
  ],
  light: [
    [176, 199, 232],
    [122, 176, 214],
    [98, 184, 176],
    [160, 190, 104],
    [244, 168, 62],
    [236, 104, 68],
    [206, 50, 104],
  ],
};

/** Where on the scale a feerate is, 0 to 1. */
export function feerateShare(satPerVbyte: number): number {
  return Math.min(1, Math.log1p(Math.max(0, satPerVbyte)) / Math.log1p(FEERATE_TOP));
}

/** Which of the colours a feerate has. */
export function colorIndex(satPerVbyte: number): number {
  return Math.round(feerateShare(satPerVbyte) * (COLOR_COUNT - 1));
}

/** All colours, the one of the lowest feerate first, as CSS has them. */
export function feerateColors(scheme: Scheme): readonly string[] {
  return Array.from({ length: COLOR_COUNT }, (_, index) => colorAt(STOPS[scheme], index / (COLOR_COUNT - 1)));
}

/** The scale from left to right, as a CSS gradient. */
export function scaleGradient(scheme: Scheme): string {
  return `linear-gradient(to right, ${STOPS[scheme].map(([red, green, blue]) => `rgb(${red} ${green} ${blue})`).join(", ")})`;
}

function colorAt(stops: readonly Rgb[], share: number): string {
  const place = share * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const [low, high] = [stops[index]!, stops[index + 1]!];
  const mixed = low.map((value, channel) => Math.round(value + (high[channel]! - value) * (place - index)));
  return `rgb(${mixed.join(" ")})`;
}

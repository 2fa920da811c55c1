import { encode } from "uqr";
import type { Pixels } from "./views.ts";

/** Pictures of QR codes as cameras and screens make them: drawn here, the same each time. */

/** How a code looks on its picture. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  /** Pixels of a module's side. */
  readonly moduleSize?: number;
  /** Turned by so many degrees. */
  readonly turn?: number;
  /** Held at an angle: the upper side of the picture is so much further away than the lower one. */
  readonly tilt?: number;
  /** Between dark and light; 1 is black and white. */
  readonly contrast?: number;
  /** Standard deviation of each pixel, of 1. */
  readonly noise?: number;
  /** How often each pixel is mixed with those around it. */
  readonly blur?: number;
  /** Stripes of a screen that is photographed. */
  readonly moire?: number;
  /** How much darker the right side is than the left one. */
  readonly shadow?: number;
  /** Light on dark. */
  readonly isInverted?: boolean;
  readonly ecc?: "L" | "M" | "Q" | "H";
}

/** Samples of a pixel in each direction. */
const SAMPLES = 2;
/** Light modules around the code. */
const BORDER = 4;
/** What is around the code. */
const TABLE = 0.55;

/** A code of a text, or of bytes as they are, in the middle of a picture. */
export function codePicture(content: string | readonly number[], look: Look = {}): Pixels {
  const { width = 400, height = 320, moduleSize = 4, turn = 0, tilt = 0, isInverted = false, ecc = "M" } = look;
  const { data, size } = encode(typeof content === "string" ? content : [...content], { ecc, border: BORDER });
  const angle = (turn * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle) / moduleSize, Math.sin(angle) / moduleSize];
  const light = new Float64Array(width * height);
  const samples = [...Array(SAMPLES * SAMPLES).keys()].map((place) => [
    ((place % SAMPLES) + 0.5) / SAMPLES,
    (Math.floor(place / SAMPLES) + 0.5) / SAMPLES,
  ]) as [number, number][];
  for (let at = 0; at < light.length; at++) {
    let sum = 0;
    for (const [right, below] of samples) {
      const fromMiddle = Math.floor(at / width) + below - height / 2;
      const nearness = 1 - (tilt * fromMiddle) / height;
      const [x, y] = [((at % width) + right - width / 2) / nearness, fromMiddle / nearness];
      const isDark = data[Math.floor(cos * y - sin * x + size / 2)]?.[Math.floor(cos * x + sin * y + size / 2)];
      sum += isDark === undefined ? TABLE : isDark === isInverted ? 1 : 0;
    }
    light[at] = sum / samples.length;
  }
  return seen(blurred(light, width, look.blur ?? 0), { width, height, look });
}

/** A picture of nothing: one shade, with noise. */
export function emptyPicture(look: Pick<Look, "width" | "height" | "noise">): Pixels {
  const { width = 400, height = 320 } = look;
  return seen(new Float64Array(width * height).fill(TABLE), { width, height, look });
}

function blurred(light: Float64Array, width: number, times: number): Float64Array {
  let from = light;
  for (let time = 0; time < times; time++) {
    const to = from.slice();
    for (let at = width + 1; at < from.length - width - 1; at++) {
      let sum = 0;
      for (const row of [-width, 0, width]) for (const column of [-1, 0, 1]) sum += from[at + row + column]!;
      to[at] = sum / 9;
    }
    from = to;
  }
  return from;
}

interface Sight {
  readonly width: number;
  readonly height: number;
  readonly look: Look;
}

function seen(light: Float64Array, { width, height, look }: Sight): Pixels {
  const { contrast = 1, noise = 0, moire = 0, shadow = 0 } = look;
  const random = steadyRandom();
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let at = 0; at < light.length; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const lit = ((light[at]! - 0.5) * contrast + 0.5) * (1 - (shadow * x) / width);
    const stripes = moire * Math.sin(x * 2.1 + y * 0.35) * Math.sin(y * 1.9 - x * 0.2);
    [1, -0.6, 0.8].forEach((part, colour) => {
      data[at * 4 + colour] = 255 * (lit + part * stripes + noise * random());
    });
  }
  return { width, height, data };
}

/** About normal, and the same each time. */
function steadyRandom(): () => number {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return () => (next() + next() + next()) * 2;
}

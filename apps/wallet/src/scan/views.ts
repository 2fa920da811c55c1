/** A picture as a canvas has it: four bytes for each of its pixels, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Each side of what is looked at; the library takes no more. */
export const SIDE_MAX = 4_096;

/** A picture in shades of grey, a byte for each of its pixels, row by row. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Another look at a picture. The library finds next to nothing on a code that is further away at one side than at the other by more than a
 * tenth, as it is before a camera that is held at an angle; straightened about so, it does.
 */
export interface View {
  /** So many times as large. */
  readonly scale?: number;
  /** Straightened: so much nearer is the right side than the left one, or the lower than the upper one. */
  readonly across?: number;
  readonly down?: number;
}

/** What is tried where nothing is found, the likeliest first. */
export const OTHER_VIEWS: readonly View[] = [
  { scale: 1.5 },
  { down: 0.3 },
  { down: -0.3 },
  { across: 0.3 },
  { across: -0.3 },
];

/** Of what is drawn anew, which takes its time: larger pictures get smaller by it. */
const PIXELS_MAX = 4_000_000;

/** Shades by the weights of ITU-R BT.601, of 256. */
export function greyOf({ width, height, data }: Pixels): Grey {
  const grey = new Uint8Array(width * height);
  for (let at = 0, from = 0; at < grey.length; at++, from += 4) {
    grey[at] = (77 * data[from]! + 150 * data[from + 1]! + 29 * data[from + 2]!) >> 8;
  }
  return { width, height, data: grey };
}

/** A picture seen so. */
export function viewed(picture: Grey, { scale: wanted = 1, across = 0, down = 0 }: View): Grey {
  const scale = Math.min(wanted, Math.sqrt(PIXELS_MAX / (picture.width * picture.height)));
  const width = Math.max(1, Math.floor(picture.width * scale));
  const height = Math.max(1, Math.floor(picture.height * scale));
  const data = new Uint8Array(width * height);
  const [middleX, middleY] = [picture.width / 2, picture.height / 2];
  for (let y = 0; y < height; y++) {
    const fromMiddleY = (y + 0.5) / scale - middleY;
    for (let x = 0; x < width; x++) {
      const fromMiddleX = (x + 0.5) / scale - middleX;
      const nearness = 1 / (1 - (across * fromMiddleX) / picture.width - (down * fromMiddleY) / picture.height);
      data[y * width + x] = shadeAt(picture, middleX + fromMiddleX * nearness, middleY + fromMiddleY * nearness);
    }
  }
  return { width, height, data };
}

/** Between the middles of four pixels; beyond the edge it is as at the edge. */
function shadeAt({ width, height, data }: Grey, x: number, y: number): number {
  const left = Math.min(Math.max(x - 0.5, 0), width - 1);
  const top = Math.min(Math.max(y - 0.5, 0), height - 1);
  const [column, row] = [Math.floor(left), Math.floor(top)];
  const [right, below] = [column + 1 < width ? 1 : 0, row + 1 < height ? width : 0];
  const at = row * width + column;
  const [partX, partY] = [left - column, top - row];
  const upper = data[at]! * (1 - partX) + data[at + right]! * partX;
  const lower = data[at + below]! * (1 - partX) + data[at + below + right]! * partX;
  return upper * (1 - partY) + lower * partY;
}

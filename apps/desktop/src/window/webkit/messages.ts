/**
 * What a process and the process of its WebKitGTK window say to each other, a line of JSON each: over a pipe, so that no one else sees the
 * address that opens the page. A window whose pipe ends is closed.
 */
export type ToWindow =
  | { readonly do: "open"; readonly page: WindowPage }
  | { readonly do: "raise" }
  | { readonly do: "close" }
  | { readonly do: "title"; readonly title: string }
  /**
   * Runs a function's body in the page, and tells what it returned. Who is at this end of the pipe has made the page: there is nothing in it that
   * it could not do otherwise. Tests drive the page by it; the program itself never sends it.
   */
  | { readonly do: "run"; readonly id: number; readonly body: string };

export type FromWindow =
  /** It is on the screen, and its page has begun to come. */
  | { readonly is: "ready" }
  /** A page has come with all that it begins with. */
  | { readonly is: "loaded" }
  | { readonly is: "failed"; readonly why: string }
  | { readonly is: "closed"; readonly size: WindowSize }
  /** A link that leads elsewhere was followed. */
  | { readonly is: "elsewhere"; readonly url: string }
  | { readonly is: "saved"; readonly path: string }
  | { readonly is: "not-saved"; readonly path: string }
  /** The process that draws the page ended, and it was loaded anew. */
  | { readonly is: "crashed" }
  | { readonly is: "ran"; readonly id: number; readonly json?: string; readonly error?: string };

export interface WindowPage {
  readonly url: string;
  /** Nothing else is shown inside. */
  readonly origin: string;
  readonly title: string;
  /** By which the desktop finds the program's entry. */
  readonly programClass: string;
  readonly iconFile: string;
  readonly size: WindowSize;
  readonly hasDevtools: boolean;
}

export interface WindowSize {
  readonly width: number;
  readonly height: number;
  readonly isMaximized: boolean;
}

export const WINDOW_SIZE_DEFAULT: WindowSize = { width: 1180, height: 820, isMaximized: false };
/** Smaller ones cannot be used, larger ones are a mistake. */
const SIDE_MIN = 320;
const SIDE_MAX = 10_000;

/** What of a size fits one of the screens that are there, as wide and as high as their free room is: the one it was of may be another, or gone. */
export function fittingSize(size: WindowSize, rooms: readonly Pick<WindowSize, "width" | "height">[]): WindowSize {
  const fits = rooms.some(({ width, height }) => size.width <= width && size.height <= height);
  const widest = rooms.toSorted((a, b) => b.width * b.height - a.width * a.height)[0];
  if (fits || widest === undefined) return size;
  const sideIn = (side: number, room: number) => Math.max(SIDE_MIN, Math.min(side, room));
  return { ...size, width: sideIn(size.width, widest.width), height: sideIn(size.height, widest.height) };
}

/** A size that was kept, where it is one. */
export function readWindowSize(value: unknown): WindowSize {
  const { width, height, isMaximized } = (value ?? {}) as Partial<WindowSize>;
  const isSide = (side: unknown): side is number =>
    typeof side === "number" && Number.isInteger(side) && side >= SIDE_MIN && side <= SIDE_MAX;
  if (!isSide(width) || !isSide(height)) return WINDOW_SIZE_DEFAULT;
  return { width, height, isMaximized: isMaximized === true };
}

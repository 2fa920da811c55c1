import { decodeQR } from "qr/decode.js";
import { type Grey, greyOf, OTHER_VIEWS, type Pixels, SIDE_MAX, viewed } from "./views.ts";

/** What a QR code holds: text, or bytes that are none. */
export type CodeContent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bytes"; readonly size: number };

/** How much is tried: of a camera the next frame comes soon, a picture is the only one. */
export type Effort = "frame" | "picture";

/** For each view of it. */
const EFFORTS = {
  frame: { effort: 2, timeLimit: 50 },
  picture: { effort: Number.POSITIVE_INFINITY, timeLimit: 1_000 },
} as const;

/**
 * What the QR code on a picture holds; `undefined` where none is found. A picture is seen in all ways that there are, a camera's frame as it is and
 * in one more: another one for each `turn`. Throws `RangeError` on a picture with a side beyond {@link SIDE_MAX}.
 */
export function readCode(pixels: Pixels, effort: Effort, turn = 0): CodeContent | undefined {
  const { width, height } = pixels;
  if (width > SIDE_MAX || height > SIDE_MAX) throw new RangeError(`${width} × ${height} pixels are too many`);
  const grey = greyOf(pixels);
  const others = effort === "picture" ? OTHER_VIEWS : [OTHER_VIEWS[turn % OTHER_VIEWS.length]!];
  let content = readView(grey, effort);
  for (const view of others) content ??= readView(viewed(grey, view), effort);
  return content;
}

function readView(grey: Grey, effort: Effort): CodeContent | undefined {
  /** Of parts that are no text; a code may be of several parts. */
  let strangeSize = 0;
  const textDecoder = (bytes: Uint8Array) => {
    const text = textOf(bytes);
    if (text === undefined) strangeSize += bytes.length;
    return text ?? "";
  };
  let text: string;
  try {
    // A plane of brightness, which is all of such a format that is read.
    text = decodeQR(grey, { ...EFFORTS[effort], format: "I420", textDecoder });
  } catch {
    // Told by throwing where there is no code, or where it cannot be made out.
    return undefined;
  }
  return strangeSize > 0 ? { kind: "bytes", size: strangeSize } : { kind: "text", text };
}

/** Everything that a wallet reads is ASCII. Other encodings than UTF-8 would be guessed, and a guess may be a key. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

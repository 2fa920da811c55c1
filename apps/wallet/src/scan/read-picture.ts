import type { Decoder } from "./decoder.ts";
import { picturePixels } from "./pixels.ts";
import type { CodeContent } from "./read-code.ts";
import type { Pixels } from "./views.ts";

/** What reads pictures. */
export interface PictureReading {
  readonly decoder: Pick<Decoder, "decode">;
  readonly pixelsOf?: (picture: Blob) => Promise<Pixels>;
}

/**
 * What the code on a picture holds; `undefined` where there is none. Rejects with `PictureError` where the picture cannot be read, and with the signal's
 * reason once nobody waits for it: who has closed the dialog meanwhile may have filled in the field in another way.
 */
export async function readPicture(
  picture: Blob,
  { decoder, pixelsOf = picturePixels }: PictureReading,
  signal: AbortSignal,
): Promise<CodeContent | undefined> {
  const pixels = await pixelsOf(picture);
  // The decoder that went with the dialog would begin another worker, which nobody ends.
  signal.throwIfAborted();
  const content = await decoder.decode(pixels, "picture");
  signal.throwIfAborted();
  return content;
}

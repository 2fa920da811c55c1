import { type Size, sizeInFile } from "./picture-size.ts";
import { type Pixels, SIDE_MAX } from "./views.ts";

/** Pictures of phones have up to 50 megapixels; what is larger than this is made smaller before it is looked at. */
const PICTURE_PIXELS_MAX = 12_000_000;
/** Bytes of a file: a photo as the camera keeps it, or a screenshot. */
export const PICTURE_BYTES_MAX = 32 * 1024 * 1024;
/** A browser opens a picture whole, in four bytes for each of its pixels: as many as cameras of phones have, and half a gigabyte. */
export const OPENED_PIXELS_MAX = 120_000_000;
/** Of one frame: what dense codes need of a camera. */
const FRAME_PIXELS_MAX = 1_920 * 1_080;
/** A code saved with a pixel for each of its modules is made larger, as the library wants some more. */
const PICTURE_SIDE_MIN = 600;

/** Something went wrong with a picture that its reader can do something about. */
export class PictureError extends Error {
  readonly kind: "too-large" | "too-many-pixels" | "unreadable";

  constructor(kind: PictureError["kind"]) {
    super(kind);
    this.kind = kind;
  }
}

/** The pixels of a picture's file, on white where it has none, as large as is looked at. */
export async function picturePixels(file: Blob): Promise<Pixels> {
  await refuseTooLarge(file);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new PictureError("unreadable");
  });
  try {
    const size = pictureSize(bitmap);
    return drawn(document.createElement("canvas"), bitmap, { ...size, isSmooth: size.width <= bitmap.width });
  } finally {
    bitmap.close();
  }
}

/** By what the file says of itself; what says nothing that is known here is left to the browser. */
export async function refuseTooLarge(file: Blob): Promise<void> {
  if (file.size > PICTURE_BYTES_MAX) throw new PictureError("too-large");
  const bytes = await file.arrayBuffer().catch(() => {
    throw new PictureError("unreadable");
  });
  const size = sizeInFile(new Uint8Array(bytes));
  if (size !== undefined && size.width * size.height > OPENED_PIXELS_MAX) throw new PictureError("too-many-pixels");
}

/** The pixels of what a video shows now; `undefined` where it shows nothing yet. The canvas is drawn on, and can be used again. */
export function framePixels(video: HTMLVideoElement, canvas: HTMLCanvasElement): Pixels | undefined {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || height === 0 || video.readyState < video.HAVE_CURRENT_DATA) return undefined;
  return drawn(canvas, video, { ...within({ width, height }, FRAME_PIXELS_MAX), isSmooth: true });
}

/** How large a picture is looked at. */
export function pictureSize(size: Size): Size {
  const side = Math.max(size.width, size.height);
  const times = side < PICTURE_SIDE_MIN ? Math.ceil(PICTURE_SIDE_MIN / side) : 1;
  return within({ width: size.width * times, height: size.height * times }, PICTURE_PIXELS_MAX);
}

/** The same shape with so many pixels at most, and no side that the library does not take. */
function within({ width, height }: Size, pixelsMax: number): Size {
  const scale = Math.min(1, Math.sqrt(pixelsMax / (width * height)), SIDE_MAX / Math.max(width, height));
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

interface Drawing extends Size {
  /** Modules that are made larger keep their edges. */
  readonly isSmooth: boolean;
}

function drawn(canvas: HTMLCanvasElement, source: CanvasImageSource, { width, height, isSmooth }: Drawing): Pixels {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new PictureError("unreadable");
  context.imageSmoothingEnabled = isSmooth;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

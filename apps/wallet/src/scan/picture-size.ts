/** The sides of pictures as their files say them: a browser makes all pixels of one before it tells how many they are. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

type SizeReader = (file: DataView) => Size | undefined;

/** What a picture's file says of its size; `undefined` where it says nothing, or is of a form that is not known here. */
export function sizeInFile(bytes: Uint8Array): Size | undefined {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const read of [ofPng, ofJpeg, ofWebp, ofGif, ofBmp, ofHeif]) {
    try {
      const size = read(file);
      if (size !== undefined) return size;
    } catch (error) {
      // It ends before its size: the browser says what it is.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return undefined;
}

/** PNG, 5.2 and 11.2.2: its first part has the sides. */
const ofPng: SizeReader = (file) =>
  isAt(file, 0, "\x89PNG\r\n\x1a\n") && isAt(file, 12, "IHDR")
    ? { width: file.getUint32(16), height: file.getUint32(20) }
    : undefined;

/** Start of frame in any of its codings; DHT, JPG and DAC have numbers between them (ITU T.81, table B.1). */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** Those that nothing belongs to: TEM, RST0 to RST7, SOI. */
const isAlone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/** ITU T.81, annex B: parts with their lengths, up to the frame's. Previews inside of parts are passed over with them. */
const ofJpeg: SizeReader = (file) => {
  if (file.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; ; ) {
    // Behind a part browsers pass over what is no marker, and a marker may have any number of fill bytes before it.
    while (file.getUint8(at) !== 0xff) at++;
    while (file.getUint8(at) === 0xff) at++;
    const marker = file.getUint8(at++);
    if (isFrame(marker)) return { width: file.getUint16(at + 5), height: file.getUint16(at + 3) };
    if (marker !== 0 && !isAlone(marker)) at += file.getUint16(at);
  }
};

/** RFC 9649: a canvas, or one frame of either coding. */
const ofWebp: SizeReader = (file) => {
  if (!isAt(file, 0, "RIFF") || !isAt(file, 8, "WEBP")) return undefined;
  if (isAt(file, 12, "VP8X")) return { width: 1 + uint24(file, 24), height: 1 + uint24(file, 27) };
  if (isAt(file, 12, "VP8L")) {
    const bits = file.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (!isAt(file, 12, "VP8 ")) return undefined;
  return { width: file.getUint16(26, true) & 0x3fff, height: file.getUint16(28, true) & 0x3fff };
};

/** GIF89a, 18: the screen that its frames are drawn on. */
const ofGif: SizeReader = (file) =>
  isAt(file, 0, "GIF8") ? { width: file.getUint16(6, true), height: file.getUint16(8, true) } : undefined;

const BMP_OF_OS2 = 12;

/** A negative height is that of rows from the top down. */
const ofBmp: SizeReader = (file) => {
  if (!isAt(file, 0, "BM")) return undefined;
  if (file.getUint32(14, true) === BMP_OF_OS2)
    return { width: file.getUint16(18, true), height: file.getUint16(20, true) };
  return { width: file.getInt32(18, true), height: Math.abs(file.getInt32(22, true)) };
};

/** Boxes before a picture's own data are few kilobytes. */
const HEIF_HEAD_BYTES = 64 * 1024;
const ISPE_BYTES = 20;

/** AVIF and HEIC (ISO 23008-12, 6.5.3): each image in it, previews and tiles too, has a box with its sides; the largest is the picture. */
const ofHeif: SizeReader = (file) => {
  if (!isAt(file, 4, "ftyp")) return undefined;
  let largest: Size | undefined;
  for (let at = 0; at + ISPE_BYTES <= Math.min(file.byteLength, HEIF_HEAD_BYTES); at++) {
    if (file.getUint32(at) !== ISPE_BYTES || !isAt(file, at + 4, "ispe")) continue;
    const size = { width: file.getUint32(at + 12), height: file.getUint32(at + 16) };
    if (largest === undefined || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
};

function isAt(file: DataView, at: number, text: string): boolean {
  return [...text].every((character, place) => file.getUint8(at + place) === character.charCodeAt(0));
}

const uint24 = (file: DataView, at: number): number => file.getUint16(at, true) | (file.getUint8(at + 2) << 16);

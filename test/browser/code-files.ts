import { crc32, deflateSync } from "node:zlib";
import type { Pixels } from "../../apps/wallet/src/scan/views.ts";

/** Pictures as files: for a page to be given, and for the camera of a browser that has none. */

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const COLOUR_AND_ALPHA = 6;

/** A PNG of eight bits a colour, without filters. */
export function pngOf({ width, height, data }: Pixels): Buffer {
  const rows = Array.from({ length: height }, (_, row) => [
    Buffer.of(0),
    Buffer.from(data.subarray(row * width * 4, (row + 1) * width * 4)),
  ]).flat();
  const body = deflateSync(Buffer.concat(rows));
  return Buffer.concat([pngHead(width, height), pngChunk("IDAT", body), pngChunk("IEND", Buffer.alloc(0))]);
}

/** The beginning of one, which says how large it is. */
export function pngHead(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, COLOUR_AND_ALPHA, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from(PNG_SIGNATURE), pngChunk("IHDR", head)]);
}

function pngChunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** A film of pictures in grey (YUV4MPEG2), all of one size, whose sides are even. Chromium shows it from the beginning again and again. */
export function filmOf(pictures: readonly Pixels[], picturesPerSecond = 10): Buffer {
  const { width, height } = pictures[0]!;
  const colourless = Buffer.alloc((width * height) / 2, 128);
  const frames = pictures.flatMap(({ data }) => {
    const grey = Buffer.alloc(width * height);
    for (let at = 0; at < grey.length; at++) grey[at] = data[at * 4]!;
    return [Buffer.from("FRAME\n"), grey, colourless];
  });
  return Buffer.concat([
    Buffer.from(`YUV4MPEG2 W${width} H${height} F${picturesPerSecond}:1 Ip A1:1 C420jpeg\n`),
    ...frames,
  ]);
}

import { expect, test } from "vitest";
import { sizeInFile } from "./picture-size.ts";

/** The beginnings of files that ImageMagick 6.9 wrote of a picture of 300 x 201. */
const FILES: Readonly<Record<string, string>> = {
  PNG: "iVBORw0KGgoAAAANSUhEUgAAASwAAADJAQMAAACjTZ2z",
  JPEG: "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/2wBDAQMDAwQDBAgEBAgQCwkLEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAARCADJASw=",
  "JPEG in passes":
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/2wBDAQMDAwQDBAgEBAgQCwkLEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wgARCADJASw=",
  WebP: "UklGRsQAAABXRUJQVlA4ILgAAADwEACdASosAckA",
  "WebP without loss": "UklGRiQAAABXRUJQVlA4TBcAAAAvKwEyAAcQ/Y/+",
  "WebP with alpha": "UklGRpYBAABXRUJQVlA4WAoAAAAQAAAAKwEAyAAA",
  GIF: "R0lGODlhLAHJAPAAAP8AAA==",
  BMP: "Qk36HwAAAAAAAJIAAAB8AAAALAEAAMkAAAABAAEA",
  "BMP of OS/2": "Qk2IHwAAAAAAACAAAAAMAAAALAHJAAEAAQAAAP//",
  AVIF: "AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAOptZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAEOAAEAAAAAAAAAOgAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGF2MDEAAAAAamlwcnAAAABLaXBjbwAAABNjb2xybmNseAACAAIABoAAAAAMYXYxQ4EADAAAAAAUaXNwZQAAAAAAAAEsAAAAyQ==",
};
const bytesOf = (name: string) => Uint8Array.from(Buffer.from(FILES[name]!, "base64"));

test.each(Object.keys(FILES))("the size of a %s is read from its beginning, and not from less of it", (name) => {
  const bytes = bytesOf(name);
  expect(sizeInFile(bytes)).toEqual({ width: 300, height: 201 });
  for (let length = 0; length < 10; length++) expect(sizeInFile(bytes.subarray(0, length))).toBeUndefined();
});

test("a preview inside of a JPEG is not taken for it, nor a table for a frame", () => {
  const jpeg = bytesOf("JPEG");
  const preview = [...bytesOf("JPEG in passes")];
  preview[preview.length - 2] = 9;
  const exif = [0xff, 0xe1, 0, preview.length + 2, ...preview];
  const huffman = [0xff, 0xff, 0xc4, 0, 7, 8, 0, 1, 0, 1];
  expect(sizeInFile(Uint8Array.of(...jpeg.subarray(0, 2), ...exif, ...huffman, ...jpeg.subarray(2)))).toEqual({
    width: 300,
    height: 201,
  });
});

test("a BMP whose rows go from the top down has no negative height", () => {
  const bytes = bytesOf("BMP");
  new DataView(bytes.buffer).setInt32(22, -201, true);
  expect(sizeInFile(bytes)).toEqual({ width: 300, height: 201 });
});

test("of images in an AVIF the largest is the picture", () => {
  const bytes = bytesOf("AVIF");
  const tile = bytes.slice(-20);
  new DataView(tile.buffer).setUint32(12, 64);
  expect(sizeInFile(Uint8Array.of(...bytes, ...tile))).toEqual({ width: 300, height: 201 });
  expect(sizeInFile(Uint8Array.of(...bytes.subarray(0, 40), ...tile, ...bytes.subarray(-20)))).toEqual({
    width: 300,
    height: 201,
  });
});

test.each(["", "notes", "<svg xmlns='http://www.w3.org/2000/svg'/>", "RIFF    WEBPICCP"])("%j says nothing", (text) => {
  expect(sizeInFile(new TextEncoder().encode(text))).toBeUndefined();
});

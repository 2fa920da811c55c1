import { describe, expect, test } from "vitest";
import { LongTextError, readFile, TEXT_BYTES_MAX } from "./read-file.ts";

const reading = {
  decoder: { decode: async () => ({ kind: "text", text: "of a picture" }) as const },
  pixelsOf: async () => ({ width: 1, height: 1, data: new Uint8ClampedArray(4) }),
};
const read = (file: Blob) => readFile(file, reading, new AbortController().signal);
const textsOf = async (file: Blob) => (await read(file)).map((content) => content.kind === "text" && content.text);

test("a picture is looked at", async () => {
  expect(await textsOf(new File(["x"], "code.png", { type: "image/png" }))).toEqual(["of a picture"]);
  expect(await textsOf(new Blob(["x"]))).toEqual(["of a picture"]);
});

test("a picture without a code has none", async () => {
  const none = { ...reading, decoder: { decode: async () => undefined } };
  expect(await readFile(new Blob(["x"]), none, new AbortController().signal)).toEqual([]);
});

describe("a file of text", () => {
  test.each([
    ["with parts is read line by line", "B$2P0200AAAA\r\n\nB$2P0201AAAA\n", ["B$2P0200AAAA", "B$2P0201AAAA"]],
    ["with something else is one text", "wpkh(a)\nwpkh(b)\n", ["wpkh(a)\nwpkh(b)\n"]],
    ["with parts and something else is one text", "B$2P0200AAAA\nhello", ["B$2P0200AAAA\nhello"]],
  ])("%s", async (_name, text, expected) => {
    expect(await textsOf(new File([text], "codes.txt"))).toEqual(expected);
    expect(await textsOf(new File([text], "codes", { type: "text/plain" }))).toEqual(expected);
  });

  test("is JSON, too", async () => {
    expect(await textsOf(new File(["{}"], "coldcard-export.json", { type: "application/json" }))).toEqual(["{}"]);
    expect(await textsOf(new File(["{}"], "EXPORT.JSON"))).toEqual(["{}"]);
  });

  test("is taken up to a size", async () => {
    const file = (size: number) => new File([new Uint8Array(size).fill(0x61)], "a.txt");
    expect(await textsOf(file(TEXT_BYTES_MAX))).toHaveLength(1);
    await expect(read(file(TEXT_BYTES_MAX + 1))).rejects.toThrow(LongTextError);
  });
});
